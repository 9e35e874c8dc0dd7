"""One story on every set-up: history is imported, batches come in live, somebody corrects, more
batches come, and the officer gets verdicts and a dossier. The figures are the same to the digit and
the facts to the bit, wherever registry, telemetry and sealed batches are kept and however many
processes keep them.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
from command_line import answer, lineproof, start
from exact import stored_facts
from influx import influx_server
from object_stores import ObjectServer, object_server
from peers import PATIENCE_S, ROOT, free_port, local_get, wait_until
from postgres import postgres_server
from sender import Sender

from domain.batches import SealedBatch
from domain.frames import SAMPLES
from domain.samples import Span
from lineproof.run.settings import load_collector_settings, remember_store

EXAMPLES = ROOT / "docs" / "examples"
LINE, PROJECT = "press-1", "NIFS-2026-001"
MACHINE = "press"
FIRST_HOUR = datetime(2026, 3, 2, 23, tzinfo=UTC)  # the third of March, 07:00, in Hong Kong
HOURS = 8
WINDOW = ("--start", "2026-03-01", "--end", "2026-04-01")
ALL_TIME = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class SetUp:
    """`folder`: of everything; so many collectors. `settings`: of the stores of each part."""

    folder: Path
    collectors: int
    settings: str

    @property
    def asked(self) -> Path:
        """The data folder in which people ask. With one collector it is that one's."""
        return self.folder / "part-0"

    @property
    def taking(self) -> list[Path]:
        """The data folders of the collectors."""
        if self.collectors == 1:
            return [self.asked]
        return [self.folder / f"part-{number + 1}" for number in range(self.collectors)]


@pytest.fixture(scope="module")
def set_ups(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, SetUp]]:
    with ExitStack() as running:
        folder = tmp_path_factory.mktemp("set-ups")
        postgres = running.enter_context(postgres_server())
        influx = running.enter_context(influx_server(folder / "influx"))
        rclone = running.enter_context(object_server("rclone", folder / "rclone"))
        moto = running.enter_context(object_server("moto", folder / "moto"))
        given = {
            "a folder": (1, ""),
            "PostgreSQL, InfluxDB and S3": (
                1,
                f"registry: {postgres.empty()}\nstore: influxdb\n"
                f"influxdb: {{url: '{influx.url}', organisation: {influx.org}, "
                f"bucket: {influx.new_bucket()}, token: {influx.token}}}\n{_archive(moto)}",
            ),
            "facts in PostgreSQL and S3": (
                3,
                f"registry: {postgres.empty()}\nstore: postgresql\n{_archive(rclone)}",
            ),
        }
        found = {}
        for name, (collectors, settings) in given.items():
            place = folder / name.replace(" ", "-")
            place.mkdir()
            found[name] = SetUp(place, collectors, settings)
        yield found


def _archive(server: ObjectServer) -> str:
    place = server.place()
    return (
        f"archive: {{url: '{place.url}', endpoint: '{place.endpoint}', key_id: '{place.key_id}', "
        f"secret: '{place.secret}'}}\n"
    )


def test_the_same_story_ends_the_same_everywhere(set_ups: dict[str, SetUp]) -> None:
    here, *others = (told(it) for it in set_ups.values())
    shifts, verdicts, corrections, facts = here
    assert len(shifts) > 1
    assert next(it["status"] for it in verdicts["milestones"]) == "met"
    assert len(corrections) == 1
    assert len(facts) > 20
    for there in others:
        assert there == here


def told(it: SetUp) -> tuple[Any, Any, Any, list[str]]:
    """What the set-up says in the end."""
    sender = Sender("agent-1")
    for data in {it.asked, *it.taking}:
        data.mkdir()
        file = data.with_suffix(".yaml")
        keys = f"{{{sender.name}: {b64encode(sender.public_key).decode()}}}"
        own = f"data: {data}\nport: {free_port()}\ntls: 'off'\nagents: {keys}\n"
        file.write_text(own + it.settings)
        remember_store(data / "store.yaml", load_collector_settings(file).store_settings)
    files = ("-f", EXAMPLES / "plant.yaml", "-f", EXAMPLES / "grant.yaml")
    lineproof("apply", "--data", it.asked, *files)
    lineproof("import", "--data", it.asked, "--line", LINE, EXAMPLES / "history.csv")
    with taking(it.taking) as urls:
        hand_over(urls, [sealed(sender, hour) for hour in range(HOURS // 2)])
        wait_until(partial(are_facts_kept, urls[0]), "the facts to be kept")
    rejected = ("--kind", "quantity", "--element", "reject_count", "--amount", "40")
    at = ("--start", "2026-03-03T09:00", "--end", "2026-03-03T09:20", "--author", "Chan")
    lineproof("correct", "--data", it.asked, "--line", LINE, *rejected, *at)
    with taking(it.taking) as urls:
        hand_over(urls, [sealed(sender, hour) for hour in range(HOURS // 2, HOURS)])
        wait_until(partial(are_facts_kept, urls[0]), "the facts to be kept")
    return figures(it.asked)


def sealed(sender: Sender, hour: int) -> SealedBatch:
    """An hour of the line: 3,500 items, the last minutes standing still."""
    start = FIRST_HOUR + timedelta(hours=hour)
    made = 20_000.0 + 3500 * hour
    rows = [
        ("state", start, None, "producing"),
        *(
            ("total_count", start + timedelta(minutes=10 * n), made + 700 * n, None)
            for n in range(6)
        ),
        ("state", start + timedelta(minutes=50), None, "stopped"),
    ]
    samples = pl.DataFrame(
        [(LINE, MACHINE, signal, at, at, value, text, 0, None)
         for signal, at, value, text in rows],
        schema=SAMPLES, orient="row",
    )  # fmt: skip
    return sender.seal(samples, spans=[Span(LINE, MACHINE, start, start + timedelta(hours=1))])


@contextmanager
def taking(folders: Sequence[Path]) -> Iterator[list[str]]:
    """A collector on each of the folders, for the length of the block; their addresses."""
    running = []
    for data in folders:
        config = data.with_suffix(".yaml")
        log = data.with_suffix(".log")
        running.append((config, log, start("collector", "--config", config, output=log)))
    urls = [f"http://127.0.0.1:{load_collector_settings(it).port}" for it, _, _ in running]
    try:
        for url, (_, log, _) in zip(urls, running, strict=True):
            ready = partial(_is_ready, f"{url}/api/v1/health/ready")
            wait_until(ready, f"a collector to be ready (see {log})")
        yield urls
    finally:
        for _, log, process in running:
            process.terminate()
            assert process.wait(PATIENCE_S) == 0, log.read_text()[-2000:]


def _is_ready(url: str) -> bool:
    try:
        return local_get(url).is_success
    except httpx.HTTPError:
        return False


def hand_over(urls: Sequence[str], batches: Sequence[SealedBatch]) -> None:
    """Each to the next collector, and once more to the one behind it: it is stored once."""
    with httpx.Client(verify=False, timeout=PATIENCE_S) as client:
        for number, batch in enumerate(batches):
            for which in (number, number + 1):
                url = f"{urls[which % len(urls)]}/api/v1/batches"
                answered = client.post(url, content=batch.to_bytes())
                assert answered.status_code == httpx.codes.OK, answered.text


def are_facts_kept(url: str) -> bool:
    """Whether a collector finds nothing of which facts are still to be computed."""
    found = local_get(f"{url}/api/v1/health/findings").raise_for_status().json()["findings"]
    (facts,) = [it for it in found if it["subject"] == "facts"]
    return bool(facts["detail"] == "up to date")


def figures(data: Path) -> tuple[Any, Any, Any, list[str]]:
    """Shifts, verdicts and corrections as JSON, without what every node has of its own (times of
    recording, a ledger), and the stored facts, which are the same when all is made anew. The
    dossier must hold, and the doctor be content."""
    shifts = answer("kpi", "--data", data, "--line", LINE, *WINDOW, "--by", "shift")
    as_of = ("--as-of", "2026-07-01T00:00+08:00")
    verdicts = answer("milestones", "--data", data, "--project", PROJECT, *as_of)
    for it in verdicts["milestones"]:
        it["evidence"].pop("checkpoint", None)
    corrections = answer("corrections", "--data", data, "--line", LINE)
    for it in corrections:
        del it["id"], it["recorded_at"]
    facts = stored_facts(data, LINE, *ALL_TIME)
    dossier = data.with_suffix(".zip")
    lineproof("dossier", "--data", data, "--project", PROJECT, "--out", dossier)
    held = answer("verify", dossier)
    assert held["verified"], held
    found = answer("doctor", "--data", data)
    assert [it for it in found["findings"] if it["status"] == "problem"] == []
    lineproof("rebuild", "--data", data)
    assert stored_facts(data, LINE, *ALL_TIME) == facts
    return shifts, verdicts, corrections, facts
