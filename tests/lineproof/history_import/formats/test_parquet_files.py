"""Parquet of any types: plain values are taken, all else is one sentence with column and advice."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from domain.errors import InputError
from lineproof.history_import.preparation import Job, Prepared, prepared_files
from store.files.plant import read_plant

PLANT = read_plant(
    "{plant: p, company: {name: {en: P}}, lines: {l: {machines: {m: {profile: import}}, "
    "roles: {state: m}}}}",
    "p.yaml",
)
AT = datetime(2026, 3, 2, 7, tzinfo=UTC)


def read(folder: Path, keep_good: bool = False, **columns: Any) -> Prepared:
    usual = {"time": [AT], "machine": ["m"], "signal": ["total_count"], "value": [1.0]}
    path = folder / "history.parquet"
    pl.DataFrame(usual | columns).write_parquet(path)
    job = Job(PLANT, "l", datetime(2026, 11, 1, tzinfo=UTC), keep_good=keep_good)
    with prepared_files(job, [path], folder, None) as prepared:
        return prepared[0]


def far(count: int, unit: str, zone: str | None) -> pl.Series:
    return pl.Series([count], dtype=pl.Int64).cast(pl.Datetime(unit, zone))  # type: ignore[arg-type]  # a unit


@pytest.mark.parametrize(
    "columns",
    [
        {"value": [1]},
        {"value": [True]},
        {"value": [Decimal("1.5")]},
        {"value": pl.Series(["1"], dtype=pl.Categorical)},
        {"value": [b"12"]},
        {"signal": pl.Series(["total_count"], dtype=pl.Enum(["total_count"]))},
        {"time": [AT.replace(tzinfo=None)]},
        {"time": [date(2026, 3, 2)]},
        {"time": ["2026-03-02T07:00:00Z"]},
        {"extra": [[1.0]]},
        {"extra": [timedelta(1)]},
    ],
)
def test_plain_values_of_any_type_are_taken(tmp_path: Path, columns: dict[str, Any]) -> None:
    assert read(tmp_path, **columns).rows == 1


@pytest.mark.parametrize("column", ["time", "machine", "signal", "value", "quality"])
@pytest.mark.parametrize(
    "values",
    [[[1.0]], [{"a": 1}], pl.Series([[1.0, 2.0]], dtype=pl.Array(pl.Float64, 2)), [timedelta(1)],
     [[[AT]]], [{"a": [{"b": "x"}]}]],
    ids=["list", "struct", "array", "duration", "list of lists", "deep"],
)  # fmt: skip
def test_a_column_of_no_plain_values_is_told(tmp_path: Path, column: str, values: Any) -> None:
    with pytest.raises(
        InputError, match=f"column '{column}' holds values of the type .* Write one"
    ):
        read(tmp_path, **{column: values})


@pytest.mark.parametrize(
    "value",
    [date(2026, 1, 1), AT, AT.replace(tzinfo=None), time(1), "2026-03-02", "02.03.2026", "12:30"],
)
def test_a_date_as_a_count_is_told_with_its_row(tmp_path: Path, value: Any) -> None:
    with pytest.raises(
        InputError, match=r"row 1: column 'value' .* a date or a time and no number"
    ):
        read(tmp_path, value=[value])


FAR = [
    *(far(count, unit, zone) for count in (2**63 - 1, -(2**63) + 1) for unit in ("ns", "us", "ms")
      for zone in ("UTC", None)),
    far(253_402_300_800_000_000, "us", "UTC"),
    far(-62_135_596_800_000, "ms", None),
    pl.Series([2**31 - 1], dtype=pl.Int32).cast(pl.Date),
    pl.Series([-(2**31)], dtype=pl.Int32).cast(pl.Date),
    *(pl.Series([text]) for text in (
        "0000-01-01T00:00:00Z", "0000-01-01", "0001-01-01T00:00:00+14:00", "-0001-01-01T00:00Z",
        "9999-12-31T23:59:59-12:00", "9999-12-31T24:00:00Z", "+262142-12-31T23:59:59Z",
        "0000-01-01T24:00:00", "1969-12-31T23:59:59Z",
    )),
]  # fmt: skip


@pytest.mark.parametrize("time", FAR, ids=range(len(FAR)))
def test_a_time_of_no_plant_is_told_with_its_row_or_kept_apart(
    tmp_path: Path, time: pl.Series
) -> None:
    with pytest.raises(InputError, match=r"row 1: column 'time' cannot be used: '.* Write "):
        read(tmp_path, time=time)
    with pytest.raises(InputError, match="no rows that could be used"):
        read(tmp_path, keep_good=True, time=time)


def test_rows_of_such_times_cost_themselves_alone(tmp_path: Path) -> None:
    column = pl.concat(
        [far(2**63 - 1, "us", "UTC"), pl.Series([AT], dtype=pl.Datetime("us", "UTC"))]
    )
    same = {"machine": ["m"] * 2, "signal": ["total_count"] * 2, "value": [1.0] * 2}
    prepared = read(tmp_path, keep_good=True, time=column, **same)
    assert (prepared.rows, prepared.bad.height, prepared.end) == (1, 1, AT)


def test_what_is_no_parquet_or_makes_the_library_give_up_is_told(tmp_path: Path) -> None:
    path = tmp_path / "history.parquet"
    for data in (b"", b"PAR1" + bytes(100) + b"PAR1", b"PAR1" * 100):
        path.write_bytes(data)
        with (
            pytest.raises(InputError, match=r"cannot be read .* Check that it is complete"),
            prepared_files(Job(PLANT, "l", AT), [path], tmp_path, None),
        ):
            pass


def test_a_text_of_no_end_is_told_in_short(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"x…'\. Write a text of at most 1000") as told:
        read(tmp_path, signal=["order"], value=["x" * 1_000_000])
    assert len(str(told.value)) < 400
