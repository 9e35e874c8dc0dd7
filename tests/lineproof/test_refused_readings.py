"""Readings of counters that were not believed are named: by import and doctor, with machine and
day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from command_line import answer, lineproof
from import_plant import HEADER, NOW, PLANT, Write, run

from lineproof import refused_readings as module
from lineproof.refused_readings import RefusedReadings, refused_readings
from lineproof.upkeep.doctor import examine
from store.node.opening import Stores

START = datetime(2026, 3, 2, 7, tzinfo=ZoneInfo("Asia/Hong_Kong"))
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def rows(wrong: dict[tuple[str, int], float], minutes: int = 240, leap: int = 10**6) -> str:
    """A line that produces: the counters of its machines every ten minutes, with wrong values at
    some; from minute `leap` on the filler has counted a million more."""
    text = f"{HEADER}{START.isoformat()},filler,state,producing\n"
    for minute in range(0, minutes, 10):
        at = (START + timedelta(minutes=minute)).isoformat()
        for machine, signal, value in (
            ("filler", "total_count", 5000.0 + 20 * minute + 1e6 * (minute >= leap)),
            ("filler", "reject_count", 100.0 + minute / 10),
            ("meter", "energy", 1250.0 + minute / 20),
        ):
            text += f"{at},{machine},{signal},{wrong.get((signal, minute), value)}\n"
    return text


def told(stores: Stores) -> list[RefusedReadings]:
    plant = stores.registry.plants.of_line("filler-1")
    return refused_readings(stores.telemetry, plant, plant.lines["filler-1"])


@pytest.mark.parametrize(
    ("wrong", "machine", "role", "count"),
    [
        ({("energy", 60): 0.0}, "meter", "energy", 1),
        ({("total_count", 60): 65535.0, ("total_count", 70): 65535.0}, "filler", "total_count", 2),
        ({("reject_count", 60): 0.0, ("reject_count", 180): 7000.0}, "filler", "reject_count", 2),
        ({("total_count", 120): 0.0}, "filler", "total_count", 1),  # on the border of an hour
        ({("energy", 230): 9e9}, "meter", "energy", 1),  # the last one leaps
    ],
)
def test_machine_counter_and_day_are_named(
    stores: Stores, write: Write, wrong: dict[tuple[str, int], float], machine: str, role: str,
    count: int,
) -> None:  # fmt: skip
    summary = run(stores, write(rows(wrong)))
    (found,) = told(stores)
    assert (found.machine, found.role, found.days) == (machine, role, ((MONDAY, count),))
    assert summary.refused == (found,)
    assert found.leapt == (wrong.get((role, 230)) is not None)


def test_where_all_is_well_nothing_is_named(stores: Stores, write: Write) -> None:
    assert run(stores, write(rows({}))).refused == ()
    assert told(stores) == []


def test_each_day_has_its_count_and_a_leap_is_named_apart(stores: Stores, write: Write) -> None:
    wrong = {("total_count", it): 0.0 for it in (60, 100, 26 * 60)}
    run(stores, write(rows(wrong, minutes=28 * 60, leap=27 * 60)))
    zeros, leap = told(stores)
    assert (zeros.leapt, zeros.days) == (False, ((MONDAY, 2), (TUESDAY, 1)))
    assert (leap.leapt, leap.days) == (True, ((TUESDAY, 1),))
    assert "3 readings of total_count of machine 'filler' were not believed" in zeros.detail
    assert "(2 on 2026-03-02, 1 on 2026-03-03)" in zeros.detail
    assert "max_rate_per_s" in leap.todo


def test_of_very_many_hours_the_newest_are_looked_at(
    stores: Stores, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MANY", 2)  # one with facts, and the last one
    run(stores, write(rows({("energy", 60): 0.0, ("energy", 180): 0.0})))
    (found,) = told(stores)
    assert (found.days, found.more) == (((MONDAY, 1),), True)
    assert "and earlier ones" in found.detail


def test_doctor_warns_of_them(stores: Stores, write: Write) -> None:
    run(stores, write(rows({("energy", 60): 0.0})))
    found = {it.subject: it for it in examine(stores, NOW)}["energy filler-1/meter"]
    assert found.status == "warning"
    assert "1 reading of energy of machine 'meter' was not believed (1 on 2026-03-02)" in (
        found.detail
    )
    assert found.todo


def test_the_command_says_so_when_it_is_done(tmp_path: Path) -> None:
    plant, file = tmp_path / "plant.yaml", tmp_path / "history.csv"
    plant.write_text(PLANT.format(zone="Asia/Hong_Kong", machine="filler"))
    file.write_text(rows({("energy", 60): 0.0}))
    node = ("--data", tmp_path / "node")
    lineproof("apply", "-f", plant, *node)
    done = lineproof("import", "--line", "filler-1", *node, file)
    assert "1 reading of energy of machine 'meter' was not believed" in done.errors
    again = answer("import", "--line", "filler-1", *node, file)
    assert again["refused_readings"] == [
        {
            "machine": "meter",
            "counter": "energy",
            "leapt": False,
            "days": {"2026-03-02": 1},
            "more": False,
        }
    ]
