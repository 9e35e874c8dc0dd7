"""KPI rows: worked examples to all printed digits, periods, and no value where there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from plants import calendar, history, local, plant, shift

from analytics.facts.line_facts import line_facts
from analytics.kpi.evaluation import evaluate, summed, sums_from_amounts
from analytics.kpi.periods import PERIODS, Period
from analytics.kpi.row_columns import kpi_rows_of
from analytics.kpi.rows import kpi_rows
from domain.errors import InputError
from domain.plant import StopReason
from domain.states import ReasonKind
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
    """Planned 8 h, run 3 h: A 0.375, P 0.6667, Q 0.98333, OEE 0.245833."""
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
    assert [evaluate("oee", summed(f)).value for f in facts] == [
        pytest.approx(0.80),
        pytest.approx(0.45),
    ]
    window = Window(local("2026-03-02 00:00"), local("2026-03-04 00:00"))
    row = kpi_rows(where, "l1", pl.concat(facts), window)[0]
    assert round(row["oee"], 12) == 0.5375


def test_nothing_planned_is_no_value() -> None:
    window = Window(local("2026-03-02 16:00"), local("2026-03-02 18:00"))
    reach = history([], window.start, window.end)
    row = kpi_rows(
        OEE_COM, "l1", line_facts(OEE_COM, "l1", reach, window.start, window.end), window
    )[0]
    assert row["planned_busy_time_s"] == 0
    for name in ("availability", "effectiveness", "quality_ratio", "oee", "oee_low", "coverage"):
        assert row[name] is None


@pytest.mark.parametrize("percent", [102, 121, 253])
def test_effectiveness_over_one_is_shown_as_it_is(percent: int) -> None:
    """ETS_PES_issues#81, #87: OEE of 102, 121, 253 % broke displays. Nothing is capped: such a
    figure shows that the planned cycle time is wrong, and the row says so."""
    made = 420 * 60 * percent / 100
    rows = [("state", START, "producing"), ("total_count", START, 0.0), ("total_count", END, made)]
    rows += [("reject_count", START, 0.0), ("reject_count", END, 0.0)]
    facts = line_facts(OEE_COM, "l1", history(rows, START, END), START, END)
    row = kpi_rows(OEE_COM, "l1", facts, Window(START, END))[0]
    assert row["effectiveness"] == pytest.approx(percent / 100)
    assert row["oee"] == pytest.approx(percent / 100)
    assert row["flags"] == ["effectiveness_over_100"]


@pytest.mark.parametrize(("rejects", "flagged"), [(100, []), (200, ["rejects_exceed_total"])])
def test_more_rejects_than_items_are_flagged(rejects: float, flagged: list[str]) -> None:
    """One of the two counters is wrong: a negative figure never stands there without a word."""
    rows = [("state", START, "producing"), ("total_count", START, 0.0), ("total_count", END, 100.0)]
    rows += [("reject_count", START, 0.0), ("reject_count", END, float(rejects))]
    facts = line_facts(OEE_COM, "l1", history(rows, START, END), START, END)
    row = kpi_rows(OEE_COM, "l1", facts, Window(START, END))[0]
    assert row["good_count"] == pytest.approx(100 - rejects)
    assert row["flags"] == flagged


def test_a_rate_of_just_the_planned_one_is_not_over_it() -> None:
    """Shares of increments are floats: three tenths of a second are 0.1 + 0.2 and not 0.3."""
    of = sums_from_amounts(production_time_s=0.3, ideal_time_s=0.1 + 0.2)
    (row,) = kpi_rows_of([Period("l1", OEE_COM.zone, Window(START, END))], of, "iso22400")
    assert row["effectiveness"] > 1
    assert row["flags"] == []


def test_counts_that_nobody_believed_are_flagged_and_kept_out() -> None:
    of = sums_from_amounts(production_time_s=100.0, total_count=80.0, total_count_implausible=5e6)
    (row,) = kpi_rows_of([Period("l1", OEE_COM.zone, Window(START, END))], of, "iso22400")
    assert row["total_count"] == 80.0
    assert row["flags"] == ["implausible_count"]


def test_the_reliability_example() -> None:
    """1000 h of operation, 5 failures, 50 h of repair: MTBF 200 h, MTTR 10 h."""
    where = plant(roles=("state",))
    end = START + timedelta(hours=1050)
    rows = [("state", START, "producing")]
    for n in range(1, 6):
        failed = START + timedelta(hours=200 * n + 10 * (n - 1))
        rows.append(("state", failed, "fault"))
        rows.append(("state", failed + timedelta(hours=10), "producing"))
    facts = line_facts(where, "l1", history(rows, START, end), START, end)
    row = kpi_rows(where, "l1", facts, Window(START, end))[0]
    assert row["failures"] == 5
    assert row["mean_time_between_failures_s"] == 200 * 3600
    assert row["mean_time_to_failure_s"] == 200 * 3600
    assert row["mean_time_to_repair_s"] == 10 * 3600
    assert row["corrective_maintenance_ratio"] == 1.0
    assert set(row["denominators"].values()) == {"5 failure events (FE)"}
    assert set(row["denominators"]) == {
        "mean_time_between_failures_s", "mean_time_to_failure_s", "mean_time_to_repair_s",
    }  # fmt: skip


def test_without_a_failure_there_is_no_mean() -> None:
    row = kpi_rows(OEE_COM, "l1", oee_com_facts(), Window(START, END))[0]
    assert row["mean_time_between_failures_s"] is None
    assert row["mean_time_to_repair_s"] is None
    assert row["denominators"] == {}


def test_a_stop_whose_reason_is_a_breakdown_is_a_failure_whatever_the_machine_shows() -> None:
    where = replace(
        plant(roles=("state", "stop_reason")),
        reasons={"jam": StopReason("jam", {"en": "Jam"}, ReasonKind.BREAKDOWN)},
    )
    stop = START + timedelta(hours=1)
    rows = [("state", START, "producing"), ("state", stop, "stopped"), ("stop_reason", stop, "jam")]
    rows.append(("state", stop + timedelta(minutes=30), "producing"))
    facts = line_facts(where, "l1", history(rows, START, END), START, END)
    row = kpi_rows(where, "l1", facts, Window(START, END))[0]
    assert (row["failures"], row["repair_time_s"]) == (1, 1800.0)
    assert row["mean_time_between_failures_s"] == 7.5 * 3600


def test_time_with_an_order_is_order_execution_time() -> None:
    """AOET: two orders, and an hour without any; a line without orders has none."""
    where = plant(roles=("state", "order", "total_count"))
    rows = [("state", START, "producing"), ("order", START, "A")]
    rows += [("order", START + timedelta(hours=3), ""), ("order", START + timedelta(hours=4), "B")]
    rows += [("total_count", START, 0.0), ("total_count", END, 12600.0)]
    facts = line_facts(where, "l1", history(rows, START, END), START, END)
    row = kpi_rows(where, "l1", facts, Window(START, END))[0]
    assert row["order_time_s"] == 7 * 3600
    assert row["throughput_rate"] == 0.5
    assert row["allocation_ratio"] == 1.0  # that it went on without an order is none of it
    assert row["production_process_ratio"] == 1.0
    without = kpi_rows(OEE_COM, "l1", oee_com_facts(), Window(START, END))[0]
    assert without["order_time_s"] is None
    assert without["not_computable"]["throughput_rate"] == "needs order"


def test_the_row_has_the_bounds_of_every_ratio_beside_those_of_oee() -> None:
    row = kpi_rows(OEE_COM, "l1", oee_com_facts(), Window(START, END))[0]
    assert row["bounds"]["oee"] == [row["oee_low"], row["oee_high"]]
    assert row["bounds"]["availability"] == [row["availability"]] * 2
    assert set(row["bounds"]).isdisjoint(row["not_computable"])


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
    keys = {by: kpi_rows(OEE_COM, "l1", facts, window, by)[0].key for by in PERIODS}
    assert keys == {
        "hour": "2026-03-02T07:00:00+08:00",
        "shift": "A",
        "day": "2026-03-02",
        "week": "2026-W10",
        "month": "2026-03",
        "product": "",
    }
    row = kpi_rows(OEE_COM, "l1", facts, window, "shift")[0]
    assert row.window == Window(START, END)


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
        evaluate("oe", summed(oee_com_facts()))
