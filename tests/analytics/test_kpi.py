"""KPI rows: worked examples to all printed digits, periods, and no value where there is none."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from plants import calendar, history, local, plant, shift

from analytics.facts import line_facts
from analytics.kpi import KPIS, evaluate, sums
from analytics.kpi_rows import PERIODS, kpi_rows
from domain.errors import InputError
from domain.time import Window

START, END = local("2026-03-02 07:00"), local("2026-03-02 15:00")
OEE_COM = plant(calendar(shift("A", "07:00", "15:00", ("11:00", "11:30"), ("13:00", "13:30"))))


def oee_com_facts() -> pl.DataFrame:
    """480 min shift, 60 min breaks, 47 min stops, 1.0 s, 19,271 total, 423 rejected (oee.com)."""
    stop = local("2026-03-02 09:00")
    rows = [
        ("state", START, "producing"),
        ("state", stop, "stopped"),
        ("state", stop + timedelta(minutes=47), "producing"),
        ("total_count", START, 0.0),
        ("total_count", END, 19271.0),
        ("reject_count", START, 0.0),
        ("reject_count", END, 423.0),
    ]
    return line_facts(OEE_COM, "l1", history(rows, START, END), START, END)


def test_the_example_of_oee_com() -> None:
    row = kpi_rows(OEE_COM, "l1", oee_com_facts(), Window(START, END))[0]
    assert round(row["availability"], 4) == 0.8881
    assert round(row["effectiveness"], 4) == 0.8611
    assert round(row["quality_ratio"], 4) == 0.9780
    assert round(row["oee"], 4) == 0.7479
    assert row["planned_busy_time_s"] == 420 * 60
    assert row["oee_low"] == pytest.approx(row["oee"]) == pytest.approx(row["oee_high"])


def test_the_example_of_the_flux_oee_function() -> None:
    """A 0.375, P 0.6667, Q 0.98333, OEE 0.245833: planned 8 h of which 4 h are recorded, so the
    ratios are taken over the planned time, which is the low bound here."""
    day = "2026-03-02"
    start, end = local(f"{day} 00:00"), local(f"{day} 08:00")
    where = plant(calendar(shift("N", "00:00", "08:00")), cycle_time_s=30.0)
    rows = [
        ("state", start, "producing"),
        ("state", local(f"{day} 02:00"), "stopped"),
        ("state", local(f"{day} 03:00"), "producing"),
        ("state", local(f"{day} 04:00"), "stopped"),
    ]
    for clock, parts, bad in [
        ("00:00", 1200, 10),
        ("01:00", 1300, 11),
        ("02:00", 1400, 11),
        ("03:00", 1400, 11),
        ("03:30", 1440, 14),
    ]:
        rows.append(("total_count", local(f"{day} {clock}"), float(parts)))
        rows.append(("reject_count", local(f"{day} {clock}"), float(bad)))
    row = kpi_rows(
        where,
        "l1",
        line_facts(where, "l1", history(rows, start, end), start, end),
        Window(start, end),
    )[0]
    assert row["availability"] == 0.375
    assert round(row["effectiveness"], 4) == 0.6667
    assert round(row["quality_ratio"], 5) == 0.98333
    assert round(row["oee"], 6) == 0.245833


def test_together_is_the_quotient_of_sums_not_the_mean() -> None:
    """Roll-up: 0.80 and 0.45 make 0.5375, not 0.625 (PyPI `oee`)."""
    where = plant(roles=("state", "total_count", "good_count"))
    facts = []
    for day, planned, run, made, good in [("02", 100, 90, 80, 80), ("03", 300, 150, 150, 135)]:
        start = local(f"2026-03-{day} 00:00")
        end = start + timedelta(seconds=planned)
        rows = [("state", start, "producing"), ("state", start + timedelta(seconds=run), "stopped")]
        rows += [("total_count", start, 0.0), ("total_count", end, float(made))]
        rows += [("good_count", start, 0.0), ("good_count", end, float(good))]
        facts.append(line_facts(where, "l1", history(rows, start, end), start, end))
    assert [evaluate("oee", sums(f)).value for f in facts] == [
        pytest.approx(0.80),
        pytest.approx(0.45),
    ]
    assert evaluate("oee", sums(pl.concat(facts))).value == pytest.approx(0.5375)


def test_nothing_planned_is_no_value() -> None:
    window = Window(local("2026-03-02 16:00"), local("2026-03-02 18:00"))
    reach = history([], window.start, window.end)
    row = kpi_rows(
        OEE_COM, "l1", line_facts(OEE_COM, "l1", reach, window.start, window.end), window
    )[0]
    assert row["planned_busy_time_s"] == 0
    for name in ("availability", "effectiveness", "quality_ratio", "oee", "oee_low", "coverage"):
        assert row[name] is None


def test_effectiveness_over_one_is_shown_as_it_is() -> None:
    """ETS_PES_issues#81: OEE of 102, 121, 253 % broke displays; here nothing is capped."""
    rows = [("state", START, "producing"), ("total_count", START, 0.0), ("total_count", END, 9e4)]
    rows += [("reject_count", START, 0.0), ("reject_count", END, 0.0)]
    facts = line_facts(OEE_COM, "l1", history(rows, START, END), START, END)
    assert evaluate("effectiveness", sums(facts)).value > 3


@pytest.mark.parametrize("by", PERIODS)
def test_every_period_sums_to_the_whole(by: str) -> None:
    """SysOEE#35, odoo/odoo#218310: one KPI with two values on two screens."""
    facts = oee_com_facts()
    window = Window(START, END)
    whole = kpi_rows(OEE_COM, "l1", facts, window)[0]
    rows = kpi_rows(OEE_COM, "l1", facts, window, by)
    for name in ("planned_busy_time_s", "production_time_s", "total_count", "good_count"):
        assert sum(row[name] for row in rows) == pytest.approx(whole[name])


def test_periods_have_their_own_keys_and_bounds() -> None:
    facts, window = oee_com_facts(), Window(START, END)
    keys = {by: kpi_rows(OEE_COM, "l1", facts, window, by)[0]["key"] for by in PERIODS}
    assert keys == {
        "hour": "2026-03-02T07:00:00+08:00",
        "shift": "A",
        "day": "2026-03-02",
        "week": "2026-W10",
        "month": "2026-03",
        "product": "",
    }
    row = kpi_rows(OEE_COM, "l1", facts, window, "shift")[0]
    assert (row["start"], row["end"]) == ("2026-03-02T07:00:00+08:00", "2026-03-02T15:00:00+08:00")


def test_what_cannot_be_computed_says_what_is_missing() -> None:
    row = kpi_rows(OEE_COM, "l1", oee_com_facts(), Window(START, END))[0]
    assert row["energy_per_good_unit"] is None
    assert row["not_computable"]["energy_per_good_unit"] == "needs energy_kwh"


def test_unknown_names_are_told_with_the_names_there_are() -> None:
    with pytest.raises(InputError, match=r"unknown period 'year'.*hour, shift"):
        kpi_rows(OEE_COM, "l1", oee_com_facts(), Window(START, END), "year")
    with pytest.raises(InputError, match=r"unknown method 'x'.*iso22400"):
        kpi_rows(OEE_COM, "l1", oee_com_facts(), Window(START, END), None, "x")
    with pytest.raises(InputError, match="unknown metric 'oe'"):
        evaluate("oe", sums(oee_com_facts()))


def test_every_kpi_has_formula_and_unit() -> None:
    assert all(kpi.formula and kpi.unit for kpi in KPIS.values())
