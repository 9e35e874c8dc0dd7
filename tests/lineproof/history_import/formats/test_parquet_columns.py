"""A Parquet file's columns as plain ones, in frames; what types become: see test_parquet_files."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest

from lineproof.history_import.formats import parquet_columns
from lineproof.history_import.formats.parquet_columns import frames_of, schema_of


def written(path: Path, frame: pl.DataFrame) -> str:
    frame.write_parquet(path)
    return str(path)


def test_columns_that_are_used_come_with_the_number_of_their_row(tmp_path: Path) -> None:
    """Whatever the columns are called."""
    path = written(tmp_path / "a", pl.DataFrame({"row": ["a"], "value": [b"1"], "x": [[1]]}))
    assert [(name, is_plain) for name, _, is_plain in schema_of(path)] == [
        ("row", True),
        ("value", True),
        ("x", False),
    ]
    (stream,) = frames_of(path, ["value"], 10, 100)
    assert pl.read_ipc_stream(io.BytesIO(stream)).rows() == [(1, "1")]


def test_more_rows_than_a_file_may_have_are_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a", pl.DataFrame({"value": range(11)}))
    monkeypatch.setattr(parquet_columns, "ROWS_MAX", 10)
    with pytest.raises(ValueError, match="it has 11 rows; 10 are the most of one file"):
        schema_of(path)


@pytest.mark.parametrize("kind", [pl.String, pl.Categorical])
def test_a_long_text_that_is_meant_in_every_row_is_refused(
    tmp_path: Path, kind: type[pl.DataType]
) -> None:
    text = pl.Series("value", ["x" * 10_000] * 300, dtype=kind)
    path = written(tmp_path / "a", pl.DataFrame([text]))
    assert Path(path).stat().st_size < 20_000
    with pytest.raises(ValueError, match="the texts of its 300 rows from row 1 on take 2 MB"):
        list(frames_of(path, ["value"], 1_000, 1 << 20))
