"""Files as people have them: public cases of other systems, and what is right for each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from command_line import answer, lineproof, refused
from import_plant import GOOD, HEADER, Write, facts, ledger, run, samples
from peers import require_shared_data

from domain.errors import InputError
from store.node.opening import Stores


def case(name: str, tmp_path: Path) -> tuple[Path, tuple[str | Path, ...]]:
    """The case's folder, and the options that name a node with its plant."""
    folder = require_shared_data(f"field/{name}")
    node = ("--data", tmp_path / "node")
    lineproof("apply", "-f", folder / "plant.yaml", *node)
    return folder, ("--line", "line-1", *node)


WINDOW = ("--start", "2026-03-02T07:00", "--end", "2026-03-02T11:00")


def test_inch_marks_in_reasons(tmp_path: Path) -> None:
    folder, line = case("csv-inch-mark", tmp_path)
    summary = answer("import", *line, folder / "history.csv")
    assert summary["files"][0]["rows"] == 11
    (row,) = answer("kpi", *line, *WINDOW)
    assert row["production_time_s"] == 9000.0
    told = str(answer("stops", *line, *WINDOW))
    assert "cap 12" in told
    assert "film 3" in told


def test_a_comma_before_fractions_of_a_second(tmp_path: Path) -> None:
    folder, line = case("csv-iso-comma", tmp_path)
    lineproof("import", *line, folder / "history.csv")
    (row,) = answer("kpi", *line, *WINDOW)
    assert row["production_time_s"] == 3599.5


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("semicolon.csv", ("line 2", "02.03.2026 07:00:00", "--map")),
        ("decimal-comma.csv", ("line 3", "1234,5", "--map")),
        ("other-columns.csv", ("line 1", "'time' is missing", "entity_id", "--map")),
    ],
)
def test_a_european_export_is_refused_with_advice(
    tmp_path: Path, file: str, said: tuple[str, ...]
) -> None:
    folder, line = case("csv-european", tmp_path)
    message = refused("import", *line, folder / file)
    assert all(words in message for words in (file, *said, "Nothing was changed")), message


def test_a_european_export_is_taken_as_its_map_says(tmp_path: Path) -> None:
    folder, line = case("csv-european", tmp_path)
    how = tmp_path / "map.yaml"
    how.write_text('decimal: ","\ntime: "%d.%m.%Y %H:%M:%S"\n', encoding="utf-8")
    summary = answer("import", *line, "--map", how, folder / "semicolon.csv")
    assert summary["files"][0]["rows"] == 2
    assert summary["files"][0]["start"] == "2026-03-01T23:00:00+00:00"


def test_a_state_that_cannot_be_used_is_unknown_time(tmp_path: Path) -> None:
    folder, line = case("unavailable-with-keep-good", tmp_path)
    summary = answer("import", *line, "--keep-good", folder / "history.csv")
    assert (summary["files"][0]["rows"], summary["files"][0]["rejected"]) == (5, 1)
    (row,) = answer("kpi", *line, *WINDOW)
    assert row["unknown_time_s"] == 7200.0
    assert row["coverage"] == 0.5
    assert row["oee_low"] < row["oee_high"]


def test_the_old_and_the_new_state_at_the_instant_of_a_change(tmp_path: Path) -> None:
    folder, line = case("step-export-same-instant", tmp_path)
    lineproof("import", *line, folder / "history.csv")
    (row,) = answer("kpi", *line, *WINDOW)
    assert (row["production_time_s"], row["availability"]) == (13500.0, 0.9375)
    assert (row["unknown_time_s"], row["total_count"]) == (0.0, 12000.0)
    assert "contradiction" not in row["flags"]


def test_clocks_that_change_at_midnight(tmp_path: Path) -> None:
    folder, line = case("dst-at-midnight", tmp_path)
    lineproof("import", *line, folder / "spring.csv", folder / "fall.csv")
    spring = answer("kpi", *line, "--start", "2026-09-05", "--end", "2026-09-08", "--by", "day")
    assert [row["planned_busy_time_s"] for row in spring] == [84600.0, 81000.0, 84600.0]
    (fall,) = answer("kpi", *line, "--start", "2026-04-04", "--end", "2026-04-05")
    assert fall["planned_busy_time_s"] == 88200.0


@pytest.mark.parametrize(
    ("signal", "value"), [("state", "unavailable"), ("mode", "auto"), ("speed", "n/a")]
)
def test_what_cannot_be_used_ends_what_held_before(
    stores: Stores, write: Write, signal: str, value: str
) -> None:
    good = {"state": "producing", "mode": "produce", "speed": "1"}[signal]
    text = HEADER + "".join(
        f"2026-03-02T{hour}:00,filler,{signal},{said}\n"
        for hour, said in (("07", good), ("08", value), ("09", good))
    )
    summary = run(stores, write(text), keep_good=True)
    assert (summary.files[0].rows, summary.files[0].rejected) == (2, 1)
    said = samples(stores)["text" if signal != "speed" else "quality"].to_list()
    assert said == ([0, 2, 0] if signal == "speed" else [good, "unknown", good])
    assert run(stores, write(text), keep_good=True).already_imported


def test_an_unknown_quality_ends_the_order(stores: Stores, write: Write) -> None:
    text = (
        "time,machine,signal,value,quality\n2026-03-02T07:00,filler,order,A,\n"
        "2026-03-02T08:00,filler,order,B,so-so\n"
    )
    run(stores, write(text), keep_good=True)
    assert samples(stores).select("text", "quality").rows() == [("A", 0), (None, 2)]


def test_a_count_goes_on_across_one_that_cannot_be_used(stores: Stores, write: Write) -> None:
    bad = "2026-03-02T10:00:00+08:00,filler,total_count,n/a\n"
    run(stores, write(GOOD + bad), keep_good=True)
    counts = samples(stores).filter(signal="total_count")
    assert counts.select("value", "quality").rows() == [(100, 0), (None, 2), (5100.5, 0)]
    assert facts(stores)["unknown_us"].sum() == 0
    assert facts(stores)["total_count"].sum() == pytest.approx(5000.5)


def test_a_count_that_cannot_be_used_did_not_stand_still(stores: Stores, write: Write) -> None:
    """Rejects may stand still for hours; but the last that was heard of these is a broken value."""
    rejects = "".join(
        f"2026-03-02T{at}:00+08:00,filler,reject_count,{said}\n"
        for at, said in (("09:50", 3), ("10:00", 4), ("10:30", "#REF!"))
    )
    run(stores, write(GOOD + rejects), keep_good=True)
    ten = datetime(2026, 3, 2, 2, tzinfo=UTC)
    told = facts(stores).filter(pl.col("start") >= ten, pl.col("reject_unheard_s") > 0)
    assert told["reject_unheard_s"].to_list() == [1800.0, 3600.0]


def test_a_text_over_lines_and_a_bad_row_after_it_are_at_their_lines(
    stores: Stores, write: Write
) -> None:
    text = HEADER + '2026-03-02T07:00,filler,stop_reason,"jam\nat cutter"\n\nnever,filler,state,x\n'
    with pytest.raises(InputError, match="line 5: column 'time'"):
        run(stores, write(text))
    assert ledger(stores) == []
    run(stores, write(text), keep_good=True)
    assert samples(stores)["text"].to_list() == ["jam\nat cutter"]


def test_the_encoding_and_the_line_ends_make_no_difference(stores: Stores, write: Write) -> None:
    path = write(GOOD)
    run(stores, path)
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le"):
        path.write_bytes(GOOD.replace("\n", "\r\n").encode(encoding))
        assert run(stores, path).already_imported
    path.write_text("sep=;\n" + GOOD.replace(",", ";"), encoding="utf-8")
    assert run(stores, path).already_imported
    last = samples(stores)["time"].max()
    assert last - samples(stores)["time"].min() == timedelta(hours=5)


def test_a_product_that_nobody_defined_is_named(tmp_path: Path) -> None:
    folder, line = case("unknown-product", tmp_path)
    done = lineproof("import", *line, folder / "history.csv")
    assert "tells the product 'LARGE', which the plant file does not define" in done.errors
    assert "Did you mean 'large'?" in done.errors
    again = lineproof("apply", "-f", folder / "plant.yaml", *line[2:])
    assert "tells the product 'LARGE', which the plant file does not define" in again.errors
    (row,) = answer("kpi", *line, "--start", "2026-03-02T08:00", "--end", "2026-03-02T10:00")
    assert row["effectiveness"] == 0.1875  # by the line's own cycle time, and flagged
    assert "undefined_product" in row["flags"]
    found = " ".join(lineproof("doctor", "--data", tmp_path / "node").output.split())
    assert "product LARGE" in found
