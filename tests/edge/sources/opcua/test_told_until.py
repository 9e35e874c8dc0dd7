"""Until when all of a machine is on disk: what the next run reads of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.sources.opcua.told_until import ToldUntil

UNTIL = datetime(2026, 3, 2, 8, 0, 0, 250_000, tzinfo=UTC)
URL = "opc.tcp://10.0.0.5:4840"


def test_what_was_kept_is_read_by_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "told" / "a-line-m.json"
    assert ToldUntil(path, URL, "one").read() is None
    ToldUntil(path, URL, "one").write(UNTIL)
    assert ToldUntil(path, URL, "one").read() == UNTIL


def test_of_another_server_or_another_profile_it_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    ToldUntil(path, URL, "one").write(UNTIL)
    assert ToldUntil(path, f"{URL}1", "one").read() is None
    assert ToldUntil(path, URL, "two").read() is None


@pytest.mark.parametrize(
    "text", ["", "[", "[]", "null", "\0", '{"of": 1}', "[" * 100_000, '{"of": OF, "until": 5}',
             '{"of": OF, "until": "yesterday"}', '{"of": OF, "until": "2026-03-02T08:00:00"}'],
)  # fmt: skip
def test_rubbish_says_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    told = ToldUntil(path, URL, "two")
    told.write(UNTIL)
    kept = path.read_text()
    path.write_text(text.replace("OF", kept[kept.index('"', 5) : kept.index(",")]))
    assert told.read() is None


def test_a_folder_that_cannot_be_written_costs_no_more(tmp_path: Path) -> None:
    (tmp_path / "told").write_text("a file")
    told = ToldUntil(tmp_path / "told" / "a.json", URL, "two")
    told.write(UNTIL)
    assert told.read() is None
