"""Files of history: times, formats, columns, raw codes, real machine days."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from import_plant import GOOD, HEADER, NOW, Write, apply, facts, ledger, run, samples
from peers import require_shared_data

from analytics.timeline.state_intervals import state_intervals
from domain.errors import InputError, NotFoundError
from lineproof.history_import.importer import import_files
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


def test_parquet_with_types_of_its_own(stores: Stores, tmp_path: Path) -> None:
    at = [f"2026-03-02T07:0{n}:00" for n in range(3)]
    path = tmp_path / "typed.parquet"
    pl.DataFrame(
        {
            "time": pl.Series(at).str.to_datetime(time_unit="ns"),
            "machine": pl.Series(["filler"] * 3, dtype=pl.Categorical),
            "signal": ["total_count"] * 3,
            "value": pl.Series([1, 2, 3], dtype=pl.Int32),
        }
    ).write_parquet(path)
    run(stores, path)
    assert samples(stores)["time"][0] == datetime(2026, 3, 1, 23, tzinfo=UTC)
    assert samples(stores)["value"].to_list() == [1.0, 2.0, 3.0]


def test_a_bad_row_of_parquet_is_named_by_its_row(stores: Stores, tmp_path: Path) -> None:
    path = tmp_path / "bad.parquet"
    pl.DataFrame(
        {"time": ["2026-03-02"] * 2, "machine": ["filler", "x"], "signal": "state", "value": "idle"}
    ).write_parquet(path)
    with pytest.raises(InputError, match="row 2: column 'machine'"):
        run(stores, path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "history comes as .csv or .parquet"),
        ("a.csv", b"", "the file is empty"),
        ("a.csv", HEADER.encode(), "no rows that could be used"),
        ("a.csv", b"when,machine,signal,value\n1,2,3,4\n", "line 1: the column 'time' is missing"),
        ("a.csv", b"time;machine;signal;value\n", "separated by commas"),
        ("a.csv", HEADER.encode() + b"2026-03-02,filler,state,\xff\n", "line 2: the text is not"),
        ("a.csv", GOOD.encode() + b"2026-03-02,filler,state,1,2,3\n", "line 8: 6 values for 4"),
        ("a.parquet", b"PAR1 but not really", "cannot be read"),
    ],
)
def test_a_file_that_is_none_is_told(
    stores: Stores, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        run(stores, path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert ledger(stores) == []


def test_no_such_file_line_or_end(stores: Stores, write: Write, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such file"):
        run(stores, tmp_path / "none.csv")
    with pytest.raises(NotFoundError, match="filler-1"):
        import_files(stores, None, "filler-2", [write(GOOD)], now=NOW)
    with pytest.raises(InputError, match=r"--until.*before the first row"):
        run(stores, write(GOOD), until="2026-03-01")
    with pytest.raises(InputError, match="--until: 'soon' is not a time"):
        run(stores, write(GOOD), until="soon")
    assert ledger(stores) == []


def test_other_columns_are_named_and_not_used(stores: Stores, write: Write) -> None:
    text = "time,raw_code,machine,signal,value,note\n2026-03-02,7,filler,state,idle,hi\n"
    assert run(stores, write(text)).files[0].warnings == (
        f"{write(text)}: columns that are not used: 'raw_code', 'note'",
    )
    assert samples(stores)["text"].to_list() == ["idle"]


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


def test_raw_codes_are_decoded_by_a_profile(stores: Stores, write: Write) -> None:
    rows = "2026-03-02T07:00,filler,state,6\n2026-03-02T08:00,filler,state,2\n"
    run(stores, write(HEADER + rows), profile="packml/opcua")
    assert samples(stores)["text"].to_list() == ["producing", "stopped"]
    more = "2026-03-02T09:00,filler,state,5.0\n2026-03-02T10:00,filler,state,Aborted\n"
    modes = "2026-03-02T09:00,filler,mode,1\n2026-03-02T10:00,filler,mode,2\n"
    run(stores, write(HEADER + more + modes), profile="packml/opcua")
    found = samples(stores).sort("signal", "time")["text"].to_list()
    assert found == ["produce", "maintenance", "producing", "stopped", "stopped", "fault"]
    with pytest.raises(InputError, match=r"'999'.*a raw code that the profile knows"):
        run(stores, write(HEADER + "2026-03-02T07:00,filler,state,999\n"), profile="packml/opcua")
    with pytest.raises(NotFoundError, match="unknown device profile"):
        run(stores, write(HEADER + rows), profile="packml/opcu")
    with pytest.raises(InputError, match=r"--profile: .* no codes of the machine's state"):
        run(stores, write(HEADER + rows), profile="shelly/pro3em-mqtt")


def test_progress_says_what_is_done(stores: Stores, write: Write) -> None:
    heard: list[tuple[str, int, int | None]] = []
    run(stores, write(GOOD), progress=lambda *said: heard.append(said))
    assert heard == [
        ("reading history.csv", 6, None),
        ("storing history.csv", 6, 6),
        ("computing facts", 5, 5),
    ]


@pytest.mark.parametrize(
    ("file", "key", "machine"),
    [
        ("umh_week/states.csv", "umh_week", "line"),
        ("nist/gfagie01_20161107.csv", "nist_gfagie01_20161107", "gfagie01"),
        ("nist/mazak01_20161129.csv", "nist_mazak01_20161129", "mazak01"),
        ("nist/hurco01_20170518.csv", "nist_hurco01_20170518", "hurco01"),
    ],
)
def test_real_histories_give_the_seconds_per_state_of_their_truth(
    tmp_path: Path, file: str, key: str, machine: str
) -> None:
    path, truth = require_shared_data(file), require_shared_data("truth.json")
    expected = json.loads(truth.read_text())[key]
    first, end = (datetime.fromisoformat(expected[name]) for name in ("first", "end"))
    with open_stores(tmp_path / "node") as stores:
        apply(stores, machine=machine)
        summary = run(stores, path, until=expected["end"])
        assert summary.files[0].start == first
        # One file's truth ends 0.1 ms before its last row: a file reaches to its last row at least.
        assert timedelta(0) <= summary.files[0].end - end < timedelta(milliseconds=1)
        plant = stores.registry.plants.of_line("filler-1")
        history = stores.telemetry.history("filler-1", first, end)
        assert (
            seconds(state_intervals(plant, "filler-1", history, first, end))
            == (expected["seconds_by_state"])
        )


def seconds(intervals: pl.DataFrame) -> dict[str, float]:
    length = (pl.col("end") - pl.col("start")).dt.total_microseconds()
    sums: Sequence[tuple[str, int]] = intervals.group_by("state").agg(length.sum()).rows()
    return {state: round(us / 1e6, 3) for state, us in sums}
