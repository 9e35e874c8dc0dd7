"""Whatever lies in the archive: doctor tells it, and rebuild passes it over with a sentence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from archived import flip, in_former_layout, lying
from bad_batches import header_fields, line_of, signed
from command_line import run as run_command
from sender import Sender, counts

from collector.intake.collector import Collector
from lineproof.upkeep.doctor import examine
from lineproof.upkeep.findings import Finding
from lineproof.upkeep.rebuild import rebuild_folder
from store.node.opening import open_stores

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node with three batches of one agent."""
    folder = tmp_path_factory.mktemp("archive") / "node"
    with open_stores(folder) as stores:
        sender = Sender()
        stores.registry.agents.enrol(sender.name, sender.public_key, NOW)
        collector = Collector(stores.telemetry, stores.archive, stores.registry.agents, lambda: NOW)
        for number in (1, 2, 3):
            collector.receive(sender.seal(counts(number)).to_bytes())
        collector.close()
    return folder


@pytest.fixture
def node(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "node")


def found(node: Path) -> dict[str, Finding]:
    with open_stores(node) as stores:
        return {it.subject: it for it in examine(stores, NOW)}


def test_an_archive_of_the_ledger_alone_is_well(node: Path) -> None:
    assert found(node)["archive"].status == "ok"


def _bad_header(batches: Path) -> Path:
    """What an earlier version took in: signed, archived, and read by nobody."""
    sender = Sender()
    line = line_of(header_fields(sender) | {"number": float("nan")})
    return _put(batches, "ab" * 32, signed(sender, line, b""))


def _put(batches: Path, digest: str, data: bytes) -> Path:
    path = batches / digest[:2] / digest[2:4] / f"{digest}.batch"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _folder(batches: Path) -> Path:
    path = batches / "ab" / "cd" / f"{'abcd' * 16}.batch"
    path.mkdir(parents=True)
    return path


def _strange_name(batches: Path) -> Path:
    path = batches / "ab" / "cd" / "notes.txt"
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    return path


def _in_another_folder(batches: Path) -> Path:
    path = batches / "00" / "00" / f"{'abcd' * 16}.batch"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    return path


def _dangling(batches: Path) -> Path:
    path = batches / "ab" / "cd" / f"{'abcd' * 16}.batch"
    path.parent.mkdir(parents=True)
    path.symlink_to("/nowhere")
    return path


STRANGE: list[Callable[[Path], Path]] = [_folder, _strange_name, _in_another_folder, _dangling]
MALFORMED: list[Callable[[Path], Path]] = [
    _bad_header,
    lambda batches: _put(batches, "cd" * 32, b""),
    lambda batches: _put(batches, "cd" * 32, b"\0" * 3_000_000),
    lambda batches: _put(batches, "cd" * 32, b"lineproof-batch/1\n" + b"[" * 100_000),
]


@pytest.mark.parametrize("spoil", STRANGE + MALFORMED, ids=range(8))
def test_what_is_no_batch_is_told_and_passed_over(
    node: Path, spoil: Callable[[Path], Path]
) -> None:
    path = spoil(node / "archive" / "batches")
    finding = found(node)["archive"]
    assert (finding.status, path.stem in finding.detail) == ("problem", True)
    replayed = rebuild_folder(node, NOW).replayed
    assert (replayed.batches, replayed.samples) == (3, 30)
    assert replayed.unreadable == [str(path)] * (spoil in STRANGE)
    assert dict(replayed.quarantine) == ({"malformed": 1} if spoil in MALFORMED else {})


def test_the_command_says_what_it_passed_over(node: Path) -> None:
    path = _folder(node / "archive" / "batches")
    outcome = run_command("rebuild", "--data", node, "--json")
    assert outcome.status == 1, outcome.errors
    document = json.loads(outcome.output)
    assert (document["ok"], document["unreadable"]) == (False, [str(path)])
    assert f"the first is {path}" in run_command("rebuild", "--data", node).output


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b'{"digest": 5, "received": 1, "latest": 1}',
        b'{"digest": "\\ud800", "received": 1e300, "latest": NaN}',
        b'{"digest": "x", "received": 1, "latest": 999999999999999999999999}',
        b"[" * 100_000,
        b"\xff\xfe\n\n\0",
    ],
)
def test_a_damaged_line_of_arrivals_costs_itself_alone(node: Path, line: bytes) -> None:
    in_former_layout(node / "archive")
    (month,) = (node / "archive" / "arrivals").glob("*.jsonl")
    month.write_bytes(line + b"\n" + month.read_bytes())
    replayed = rebuild_folder(node, NOW).replayed
    assert (replayed.samples, replayed.missing, replayed.undated) == (30, 0, 0)


def test_a_batch_that_the_ledger_does_not_know_is_told(node: Path) -> None:
    sender = Sender()
    with open_stores(node) as stores:
        record = stores.telemetry.last_batch(sender.name)
    assert record is not None
    sender.number, sender.previous = 4, record.digest
    batch = sender.seal(counts(4))
    _put(node / "archive" / "batches", batch.header.digest, batch.to_bytes())
    assert found(node)["archive"].status == "warning"
    assert rebuild_folder(node, NOW).replayed.batches == 4
    assert found(node)["archive"].status == "ok"


@pytest.mark.parametrize("part", ["head", "bytes"])
def test_a_damaged_batch_is_named_and_costs_itself_alone(node: Path, part: str) -> None:
    second = lying(node / "archive")[1]
    flip(second.segment, second.head + 20 if part == "head" else second.end - 1)
    outcome = run_command("rebuild", "--data", node, "--yes", "--json")
    assert outcome.status == 1
    document = json.loads(outcome.output)
    (named,) = document["unreadable"]
    assert named.startswith(f"{second.segment} at byte {second.head}")
    assert (document["missing"], document["quarantined"]) == (1, 0)
    with open_stores(node) as stores:
        assert [it.number for it in stores.telemetry.batches()] == [1, 3]


def test_quarantine_that_is_full_is_told(node: Path) -> None:
    with open_stores(node) as stores:
        kept = stores.archive.quarantine
        kept.max_bytes = 1 << 20
        for number in range(20):
            kept.keep_of_stranger(bytes([number]) * 60_000, "malformed")
        (finding,) = (it for it in examine(stores, NOW) if it.subject == "quarantine")
    assert "996 of at most 1024 KiB are taken" in finding.detail
