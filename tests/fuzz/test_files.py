"""Files that people write or export, changed a little: each is read, or refused in one sentence."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fuzzing import changed, inputs
from hypothesis import given
from hypothesis import strategies as st
from workbooks import write_workbook

from analytics.facts.line_digest import line_digest
from collector.intake.row_rules import sift
from device_profiles.files.catalogue import PACKAGED, names, parse
from domain.errors import InputError
from edge.config import load_config
from edge.spool.sealing import encode
from lineproof.history_import.map_file import read_map
from lineproof.history_import.preparation import Job, prepared_files
from store.files.grant import read_grant
from store.files.plant import read_plant

EXAMPLES = Path(__file__).parents[1] / "store" / "files" / "examples"
SENTENCE_MAX = 2_500  # some advise with a whole closed list
NOW = datetime(2026, 11, 21, tzinfo=UTC)
PLANT = read_plant((EXAMPLES / "plant.yaml").read_text(encoding="utf-8"), "plant.yaml")
AGENT = """\
name: a
data: ./data
collector: https://collector.example:8443
machines:
  - {line: l, machine: m, profile: packml/opcua, connection: {url: "opc.tcp://10.0.0.5:4840"}}
batch: {max_samples: 1000, max_age_s: 2}
"""
MAP = """\
separator: ";"
decimal: ","
time: "%d.%m.%Y %H:%M:%S"
columns: {time: [Datum, Zeit], value: Wert}
machine: filler
wide:
  - {column: Zähler, signal: total_count}
codes: {state: {"1": producing, "2": stopped}}
increments: [total_count]
interval_s: 60
scale: {energy: 0.001}
"""
WORDS = [
    it.encode()
    for it in (
        "&a ", "*a", "!!int ", "!!binary ", "!!set ", "!!timestamp ", "? ", "- ", ": ", "{", "}",
        "[", "]", "{a: 1, a: 2}", ".nan", ".inf", "-1", "1e300", "0", "null", "true", "~", "''",
        "9" * 400, "0x" + "f" * 400, "x" * 3000, "2026-01-01", "0001-01-01", "9999-12-31", "24:00",
        "\n", "\t", "\u2028", "\ufeff", "---\n", "...\n", "|\n", ">\n", "# ", "%YAML 9.9\n", "<<: ",
    )
]  # fmt: skip


def _texts(*paths: Path) -> list[bytes]:
    return [path.read_bytes() for path in paths]


def _in_a_file(read: Any, text: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file.yaml")
        path.write_bytes(text)
        read(path)


def _plant(text: bytes) -> None:
    plant = read_plant(text.decode("utf-8", "replace"), "file.yaml")
    for line in plant.lines:
        line_digest(plant, line)


READERS: dict[str, tuple[list[bytes], Any]] = {
    "plant": (_texts(EXAMPLES / "plant.yaml"), _plant),
    "grant": (
        _texts(EXAMPLES / "grant.yaml"),
        lambda text: read_grant(text.decode("utf-8", "replace"), "file.yaml"),
    ),
    "profile": (
        _texts(*(PACKAGED / name / "profile.yaml" for name in names())),
        lambda text: parse(text.decode("utf-8", "replace"), "file.yaml"),
    ),
    "agent": ([AGENT.encode()], lambda text: _in_a_file(load_config, text)),
    "map": ([MAP.encode()], lambda text: _in_a_file(read_map, text)),
}


@pytest.mark.parametrize("kind", READERS)
@inputs(25, parts=len(READERS))
@given(data=st.data())
def test_yaml(kind: str, data: st.DataObject) -> None:
    seeds, read = READERS[kind]
    _refused_in_a_sentence_or_read(read, data.draw(changed(seeds, WORDS)))


def _refused_in_a_sentence_or_read(read: Any, text: bytes) -> None:
    said = "."
    try:
        read(text)
    except InputError as error:
        said = str(error)
    assert 0 < len(said) < SENTENCE_MAX


HISTORY = """\
time,machine,signal,value,quality
2026-03-02T07:00:00+08:00,filler,state,producing,
2026-03-02T07:00:00+08:00,filler,total_count,0,good
2026-03-02 08:00:00,filler,total_count,3600.5,uncertain
2026/3/2 9:00,filler,order,"A, ""17"" b",
2026-03-02T24:00,filler,state,stopped,bad
2026-03-02T10:00:00.123456Z,meter,energy,12.5,
"""
CSVS = [
    HISTORY.encode(),
    HISTORY.replace(",", ";").encode(),
    HISTORY.encode("utf-16"),
    HISTORY.replace(",", "\t").encode("utf-8-sig"),
]
CELLS = [
    it.encode()
    for it in (
        ",", ";", '"', '""', "\n", "\r\n", "\r", "\0", "nan", "inf", "1e400", "-0", "0000-01-01",
        "9999-12-31T23:59:59-12:00", "2026-03-02T07:00:00Z", "46083.5", "1772406000", "x" * 2000,
        "measurement.x", "state", "filler", "\ufeff", "\u2028", "\xff", "１２",
    )
]  # fmt: skip


def _import(data: bytes, suffix: str, keep_good: bool) -> None:
    """What is prepared for the intake, the intake takes whole."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"history.{suffix}")
        path.write_bytes(data)
        job = Job(PLANT, "filler-1", NOW, keep_good=keep_good)
        with prepared_files(job, [path], Path(folder), None) as (prepared,):
            prepared.spans()
            for bucket in prepared.runs.buckets():
                assert sift(bucket)[1].is_empty()
                encode(bucket)


@inputs(50)
@given(changed(CSVS, CELLS), st.booleans())
def test_csv(data: bytes, keep_good: bool) -> None:
    _refused_in_a_sentence_or_read(lambda it: _import(it, "csv", keep_good), data)


def _parquets() -> Iterator[bytes]:
    frame = pl.read_csv(io.BytesIO(HISTORY.encode()))
    times = pl.Series("time", [NOW] * frame.height)
    for it in (frame, frame.with_columns(times), frame.cast({"machine": pl.Categorical})):
        for compression in ("uncompressed", "zstd"):
            stream = io.BytesIO()
            it.write_parquet(stream, compression=compression)  # type: ignore[arg-type]  # a name
            yield stream.getvalue()


PARQUETS = list(_parquets())


@inputs(30)
@given(changed(PARQUETS), st.booleans())
def test_parquet(data: bytes, keep_good: bool) -> None:
    _refused_in_a_sentence_or_read(lambda it: _import(it, "parquet", keep_good), data)


def _workbooks() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "history.xlsx")
        rows = [line.split(",") for line in HISTORY.splitlines()]
        write_workbook(path, {"history": rows})
        return [path.read_bytes()]


WORKBOOKS = _workbooks()


@inputs(20)
@given(changed(WORKBOOKS), st.booleans())
def test_workbooks(data: bytes, keep_good: bool) -> None:
    _refused_in_a_sentence_or_read(lambda it: _import(it, "xlsx", keep_good), data)


column_types = st.sampled_from(
    (
        pl.String, pl.Float64, pl.Float32, pl.Int8, pl.UInt64, pl.Boolean, pl.Binary, pl.Date,
        pl.Time, pl.Null, pl.Datetime("ms"), pl.Datetime("us"), pl.Datetime("ns", "UTC"),
        pl.Datetime("us", "Asia/Hong_Kong"), pl.Duration("us"), pl.List(pl.Float64),
        pl.Struct({"a": pl.String}), pl.Decimal(20, 3),
    )
)  # fmt: skip


texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(("2026-03-02T07:00Z", "filler", "state", "producing", "total_count", "5")),
)
ROWS = 3


def _three(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=ROWS, max_size=ROWS)


@st.composite
def columns(draw: st.DrawFn) -> dict[str, pl.Series]:
    found = {}
    for name in ("time", "machine", "signal", "value", "quality"):
        kind = draw(column_types)
        if isinstance(kind, (pl.Datetime, pl.Duration)):
            counts = draw(_three(st.integers(-(2**63), 2**63 - 1)))
            found[name] = pl.Series(counts, dtype=pl.Int64).cast(kind)
        elif kind == pl.Date:
            counts = draw(_three(st.integers(-(2**31), 2**31 - 1)))
            found[name] = pl.Series(counts, dtype=pl.Int32).cast(kind)
        elif kind == pl.Float64:
            found[name] = pl.Series(draw(_three(st.floats())), dtype=kind)
        elif kind == pl.String:
            found[name] = pl.Series(draw(_three(texts)), dtype=kind)
        else:
            found[name] = pl.Series([None] * ROWS, dtype=kind)
    return found


@inputs(40)
@given(columns(), st.booleans())
def test_parquet_of_any_types(found: dict[str, pl.Series], keep_good: bool) -> None:
    stream = io.BytesIO()
    pl.DataFrame(found).write_parquet(stream)
    _refused_in_a_sentence_or_read(lambda it: _import(it, "parquet", keep_good), stream.getvalue())
