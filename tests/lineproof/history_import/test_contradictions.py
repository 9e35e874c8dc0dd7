"""Files that say several things at one instant: read as what they mean, or the instants named."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from command_line import lineproof
from import_plant import HEADER, Write, facts, run

from analytics import integrity_flags
from store.node.opening import Stores

STEPS = [
    ("07:00", "producing"),
    ("08:00", "producing"), ("08:00", "stopped"),
    ("08:15", "stopped"), ("08:15", "idle"),
    ("09:00", "idle"), ("09:00", "producing"),
    ("12:00", "producing"),
]  # fmt: skip


def file_of(said: list[tuple[str, str]], signal: str = "state") -> str:
    return HEADER + "".join(f"2026-03-02T{at}:00,filler,{signal},{it}\n" for at, it in said)


def hours_of(stores: Stores, state: str) -> float:
    return facts(stores)[f"{state}_us"].sum() / 3.6e9


@pytest.mark.parametrize("seed", range(4))
def test_no_order_of_rows_and_no_cut_into_files_matters(
    stores: Stores, write: Write, seed: int
) -> None:
    orders = itertools.permutations(STEPS)
    said = next(itertools.islice(orders, seed * 9_973, None))
    for number, part in enumerate((said[:3], said[3:4], said[4:])):
        run(stores, write(file_of([*part]), f"{number}.csv"), until="2026-03-02T12:00")
    assert (hours_of(stores, "stopped"), hours_of(stores, "idle")) == (0.25, 0.75)
    bits = integrity_flags.union(facts(stores)["flags"])
    assert not bits & integrity_flags.CONTRADICTION


def test_a_month_that_begins_with_a_change_goes_on_from_the_one_before(
    stores: Stores, write: Write
) -> None:
    run(stores, write(file_of(STEPS[:3]), "1.csv"), until="2026-03-02T08:15")
    summary = run(stores, write(file_of(STEPS[3:]), "2.csv"))
    assert summary.contradictions == ()
    assert (hours_of(stores, "stopped"), hours_of(stores, "idle")) == (0.25, 0.75)


@pytest.mark.parametrize(
    ("signal", "values"),
    [
        ("state", ("idle", "fault")),
        ("mode", ("manual", "maintenance")),
        ("order", ("A", "B")),
        ("product", ("x", "y")),
        ("stop_reason", ("jam", "film")),
    ],
)
def test_what_contradicts_itself_is_named(
    stores: Stores, write: Write, signal: str, values: tuple[str, str]
) -> None:
    rows = file_of([("07:00", "producing"), ("12:00", "producing")])
    odd = file_of([("10:30", value) for value in values], signal).removeprefix(HEADER)
    (found,) = run(stores, write(rows + odd)).contradictions
    assert (found.machine, found.signal, found.count) == ("filler", signal, 1)
    assert [at.isoformat() for at in found.first] == ["2026-03-02T10:30:00+08:00"]
    flags = facts(stores).filter(facts(stores)["flags"] & integrity_flags.CONTRADICTION > 0)
    assert flags["start"].min().hour == 2  # 10:00 in Hong Kong


def test_the_command_says_it(tmp_path: Path, stores: Stores, write: Write) -> None:
    said = [("07:00", "idle"), *(("08:00", it) for it in ("fault", "off")), ("12:00", "idle")]
    path, data = write(file_of(said)), stores.folder.path
    stores.close()
    done = lineproof("import", "--data", data, "--line", "filler-1", "--json", path)
    assert "several new values of state at one instant (2026-03-02T08:00:00+08:00)" in done.errors
    (odd,) = json.loads(done.output)["contradictions"]
    assert odd["first"] == ["2026-03-02T08:00:00+08:00"]
    found = " ".join(lineproof("doctor", "--data", data).output.split())
    assert "line 'filler-1': machine 'filler' has several new values of state" in found


def test_a_row_without_a_time_that_can_be_read_ends_nothing_and_is_told(
    stores: Stores, write: Write
) -> None:
    said = [("07:00", "producing"), ("12:00", "producing")]
    text = file_of(said) + "2026-03-02T09.30,filler,state,stopped\n"
    (file,) = run(stores, write(text), keep_good=True).files
    assert file.rejected == 1
    (warning,) = file.warnings
    assert "the time of 1 of the rows cannot be read" in warning
    assert hours_of(stores, "producing") == 5.0
