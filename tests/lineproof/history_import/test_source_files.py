"""Files of history: formats, columns, and what is no history."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from import_plant import GOOD, HEADER, NOW, Write, ledger, run, samples

from domain.errors import InputError, NotFoundError
from lineproof.history_import.importer import import_files
from store.node.opening import Stores


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
        ("a.csv", b"time;machine;signal\n", "separated by commas"),
        ("a.csv", HEADER.encode() + b"2026-03-02,filler,state,\xff\n", "line 2: the text is not"),
        ("a.csv", GOOD.encode() + b"2026-03-02,filler,state,1,2,3\n", "line 8: 6 values for 4"),
        ("a.csv", b"time,machine,signal,value," + b"x" * 9000 + b"\n1,2,3,4,5,6\n", "x…. A text"),
        (
            "a.csv",
            b"time,machine,signal,value" + b",x" * 900 + b"\n1" + b",2" * 999 + b"\n",
            ", …. A",
        ),
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
