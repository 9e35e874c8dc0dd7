"""Import of history: exact, once, whatever the order; one bad row changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from peers import require_shared_data

from analytics.facts import line_digest
from analytics.timeline import state_intervals
from domain.errors import InputError, NotFoundError
from lineproof import importing
from lineproof.importing import ImportSummary, import_files
from store.documents.plant import read_plant
from store.opening import Stores, open_stores

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PLANT = """\
plant: test
timezone: {zone}
company: {{name: {{en: Test}}, business_registration: "1"}}
calendars:
  day:
    holidays: none
    shifts: [{{name: A, days: [mon, tue, wed, thu, fri, sat, sun], start: "07:00", end: "19:00"}}]
lines:
  filler-1:
    name: {{en: Line}}
    calendar: day
    ideal_cycle_time_s: 1.0
    machines:
      {machine}: {{profile: import}}
      meter: {{profile: import}}
    roles: {{state: {machine}, total_count: {machine}, reject_count: {machine}, energy: meter}}
"""
HEADER = "time,machine,signal,value\n"
GOOD = HEADER + (
    "2026-03-02T07:00:00+08:00,filler,state,producing\n"
    "2026-03-02T07:00:00+08:00,filler,total_count,100\n"
    "2026-03-02T09:30:00+08:00,filler,state,stopped\n"
    "2026-03-02T10:00:00+08:00,filler,state,producing\n"
    "2026-03-02T12:00:00+08:00,filler,total_count,5100.5\n"
    "2026-03-02T12:00:00+08:00,meter,energy,7\n"
)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with open_stores(tmp_path / "node") as opened:
        apply(opened)
        yield opened


def apply(stores: Stores, zone: str = "Asia/Hong_Kong", machine: str = "filler") -> None:
    text = PLANT.format(zone=zone, machine=machine)
    stores.registry.apply_plant(text, read_plant(text, "plant.yaml"), NOW)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def written(text: str, name: str = "history.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


def run(stores: Stores, *files: Path, **options: Any) -> ImportSummary:
    return import_files(stores, None, "filler-1", files, now=NOW, **options)


def samples(stores: Stores) -> pl.DataFrame:
    extent = stores.telemetry.extent("filler-1")
    if extent is None:
        return pl.DataFrame()
    history = stores.telemetry.history("filler-1", extent.start, extent.end + timedelta(days=1))
    return history.samples


def facts(stores: Stores) -> pl.DataFrame:
    spec = line_digest(stores.registry.plant_of_line("filler-1"), "filler-1")
    years = datetime(2010, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
    return stores.telemetry.facts("filler-1", spec, *years)


def ledger(stores: Stores) -> list[int]:
    return [record.number for record in stores.telemetry.batches(limit=10_000)]


Write = Callable[..., Path]


def test_rows_become_samples_spans_and_facts(stores: Stores, write: Write) -> None:
    summary = run(stores, write(GOOD))
    assert (summary.files[0].rows, summary.files[0].rejected) == (6, 0)
    assert not summary.already_imported
    assert samples(stores).height == 6
    end = datetime(2026, 3, 2, 4, tzinfo=UTC)
    assert stores.telemetry.last_span_end("filler-1") == {"filler": end}
    found = facts(stores)
    assert summary.slices == 5
    assert found["producing_us"].sum() == 4.5 * 3600e6
    assert found["stopped_us"].sum() == 0.5 * 3600e6
    assert found["unknown_us"].sum() == 0
    assert found["total_count"].sum() == pytest.approx(5000.5, abs=1e-9)


@pytest.mark.parametrize(
    ("row", "line", "column", "value", "todo"),
    [
        ("2026-03-02T25:00Z,filler,state,idle", 8, "time", "2026-03-02T25:00Z", "ISO 8601"),
        (",filler,state,idle", 8, "time", "nothing", "ISO 8601"),
        ("1726-03-02T01:00Z,filler,state,idle", 8, "time", "1726-03-02T01:00Z", "from 1990"),
        ("2026-03-02T08:00Z,filer,state,idle", 8, "machine", "filer", "machines filler, meter"),
        ("2026-03-02T08:00Z,filler,total,1", 8, "signal", "total", "good_count"),
        ("2026-03-02T08:00Z,filler,state,runing", 8, "value", "runing", "one of unknown, pro"),
        ("2026-03-02T08:00Z,filler,mode,auto", 8, "value", "auto", "one of unknown, produce"),
        ("2026-03-02T08:00Z,filler,total_count,n/a", 8, "value", "n/a", "Write a number"),
        ("2026-03-02T08:00Z,filler,total_count,NaN", 8, "value", "NaN", "Write a number"),
        ("2026-03-02T08:00Z,filler,total_count,inf", 8, "value", "inf", "Write a number"),
        ("2026-03-02T08:00Z,filler,total_count,", 8, "value", "nothing", "Write a number"),
        ("2026-03-02T08:00Z,filler,order,", 8, "value", "nothing", "Write a text"),
        ("\n2026-03-02T08:00Z,filler,order,", 9, "value", "nothing", "Write a text"),
    ],
)
def test_one_bad_row_changes_nothing_and_is_named(
    stores: Stores, write: Write, row: str, line: int, column: str, value: str, todo: str
) -> None:
    path = write(GOOD + row + "\n" + "2026-03-02T13:00Z,filler,state,idle\n")
    with pytest.raises(InputError) as caught:
        run(stores, path)
    text = str(caught.value)
    said = value if value == "nothing" else f"'{value}'"
    assert text.startswith(f"{path}, line {line}: column '{column}' cannot be used: {said}.")
    assert todo in text
    assert text.endswith("Nothing was changed.")
    assert ledger(stores) == []
    assert list((stores.folder.agents / "import" / "sorting").iterdir()) == []


def test_an_unknown_quality_is_named(stores: Stores, write: Write) -> None:
    path = write("time,machine,signal,value,quality\n2026-03-02T08:00Z,filler,state,idle,so-so\n")
    with pytest.raises(InputError, match="line 2: column 'quality' cannot be used: 'so-so'"):
        run(stores, path)


def test_a_bad_second_file_keeps_the_first_out_too(stores: Stores, write: Write) -> None:
    bad = write(HEADER + "never,filler,state,idle\n", "bad.csv")
    with pytest.raises(InputError, match=r"bad\.csv, line 2"):
        run(stores, write(GOOD), bad)
    assert ledger(stores) == []


def test_keep_good_takes_the_good_rows_and_shows_the_bad_ones(stores: Stores, write: Write) -> None:
    path = write(GOOD + "x,filler,state,idle\n2026-03-02T08:00Z,filer,state,idle\n")
    summary = run(stores, path, keep_good=True)
    assert (summary.files[0].rows, summary.files[0].rejected) == (6, 2)
    assert samples(stores).height == 6
    kept = stores.telemetry.rejections().sort("machine")
    assert kept.select("machine", "address", "raw", "reason").rows() == [
        ("filer", "state", "filer", "imported row: machine cannot be used"),
        ("filler", "state", "x", "imported row: time cannot be used"),
    ]
    assert run(stores, path, keep_good=True).already_imported
    assert stores.telemetry.rejections().height == 2


def test_a_second_time_changes_nothing(stores: Stores, write: Write) -> None:
    path = write(GOOD)
    run(stores, path)
    before = ledger(stores), samples(stores), facts(stores)
    lines = GOOD.splitlines(keepends=True)
    again = [path, write(lines[0] + "".join(reversed(lines[1:])), "reversed.csv")]
    frame = pl.read_csv(path, infer_schema=False)
    frame.sample(fraction=1, shuffle=True, seed=1).write_parquet(path.with_suffix(".parquet"))
    summary = run(stores, *again, path.with_suffix(".parquet"))
    assert [file.already_imported for file in summary.files] == [True] * 3
    assert summary.already_imported
    assert summary.slices == 0
    after = ledger(stores), samples(stores), facts(stores)
    assert before[0] == after[0]
    assert before[1].equals(after[1])
    assert before[2].equals(after[2])


def test_the_same_rows_with_another_end_are_another_import(stores: Stores, write: Write) -> None:
    path = write(GOOD)
    run(stores, path)
    summary = run(stores, path, until="2026-03-02T14:00")
    assert not summary.already_imported
    assert samples(stores).height == 6
    until = datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert stores.telemetry.last_span_end("filler-1") == {"filler": until, "meter": until}
    assert facts(stores)["producing_us"].sum() == 6.5 * 3600e6


def test_a_memory_that_the_ledger_does_not_bear_out_is_not_believed(
    tmp_path: Path, write: Write
) -> None:
    with open_stores(tmp_path / "node") as stores:
        apply(stores)
        run(stores, write(GOOD))
    (tmp_path / "node" / "telemetry.duckdb").unlink()
    with open_stores(tmp_path / "node") as stores:
        assert not run(stores, write(GOOD)).already_imported
        assert samples(stores).height == 6


def test_an_import_that_was_killed_is_completed_by_the_next_one(
    stores: Stores, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after its second batch was on the agent's disk and before it was acknowledged."""
    monkeypatch.setattr(importing, "BATCH_ROWS", 2)
    taken: list[bytes] = []
    receive = importing.Collector.receive

    def dies(self: importing.Collector, data: bytes) -> Any:
        if len(taken) == 1:
            raise KeyboardInterrupt
        taken.append(data)
        return receive(self, data)

    with monkeypatch.context() as patched:
        patched.setattr(importing.Collector, "receive", dies)
        with pytest.raises(KeyboardInterrupt):
            run(stores, write(GOOD))
    assert ledger(stores) == [1]
    assert (stores.folder.agents / "import" / "pending.batch").exists()
    assert not run(stores, write(GOOD)).already_imported
    assert samples(stores).height == 6
    assert stores.archive.quarantine_counts() == {}
    assert facts(stores)["total_count"].sum() == pytest.approx(5000.5, abs=1e-9)


def shuffled(text: str, seed: int) -> str:
    header, *rows = text.splitlines(keepends=True)
    order = pl.Series(rows).sample(fraction=1, shuffle=True, seed=seed)
    return header + "".join(order)


def float_or(text: str) -> float | str:
    return text if text.isalpha() else float(text)


def long_history() -> str:
    """A month with resets, fractions and contradictions at the same instant."""
    start = datetime(2026, 1, 31, 22, tzinfo=UTC)
    rows, states = [], ("producing", "stopped", "idle", "fault", "producing")
    for step in range(2_000):
        at = start + timedelta(minutes=23 * step, seconds=step % 7, microseconds=step % 3)
        rows.append(f"{at.isoformat()},filler,state,{states[step * step % 5]}\n")
        rows.append(f"{at.isoformat()},filler,total_count,{(step % 350) * 1.1}\n")
        if step % 4 == 0:
            rows.append(f"{at.isoformat()},filler,reject_count,{step % 350 / 7}\n")
        if step % 11 == 0:
            rows.append(f"{at.isoformat()},filler,total_count,{step % 350}\n")
            rows.append(f"{at.isoformat()},meter,energy,{step * 0.3}\n")
    return HEADER + "".join(rows)


def test_shuffled_import_gives_the_same_facts_to_the_last_bit(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, found = long_history(), []
    monkeypatch.setattr(importing, "BATCH_ROWS", 500)
    for seed in (None, 1, 2):
        with open_stores(tmp_path / f"node-{seed}") as stores:
            apply(stores)
            run(stores, write(text if seed is None else shuffled(text, seed)))
            found.append(facts(stores))
    assert found[0].height > 700
    assert found[1].equals(found[0])
    assert found[2].equals(found[0])


def test_one_file_or_many_pieces_in_any_order_count_the_same(tmp_path: Path, write: Write) -> None:
    """Each file confirms its own extent, so the pieces overlap in one row to leave no gap."""
    header, *rows = long_history().splitlines(keepends=True)
    with open_stores(tmp_path / "whole") as stores:
        apply(stores)
        run(stores, write(header + "".join(rows)))
        whole = facts(stores)
    cuts = [0, 700, 1800, 2600, len(rows)]
    pieces = [
        write(header + "".join(rows[max(0, first - 30) : last]), f"{first}.csv")
        for first, last in pairwise(cuts)
    ]
    with open_stores(tmp_path / "pieces") as stores:
        apply(stores)
        for index in (2, 0, 3, 1):
            run(stores, pieces[index])
        assert facts(stores)["producing_us"].to_list() == whole["producing_us"].to_list()
        assert facts(stores)["total_count"].equals(whole["total_count"])


def test_more_rows_than_a_chunk_and_a_bucket_hold(
    stores: Stores, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lineproof.import_source.CHUNK_ROWS", 300)
    monkeypatch.setattr("lineproof.import_sorting.BUCKET_ROWS", 1_000)
    text = shuffled(long_history(), 3)
    summary = run(stores, write(text))
    rows = {(*row.split(",")[:3], float_or(row.split(",")[3])) for row in text.splitlines()[1:]}
    assert summary.files[0].rows == len(rows)
    resolved = samples(stores)
    assert resolved.height == resolved.unique(["machine", "signal", "time"]).height
    assert run(stores, write(text)).already_imported


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
        plant = stores.registry.plant_of_line("filler-1")
        history = stores.telemetry.history("filler-1", first, end)
        assert (
            seconds(state_intervals(plant, "filler-1", history, first, end))
            == (expected["seconds_by_state"])
        )


def seconds(intervals: pl.DataFrame) -> dict[str, float]:
    length = (pl.col("end") - pl.col("start")).dt.total_microseconds()
    sums: Sequence[tuple[str, int]] = intervals.group_by("state").agg(length.sum()).rows()
    return {state: round(us / 1e6, 3) for state, us in sums}
