"""Import of history: exact, once, whatever the order; one bad row changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from import_plant import GOOD, HEADER, Write, apply, facts, ledger, run, samples

from domain.errors import InputError
from lineproof.history_import import importer
from store.node.opening import Stores, open_stores


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
        ("2026-03-02T08:00Z,filler,state,", 8, "value", "nothing", "one of unknown, produ"),
        ("\n2026-03-02T08:00Z,filler,mode,", 9, "value", "nothing", "one of unknown, produce"),
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


def test_nothing_in_the_place_of_a_text_ends_the_order(stores: Stores, write: Write) -> None:
    """Time without an order is what AOET leaves out, so a file must be able to tell it."""
    path = write(
        "time,machine,signal,value,quality\n2026-03-02T08:00Z,filler,order,A-1,\n"
        "2026-03-02T09:00Z,filler,order,,good\n2026-03-02T10:00Z,filler,order,,bad\n"
    )
    run(stores, path)
    told = samples(stores).filter(signal="order").sort("time")
    assert told["text"].to_list() == ["A-1", "", None]


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
    monkeypatch.setattr(importer, "BATCH_ROWS", 2)
    taken: list[bytes] = []
    receive = importer.Collector.receive

    def dies(self: importer.Collector, data: bytes) -> Any:
        if len(taken) == 1:
            raise KeyboardInterrupt
        taken.append(data)
        return receive(self, data)

    with monkeypatch.context() as patched:
        patched.setattr(importer.Collector, "receive", dies)
        with pytest.raises(KeyboardInterrupt):
            run(stores, write(GOOD))
    assert ledger(stores) == [1]
    assert (stores.folder.agents / "import" / "pending.batch").exists()
    assert not run(stores, write(GOOD)).already_imported
    assert samples(stores).height == 6
    assert stores.archive.quarantine.counts() == {}
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
    monkeypatch.setattr(importer, "BATCH_ROWS", 500)
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
    monkeypatch.setattr("lineproof.history_import.formats.parquet_files.CHUNK_ROWS", 300)
    monkeypatch.setattr("lineproof.history_import.external_sort.BUCKET_ROWS", 1_000)
    text = shuffled(long_history(), 3)
    summary = run(stores, write(text))
    rows = {(*row.split(",")[:3], float_or(row.split(",")[3])) for row in text.splitlines()[1:]}
    assert summary.files[0].rows == len(rows)
    resolved = samples(stores)
    assert resolved.is_unique().all()
    assert run(stores, write(text)).already_imported
