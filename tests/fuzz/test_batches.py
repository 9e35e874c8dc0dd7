"""Batches that are changed at every level: bytes, header, payload, rows. Each is answered.

The seeds are what agents sealed: of the recorded machines, of a counter, spans alone, rejections.
Whatever comes, the intake answers with a status of the contract and never with an error of its
own; what is refused leaves the archive as it was; what is taken can be stored, computed with and
rebuilt.
"""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from bad_batches import line_of, signed
from fastapi import FastAPI
from fuzzing import anything, changed, inputs
from hypothesis import given
from hypothesis import strategies as st
from sample_rows import fitting, samples
from sender import Sender, counts

from collector.facts.keeper import FactsKeeper
from collector.intake.collector import Collector
from collector.intake.http import router
from device_profiles.files.catalogue import PACKAGED, load, names
from device_profiles.proving.check import replay
from device_profiles.proving.recording import read_recording
from domain.batch_header import MAGIC
from domain.batches import payload_digest
from domain.frames import REJECTIONS, SAMPLES
from domain.samples import Rejection, Sample, Span
from domain.time import micros
from edge.spool.sealing import rejections_frame, samples_frame
from lineproof.upkeep.apply import apply_files
from lineproof.upkeep.rebuild import rebuild_folder
from store.node.opening import Stores, open_stores

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PLANT = Path(__file__).parents[1] / "store" / "files" / "examples" / "plant.yaml"
ANSWERS = {200, 400, 403, 409, 413, 422}


def recorded() -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """What the packaged profiles make of their recordings."""
    for name in names():
        recording = read_recording(PACKAGED / name / "recording.jsonl")
        if recording is not None:
            items = replay(load(name, recording.parameters), recording.readings)
            yield (
                samples_frame([it for it in items if isinstance(it, Sample)]),
                rejections_frame([it for it in items if isinstance(it, Rejection)]),
            )


CONTENTS = [
    *recorded(),
    (samples(*fitting()), REJECTIONS.to_frame()),
    (counts(1), rejections_frame([Rejection("filler-1", "filler", "x", "?", None, NOW, "none")])),
    (SAMPLES.to_frame(), REJECTIONS.to_frame()),
]
SPANS = [Span("filler-1", "filler", NOW - timedelta(hours=it + 1), NOW) for it in range(3)]


class Intake:
    """An intake in memory, driven without sockets; `sender` is enrolled."""

    def __init__(self, stores: Stores) -> None:
        self.sender = Sender()
        self.stores = stores
        stores.registry.agents.enrol(self.sender.name, self.sender.public_key, NOW)
        self.collector = Collector(
            stores.telemetry, stores.archive, stores.registry.agents, lambda: NOW
        )
        self.app = FastAPI()
        self.app.include_router(router(self.collector))
        self.loop = asyncio.new_event_loop()
        self.archived = 0

    def answers(self, data: bytes) -> int:
        """The status; checks that the answer is one of the contract."""
        status, document = self.loop.run_until_complete(self._post(data))
        assert status in ANSWERS, (status, document)
        if status == 200:
            if document["status"] == "accepted":
                self.sender.number, self.sender.previous = (
                    document["number"] + 1,
                    document["digest"],
                )
                self.archived += 1
        else:
            assert document["status"] == status
            assert len(document["detail"]) < 600
        return status

    async def _post(self, data: bytes) -> tuple[int, dict[str, Any]]:
        said: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": data, "more_body": False}

        async def send(message: Any) -> None:
            said.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/api/v1/batches",
            "raw_path": b"/api/v1/batches",
            "query_string": b"",
            "headers": [],
            "http_version": "1.1",
        }
        await self.app(scope, receive, send)
        return said[0]["status"], json.loads(said[1]["body"])


@pytest.fixture(scope="module")
def intake() -> Iterator[Intake]:
    """In memory where there is such a disk, so that the speed of a disk does not count."""
    in_memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=in_memory if in_memory.is_dir() else None))
    with open_stores(folder) as stores:
        apply_files(stores.registry, [PLANT], NOW)
        made = Intake(stores)
        yield made
        made.collector.close()
        FactsKeeper(stores.telemetry, stores.registry.facts_basis, lambda: NOW).refresh()
        archived = list(stores.archive.digests())
    assert len(archived) == made.archived
    replayed = rebuild_folder(folder, NOW).replayed
    assert (replayed.batches, replayed.quarantined) == (len(archived), 0)
    shutil.rmtree(folder)


@cache
def _sealed(which: int, spans: int) -> tuple[dict[str, Any], bytes]:
    batch = Sender().seal(*CONTENTS[which], SPANS[:spans])
    return json.loads(batch.header.to_line()) | {"sealed_at": micros(NOW)}, batch.payload


def sealed(sender: Sender, which: int, spans: int) -> tuple[dict[str, Any], bytes]:
    """Header and payload of the sender's next batch. (What is drawn must not depend on where its
    chain stands.)"""
    fields, payload = _sealed(which, spans)
    return fields | {"number": sender.number, "previous": sender.previous}, payload


ANY = (st.integers(0, len(CONTENTS) - 1), st.integers(0, 3))


@inputs(60)
@given(*ANY, st.data())
def test_changed_bytes(intake: Intake, which: int, spans: int, data: st.DataObject) -> None:
    fields, payload = _sealed(which, spans)
    whole = signed(intake.sender, line_of(fields), payload)
    intake.answers(data.draw(changed([whole, whole[: len(whole) // 2], MAGIC + b"{}\n"])))


@inputs(60)
@given(*ANY, st.data())
def test_a_changed_header_that_is_signed(
    intake: Intake, which: int, spans: int, data: st.DataObject
) -> None:
    fields, payload = sealed(intake.sender, which, spans)
    names = st.sampled_from([*fields, "colour"])
    fields |= data.draw(st.dictionaries(names, anything, min_size=1, max_size=2))
    intake.answers(signed(intake.sender, line_of(fields), payload))


@inputs(60)
@given(*ANY, st.data())
def test_changed_bytes_of_a_header_that_is_signed(
    intake: Intake, which: int, spans: int, data: st.DataObject
) -> None:
    fields, payload = _sealed(which, spans)
    intake.answers(signed(intake.sender, data.draw(changed([line_of(fields)])), payload))


@inputs(60)
@given(*ANY, st.data())
def test_a_changed_payload_that_is_signed(
    intake: Intake, which: int, spans: int, data: st.DataObject
) -> None:
    fields, payload = sealed(intake.sender, which, spans)
    payload = data.draw(changed([payload]))
    fields |= {"payload_digest": payload_digest(payload)}
    if data.draw(st.booleans()):
        fields |= {"samples_size": len(payload), "rejections": 0}
    intake.answers(signed(intake.sender, line_of(fields), payload))


odd_times = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.integers(631_152_000_000_000, 1_800_000_000_000_000),
    st.none(),
)
odd_texts = st.one_of(
    st.none(),
    st.sampled_from(("filler-1", "filler", "state", "producing", "total_count", "order", "", "\n")),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
)
odd_rows = st.fixed_dictionaries(
    {
        name: {
            pl.String(): odd_texts,
            pl.Float64(): st.one_of(st.none(), st.floats()),
            pl.UInt8(): st.one_of(st.none(), st.integers(0, 255)),
        }.get(kind, odd_times)
        for name, kind in SAMPLES.items()
    }
)


@inputs(30)
@given(st.lists(odd_rows, max_size=8), st.lists(odd_rows, max_size=4))
def test_rows_of_any_content(
    intake: Intake, rows: list[dict[str, Any]], rejected: list[dict[str, Any]]
) -> None:
    physical = pl.Schema(
        {it: pl.Int64() if isinstance(kind, pl.Datetime) else kind for it, kind in SAMPLES.items()}
    )
    frame = pl.DataFrame(rows, schema=physical, orient="row").cast(SAMPLES)
    of_rejections = pl.DataFrame(rejected, schema=physical, orient="row").select(
        "line",
        "machine",
        address=pl.col("signal"),
        raw=pl.col("raw"),
        time=pl.col("time").cast(REJECTIONS["time"]),
        received=pl.col("received").cast(REJECTIONS["received"]),
        reason=pl.col("text"),
    )
    streams = [_stream(it) for it in (frame, of_rejections)]
    fields, _ = sealed(intake.sender, 0, 0)
    payload = b"".join(streams)
    fields |= {
        "samples": frame.height,
        "rejections": of_rejections.height,
        "samples_size": len(streams[0]),
        "payload_digest": payload_digest(payload),
    }
    assert intake.answers(signed(intake.sender, line_of(fields), payload)) == 200


def _stream(frame: pl.DataFrame) -> bytes:
    stream = io.BytesIO()
    level = pl.CompatLevel.oldest()
    frame.write_ipc_stream(stream, compression="zstd", compat_level=level)
    return stream.getvalue()
