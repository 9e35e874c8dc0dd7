"""Facts added up: what is not a plain sum."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from kpi_facts import frame

from domain.condensing import condensed_by, pace
from domain.frames import CONDENSED, QUANTITY_COLUMNS, STATE_COLUMNS

START = datetime(2026, 3, 2, tzinfo=UTC)


def hours(*rows: dict[str, object]) -> pl.DataFrame:
    """One row an hour; what is not given is 0."""
    nothing = dict.fromkeys((*STATE_COLUMNS, *QUANTITY_COLUMNS, "stops", "failures"), 0)
    words = {"plan": "busy", "mode": None, "order": None, "reason_kind": None}
    made = [
        nothing | words | row | {
            "start": START + timedelta(hours=hour),
            "end": START + timedelta(hours=hour + 1),
            "day": date(2026, 3, 2),
        }
        for hour, row in enumerate(rows)
    ]  # fmt: skip
    return frame(made).with_columns(order_is=pl.lit(None, pl.String()))


def test_the_example_of_the_module() -> None:
    facts = hours(
        {"producing_us": 3_600_000_000, "good_count": 1980.0, "good_ideal_s": 3960.0,
         "total_count": 1980.0, "ideal_s": 3960.0},
        {"producing_us": 1_800_000_000, "total_unheard_s": 1800.0, "good_unheard_s": 1800.0,
         "possible_count": 900.0},
    )  # fmt: skip
    assert facts.select(pace().alias("pace"))["pace"].to_list() == [pytest.approx(1.1), None]
    (row,) = condensed_by(facts, []).to_dicts()
    assert (row["cycle_time_s"], row["longest_cycle_time_s"]) == (2.0, 2.0)
    assert row["pace"] == pytest.approx(1.1)
    assert [*row] == CONDENSED.names()


def test_only_the_ends_of_what_is_added_up_are_unsure() -> None:
    unsure = {"unsure_start_s": 3.0, "unsure_end_s": 5.0, "energy_unsure_end_kwh": 1.0}
    facts = hours(unsure, unsure, unsure)
    (row,) = condensed_by(facts, []).to_dicts()
    assert (row["unsure_start_s"], row["unsure_end_s"]) == (3.0, 5.0)
    assert row["energy_unsure_end_kwh"] == 1.0


def test_energy_is_matched_with_items_of_hours_in_which_all_were_heard() -> None:
    heard = {"energy_kwh": 2.0, "total_count": 100.0, "good_count": 90.0}
    facts = hours(heard, heard | {"energy_unheard_s": 60.0})
    (row,) = condensed_by(facts, []).to_dicts()
    assert (row["energy_kwh"], row["energy_matched_kwh"]) == (4.0, 2.0)
    assert (row["total_count_matched"], row["good_count_matched"]) == (100.0, 90.0)
