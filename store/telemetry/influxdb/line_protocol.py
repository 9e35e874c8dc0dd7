"""Frames to InfluxDB line protocol and InfluxQL's CSV back to frames, vectorised.

Rules: a null is an absent field; datetimes are fields of integer microseconds, dates of days;
an empty text, which CSV cannot tell from an absent one, is kept as ∅ (and ∅x as ∅∅x). Texts
may hold anything; tag values may not be empty, hold a line break or end with a backslash.
Format: line protocol of InfluxDB 1.x, 2.x and 3.x. Pure; knows no server.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import polars as pl

from domain.errors import StorageError

_ROWS_PER_WRITE = 20_000
_EMPTY = "∅"
_LINE_BREAKS = r"[\r\n]"


def line_protocol(measurement: str, frame: pl.DataFrame, tags: Sequence[str]) -> Iterator[bytes]:
    """The rows as line protocol, in pieces that a server takes in one request.

    `frame` has an Int64 column `time_ns`, String columns for `tags`; every other column is a
    field. Each row has at least one field that is not null. Raises StorageError for a tag value
    that line protocol cannot carry.
    """
    if frame.is_empty():
        return
    for tag in tags:
        _check_tag(tag, frame[tag])
    fields = [name for name in frame.columns if name not in tags and name != "time_ns"]
    head = pl.concat_str(
        pl.lit(measurement), *(pl.format(f",{tag}={{}}", _tag_value(tag)) for tag in tags)
    )
    body = pl.concat_str(
        [_field(name, frame.schema[name]) for name in fields], separator=",", ignore_nulls=True
    )
    line = pl.format("{} {} {}", head, body, pl.col("time_ns"))
    for piece in frame.iter_slices(_ROWS_PER_WRITE):
        yield "\n".join(piece.select(line).to_series()).encode()


def _check_tag(tag: str, values: pl.Series) -> None:
    wrong = values.filter(
        values.is_null()
        | (values == "")
        | values.str.contains(_LINE_BREAKS)
        | values.str.ends_with("\\")
    )
    if len(wrong):
        raise StorageError(
            f"InfluxDB cannot keep the {tag} name {wrong[0]!r}",
            todo="Names there are not empty, hold no line break and do not end with a backslash.",
        )


def _tag_value(tag: str) -> pl.Expr:
    return pl.col(tag).str.replace_all(r"([,= ])", r"\$1")


def _field(name: str, kind: pl.DataType) -> pl.Expr:
    value = pl.col(name)
    if kind == pl.String():
        kept = pl.when((value == "") | value.str.starts_with(_EMPTY))
        text = kept.then(_EMPTY + value).otherwise(value)
        text = text.str.replace_all("\\", "\\\\", literal=True)
        text = text.str.replace_all('"', '\\"', literal=True)
        return pl.format(f'{name}="{{}}"', text)
    if isinstance(kind, pl.Datetime):
        return pl.format(f"{name}={{}}i", value.dt.epoch("us"))
    if kind == pl.Date():
        return pl.format(f"{name}={{}}i", value.dt.epoch("d"))
    if kind.is_integer():
        return pl.format(f"{name}={{}}i", value)
    return pl.format(f"{name}={{}}", value)


def from_csv(data: bytes, schema: pl.Schema) -> pl.DataFrame:
    """The answer to one InfluxQL SELECT with epoch=ns, as columns of that schema; `time_ns`
    (Int64) is the points' time. An empty answer is an empty frame."""
    if not data.strip():
        return schema.to_frame()
    answer = pl.read_csv(io.BytesIO(data), infer_schema=False)
    answer = answer.rename({"time": "time_ns"}, strict=False)  # tag values have no time
    return answer.select(_column(name, kind) for name, kind in schema.items())


def _column(name: str, kind: pl.DataType) -> pl.Expr:
    value = pl.col(name)
    if kind == pl.String():
        return value.str.strip_prefix(_EMPTY)
    if isinstance(kind, pl.Datetime | pl.Date):
        return (
            value.cast(pl.Int64()).cast(pl.Int32() if kind == pl.Date() else pl.Int64()).cast(kind)
        )
    return value.cast(kind)


def string_literal(text: str) -> str:
    """A string literal of InfluxQL."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"
