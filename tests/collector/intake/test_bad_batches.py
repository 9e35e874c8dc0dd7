"""Each header field with each wrong kind of value, over HTTP: told as malformed, kept, harmless.

All of them are signed by an agent that is enrolled, so that nothing but the rules of a header
stands between them and the archive; and all come once more without a signature that fits.
"""

from __future__ import annotations

import hashlib
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from bad_batches import (
    bad_payloads,
    header_fields,
    line_of,
    malformed_headers,
    odd_samples,
    payload_of,
    signed,
    with_payload,
)
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sender import Sender, counts

from collector.intake.collector import Collector
from collector.intake.http import PATH, router
from domain.frames import REJECTIONS
from lineproof.upkeep.doctor import examine
from lineproof.upkeep.rebuild import rebuild_folder
from store.node.opening import Stores, open_stores

HEADERS = dict(malformed_headers(Sender()))
PAYLOADS = {name: (said, payload) for name, said, payload in bad_payloads(Sender())}
PAYLOAD = payload_of(Sender())[1]
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@dataclass
class Intake:
    folder: Path
    stores: Stores
    client: TestClient
    sender: Sender

    def post(self, data: bytes) -> tuple[int, dict[str, object]]:
        response = self.client.post(PATH, content=data)
        return response.status_code, response.json()

    def unharmed(self) -> None:
        """The next batch of the same agent is taken."""
        status, document = self.post(self.sender.seal(counts(self.sender.number)).to_bytes())
        assert (status, document["status"]) == (200, "accepted")


@pytest.fixture(scope="module")
def intake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Intake]:
    folder = tmp_path_factory.mktemp("bad") / "node"
    with open_stores(folder) as stores:
        sender = Sender()
        stores.registry.agents.enrol(sender.name, sender.public_key, NOW)
        collector = Collector(stores.telemetry, stores.archive, stores.registry.agents, lambda: NOW)
        app = FastAPI()
        app.include_router(router(collector))
        with TestClient(app) as client:
            yield Intake(folder, stores, client, sender)
        collector.close()


def test_there_are_many_of_them() -> None:
    assert len(HEADERS) > 300
    assert len(set(HEADERS.values())) == len(HEADERS)


@pytest.mark.parametrize("name", HEADERS)
def test_a_malformed_header_is_told_and_kept(intake: Intake, name: str) -> None:
    before = set(intake.stores.archive.digests())
    data = signed(intake.sender, HEADERS[name], PAYLOAD)
    status, document = intake.post(data)
    assert (status, document["outcome"]) == (400, "malformed"), document
    assert len(str(document["detail"])) < 400
    assert set(intake.stores.archive.digests()) == before
    digest = hashlib.sha256(data).hexdigest()
    folder = intake.stores.archive.quarantine.folder / "malformed" / digest[:2] / digest[2:4]
    assert (folder / f"{digest}.batch").exists() == (len(data) < 1 << 20)


@pytest.mark.parametrize("name", list(HEADERS)[::9])
def test_it_is_malformed_whoever_signed_it(intake: Intake, name: str) -> None:
    status, document = intake.post(signed(intake.sender, HEADERS[name], PAYLOAD, forged=True))
    assert (status, document["outcome"]) == (400, "malformed"), document


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_payload_that_is_no_frame_is_told_and_kept(intake: Intake, name: str) -> None:
    said, payload = PAYLOADS[name]
    before = set(intake.stores.archive.digests())
    status, document = intake.post(with_payload(intake.sender, said, payload))
    assert (status, document["outcome"]) == (422, "bad_payload"), document
    assert set(intake.stores.archive.digests()) == before


def test_a_bomb_is_refused_before_it_is_unpacked(intake: Intake) -> None:
    said, payload = PAYLOADS["a bomb"]
    assert len(payload) < 100_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status, document = intake.post(with_payload(intake.sender, said, payload))
    assert status == 422
    assert "when unpacked" in str(document["detail"])
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


def test_rows_that_cannot_be_right_cost_themselves_alone(intake: Intake) -> None:
    odd = odd_samples()
    rejected = pl.DataFrame(
        [(None, "a\nb", None, "x" * 5_000, None, None, None)], schema=REJECTIONS, orient="row"
    ).with_columns(time=pl.lit(2**63 - 1).cast(REJECTIONS["time"]))
    taken = counts(1, rows=1).height
    before = intake.stores.telemetry.rejection_counts()["count"].sum()
    status, document = intake.post(intake.sender.seal(odd, rejected).to_bytes())
    assert status == 200, document
    record = intake.stores.telemetry.last_batch(intake.sender.name)
    assert record is not None
    assert record.samples == taken
    rejections = intake.stores.telemetry.rejection_counts()
    assert rejections["count"].sum() - before == odd.height - taken + 1
    assert not intake.stores.telemetry.rejections().is_empty()


def test_an_agent_whose_clock_begins_in_1970_is_heard(intake: Intake) -> None:
    fields = header_fields(intake.sender) | {
        "sealed_at": 5,
        "spans": [["filler-1", "filler", 1, 2_000_000]],
    }
    status, document = intake.post(
        signed(intake.sender, line_of(fields), payload_of(intake.sender)[1])
    )
    assert (status, document.get("status")) == (200, "accepted"), document
    intake.sender.number += 1
    intake.sender.previous = str(document["digest"])


def test_after_all_of_it_the_node_is_whole(intake: Intake) -> None:
    intake.unharmed()
    found = {it.subject: it for it in examine(intake.stores, NOW)}
    assert found["chain agent-1"].status == "ok"
    assert found["archive"].status == "ok"
    assert "malformed" in found["quarantine"].detail


def test_rebuild_makes_the_same_of_it(tmp_path: Path) -> None:
    with open_stores(tmp_path) as stores:
        sender = Sender()
        stores.registry.agents.enrol(sender.name, sender.public_key, NOW)
        collector = Collector(stores.telemetry, stores.archive, stores.registry.agents, lambda: NOW)
        assert collector.receive(sender.seal(odd_samples()).to_bytes()).acknowledged
        collector.close()
        before = stores.telemetry.rejections()
    summary = rebuild_folder(tmp_path, NOW)
    assert (summary.replayed.batches, summary.replayed.quarantined) == (1, 0)
    with open_stores(tmp_path) as stores:
        assert stores.telemetry.rejections().equals(before)
