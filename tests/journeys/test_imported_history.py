"""History twice, shuffled, in pieces: the same facts to the last bit.

The history has counters that do not divide evenly, a reset, contradictions at one instant and
more rows than one batch takes.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from command_line import answer, lineproof
from exact import stored_facts
from textbook_shift import plant_text, shift_rows, write_history

START = datetime(2025, 3, 3, 7, tzinfo=UTC)
END = START + timedelta(days=9)
EVERY_DAY = "mon, tue, wed, thu, fri, sat, sun"
Row = tuple[datetime, str, str, str]


def history(days: range, seconds_between: int = 7) -> list[Row]:
    """Shifts with a dense total count besides: a third of an item more at each reading, and a
    counter that starts again every third day."""
    rows: list[Row] = []
    for day in days:
        start = START + timedelta(days=day)
        rows += [row for row in shift_rows(start, "press-l1", day % 3) if row[2] != "total_count"]
        for second in range(0, 8 * 3600, seconds_between):
            at = start + timedelta(seconds=second, microseconds=day)
            made = 12_345.678 * (day % 3) + second / 3
            rows.append((at, "press-l1", "total_count", repr(made)))
        twice = start + timedelta(minutes=70)
        rows += [(twice, "press-l1", "state", "stopped"), (twice, "press-l1", "state", "fault")]
    return rows


class Folder:
    """A data folder with the one-line plant."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.data = folder / "data"
        plant = folder / "plant.yaml"
        plant.write_text(plant_text({"l1": (START, EVERY_DAY)}, "UTC"))
        lineproof("apply", "-f", plant, "--data", self.data)

    def take(self, *files: Path) -> Any:
        return answer("import", "--data", self.data, "--line", "l1", *files)

    @property
    def facts(self) -> list[str]:
        return stored_facts(self.data, "l1", START, END)

    def kpi(self) -> Any:
        window = ("--start", START.isoformat(), "--end", END.isoformat())
        return answer("kpi", "--data", self.data, "--line", "l1", *window, "--by", "hour")


@pytest.fixture(scope="module")
def week() -> list[Row]:
    return history(range(7), seconds_between=3)


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory, week: list[Row]) -> Folder:
    """The week in its own order."""
    root = tmp_path_factory.mktemp("straight")
    folder = Folder(root / "node")
    [file] = folder.take(write_history(root / "week.csv", week))["files"]
    assert file["rows"] == len(week)
    assert file["batches"] > 2  # or shuffling would be too easy
    return folder


def test_a_file_twice_changes_nothing(tmp_path: Path) -> None:
    rows = history(range(2))
    folder = Folder(tmp_path / "node")
    file = write_history(tmp_path / "days.csv", rows)
    first = folder.take(file)
    facts, kpi = folder.facts, folder.kpi()
    assert facts
    second = folder.take(file)
    assert not first["files"][0]["already_imported"]
    assert second["files"][0]["already_imported"]
    assert second["files"][0]["batches"] == 0
    assert second["slices"] == 0
    assert (folder.facts, folder.kpi()) == (facts, kpi)
    again = write_history(tmp_path / "other-name.csv", rows[::-1])  # the same rows
    assert folder.take(again)["files"][0]["already_imported"]
    assert (folder.facts, folder.kpi()) == (facts, kpi)
    sentence = lineproof("import", "--data", folder.data, "--line", "l1", file).output
    assert "nothing changed" in sentence


def test_more_of_the_same_rows_double_nothing(tmp_path: Path) -> None:
    """A second export that overlaps the first one: rows count once."""
    whole, parts = Folder(tmp_path / "whole"), Folder(tmp_path / "parts")
    rows = history(range(3))
    third = len(rows) // 3
    whole.take(write_history(tmp_path / "whole.csv", rows))
    parts.take(write_history(tmp_path / "first.csv", rows[: 2 * third]))
    parts.take(write_history(tmp_path / "second.csv", rows[third:]))
    assert whole.facts
    assert parts.facts == whole.facts


def test_shuffled_rows_give_the_same_facts(
    tmp_path: Path, week: list[Row], straight: Folder
) -> None:
    rows = week.copy()
    random.Random(8).shuffle(rows)
    shuffled = Folder(tmp_path / "node")
    shuffled.take(write_history(tmp_path / "week.csv", rows))
    assert straight.facts
    assert shuffled.facts == straight.facts
    assert shuffled.kpi() == straight.kpi()


def test_late_files_give_the_same_facts(tmp_path: Path) -> None:
    """Out of order between files and commands: thingsboard/thingsboard#1769, #3119."""
    files = [
        write_history(tmp_path / f"day-{day}.csv", history(range(day, day + 1))) for day in range(3)
    ]
    together = Folder(tmp_path / "together")
    together.take(*files)
    backwards = Folder(tmp_path / "backwards")
    for file in files[::-1]:
        backwards.take(file)
    assert together.facts
    assert backwards.facts == together.facts
