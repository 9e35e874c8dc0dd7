"""What counters may have counted besides: of each counter, and of what follows from two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import polars as pl
import pytest
from plants import HONG_KONG, local

from analytics import integrity_flags
from analytics.facts.line_facts import line_facts
from domain.corrections import Correction, CorrectionKind
from domain.frames import HISTORY, UTC_US, LineHistory
from domain.plant import Line, Machine, Plant
from domain.signals import REACH_MARGIN

START = local("2026-03-02 07:00")
MINUTE = timedelta(minutes=1)
GROWS = [500.0 + 10 * minute for minute in range(20)]
OLDER = [*GROWS[:12], *(value - 400 for value in GROWS[12:])]  # at the twelfth minute
LEAPS = [*GROWS[:12], *(value + 1e6 for value in GROWS[12:])]
SHOWN = 220.0  # by the older total: no more than that can have been counted


def facts(counters: Mapping[str, Sequence[float]], by_hand: str = "") -> pl.DataFrame:
    """One hour's row of a line that produces, read every minute; of `by_hand` a person counted."""
    rows = [
        ("m", name, START + at * MINUTE, value, None, 0)
        for name, values in counters.items()
        for at, value in enumerate(values)
    ]
    rows.append(("m", "state", START, 1.0, "producing", 0))
    end = START + 19 * MINUTE
    history = LineHistory(
        "l1",
        START - REACH_MARGIN,
        end + REACH_MARGIN,
        pl.DataFrame(rows, schema=HISTORY, orient="row").sort("machine", "signal", "time"),
        pl.DataFrame(
            [("m", START, end)],
            schema={"machine": pl.String, "start": UTC_US, "end": UTC_US},
            orient="row",
        ),
        (_counted(by_hand, end),) if by_hand else (),
    )
    roles = dict.fromkeys(("state", *counters), "m")
    line = Line("l1", {"en": "L"}, {"m": Machine("m", "import")}, roles, None, 1.0)
    plant = Plant("p", HONG_KONG, {"en": "P"}, "", {}, {"l1": line})
    return line_facts(plant, "l1", history, START, end)


def _counted(element: str, end: datetime) -> Correction:
    return Correction(
        "c", "l1", CorrectionKind.QUANTITY, START, end, "operator", START,
        element=element, amount=150.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("counters", "expected"),
    [
        ({"total_count": OLDER}, (SHOWN, None, None, None)),
        ({"total_count": GROWS, "reject_count": OLDER}, (0.0, None, SHOWN, None)),
        ({"total_count": GROWS, "good_count": OLDER}, (SHOWN, SHOWN, None, None)),
        ({"good_count": OLDER, "reject_count": OLDER}, (2 * SHOWN, SHOWN, SHOWN, None)),
        ({"total_count": GROWS, "rework_count": OLDER}, (0.0, None, None, SHOWN)),
    ],
)
def test_an_older_total(
    counters: Mapping[str, Sequence[float]], expected: tuple[float | None, ...]
) -> None:
    found = facts(counters)
    names = [f"{it}_count_missed" for it in ("total", "good", "reject", "rework")]
    assert found.select(names).sum().row(0) == tuple(it or 0.0 for it in expected)
    assert [found[it].null_count() > 0 for it in names] == [it is None for it in expected]
    assert found["total_count_implausible"].sum() == 0.0
    assert not integrity_flags.union(found["flags"]) & integrity_flags.IMPLAUSIBLE_COUNT
    assert integrity_flags.union(found["flags"]) & integrity_flags.COUNTER_RESET


BEGUN = [*GROWS[:12], *(value - 600 for value in GROWS[12:])]  # 20 at the twelfth minute


@pytest.mark.parametrize(
    ("counters", "items"),
    [
        ({"total_count": BEGUN}, 20.0),
        ({"total_count": GROWS, "good_count": BEGUN}, 20.0),
        ({"total_count": BEGUN, "reject_count": BEGUN}, 20.0),
        ({"good_count": BEGUN, "reject_count": BEGUN}, 40.0),
        ({"total_count": GROWS, "rework_count": BEGUN}, 20.0),
        ({"total_count": OLDER}, 0.0),
        ({"total_count": GROWS}, 0.0),
    ],
)
def test_what_was_counted_since_a_reset_may_be_an_older_total(
    counters: Mapping[str, Sequence[float]], items: float
) -> None:
    found = facts(counters)
    assert found["unsure_reset_count"].sum() == items
    assert found["energy_unsure_reset_kwh"].null_count() == found.height
    assert found["unsure_reset_s"].sum() == items


def test_so_may_what_a_meter_shows() -> None:
    found = facts({"total_count": GROWS, "energy": [it / 10 for it in BEGUN]})
    assert found["energy_unsure_reset_kwh"].sum() == pytest.approx(2.0)
    assert found["unsure_reset_count"].sum() == 0.0


def test_a_leap_is_implausible_besides() -> None:
    found = facts({"total_count": LEAPS})
    missed = found["total_count_missed"].sum()
    assert missed == found["total_count_implausible"].sum() == 10 * 2 * 60.0
    assert found["implausible_ideal_s"].sum() == missed
    assert integrity_flags.union(found["flags"]) & integrity_flags.IMPLAUSIBLE_COUNT


@pytest.mark.parametrize("counted", ["total_count", "reject_count", "rework_count", "energy"])
@pytest.mark.parametrize("values", [OLDER, LEAPS])
def test_nothing_is_missed_where_a_person_counted(counted: str, values: Sequence[float]) -> None:
    counters = {"total_count": GROWS} | {counted: values}
    missed = "energy_implausible_kwh" if counted == "energy" else f"{counted}_missed"
    assert facts(counters)[missed].sum() > 0.0
    assert facts(counters, counted)[missed].sum() == 0.0
