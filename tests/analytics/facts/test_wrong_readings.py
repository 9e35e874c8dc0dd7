"""One wrong reading of any counter changes no sum of the facts, and is flagged where it was."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from plants import Row, history, local, plant

from analytics import integrity_flags
from analytics.facts.line_facts import line_facts

START = local("2026-03-02 08:00")
ROLES = ("total_count", "good_count", "reject_count", "rework_count", "energy")
PER_MINUTE = {
    "total_count": 40.0,
    "good_count": 36.0,
    "reject_count": 4.0,
    "rework_count": 2.0,
    "energy": 0.8,
}
COLUMN = {role: "energy_kwh" if role == "energy" else role for role in ROLES}
HALF_READ = 7_340_032.0 + 65536  # the high word of the next reading, the low one of the last


def facts_with(wrong: dict[tuple[str, int], float]) -> tuple[dict[str, float], list[int]]:
    """Sums of three hours told every ten minutes, and the flags of each hour."""
    rows: list[Row] = [("state", START, "producing")]
    for role in ROLES:
        for step in range(19):
            value = 7_340_000.0 + PER_MINUTE[role] * 10 * step
            at = START + timedelta(minutes=10 * step)
            rows.append((role, at, wrong.get((role, step), value)))
    end = START + timedelta(hours=3)
    found = line_facts(
        plant(roles=("state", *ROLES)),
        "l1",
        history(sorted(rows, key=_key), START, end),
        START,
        end,
    )
    hours = found.group_by("start", maintain_order=True).agg(flags=pl.col("flags").first())
    return {role: found[COLUMN[role]].sum() for role in ROLES}, hours["flags"].to_list()


def _key(row: Row) -> tuple[str, object]:
    return row[0], row[1]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "values",
    [(0.0,), (2.0**32 - 1,), (734_000.0,), (-1.0,), (HALF_READ,), (0.0, 0.0), (0.0, 65535.0, 0.0)],
)
def test_wrong_readings_change_no_sum(role: str, values: tuple[float, ...]) -> None:
    right, flags = facts_with({})
    assert right == pytest.approx({name: each * 180 for name, each in PER_MINUTE.items()})
    assert flags == [0, 0, 0]
    found, flags = facts_with({(role, 8 + i): value for i, value in enumerate(values)})
    assert found == pytest.approx(right)
    assert [bits & integrity_flags.COUNTER_OUT_OF_LINE > 0 for bits in flags] == [
        False,
        True,
        False,
    ]
    others = integrity_flags.COUNTER_RESET | integrity_flags.IMPLAUSIBLE_COUNT
    assert not any(bits & others for bits in flags)
