"""Rows of a history: times that are clear, names that are known."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from import_plant import HEADER, Write, apply, facts, run, samples

from domain.errors import InputError
from store.node.opening import Stores, open_stores


def test_times_without_offset_are_in_the_plants_zone(tmp_path: Path, write: Write) -> None:
    rows = "2026-03-28T23:00,filler,state,idle\n2026-03-29 04:00:00,filler,state,producing\n"
    with open_stores(tmp_path / "berlin") as stores:
        apply(stores, "Europe/Berlin")
        run(stores, write(HEADER + rows))
        assert samples(stores)["time"].to_list() == [
            datetime(2026, 3, 28, 22, tzinfo=UTC),
            datetime(2026, 3, 29, 2, tzinfo=UTC),
        ]


@pytest.mark.parametrize("time", ["2026-10-25T02:30:00", "2026-03-29T02:30:00"])
def test_a_time_that_daylight_saving_makes_unclear_is_not_guessed(
    tmp_path: Path, write: Write, time: str
) -> None:
    """odoo/odoo#70841, datalust/seq-tickets#902"""
    with open_stores(tmp_path / "berlin") as stores:
        apply(stores, "Europe/Berlin")
        with pytest.raises(InputError, match=r"Write the offset.*daylight saving in Europe/Berlin"):
            run(stores, write(HEADER + f"{time},filler,state,idle\n"))
        run(stores, write(HEADER + f"{time}+01:00,filler,state,idle\n"))


def test_bad_quality_may_come_without_a_value(stores: Stores, write: Write) -> None:
    text = (
        "time,machine,signal,value,quality\n"
        "2026-03-02T07:00,filler,state,producing,good\n"
        "2026-03-02T08:00,filler,state,,bad\n"
        "2026-03-02T09:00,filler,state,producing,\n"
        "2026-03-02T10:00,filler,state,idle,Uncertain\n"
    )
    run(stores, write(text))
    assert samples(stores)["quality"].to_list() == [0, 2, 0, 1]
    assert facts(stores)["unknown_us"].sum() == 3600e6
