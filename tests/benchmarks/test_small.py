"""The benchmarks at a small part of their size: that they run, and that their results agree.

Nothing here looks at a clock; `make bench` does.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import archive
import command_line
import disconnects
import engines
import from_store
import kernel
import months
import mqtt_json
import opcua_values
import outage
import polars as pl
import pytest
import sparkplug
import startup
from made_up import START, Plants, a_history, a_plant, end_of, line_name
from mqtt_broker import mqtt_broker

from analytics.facts.line_digest import line_digest
from analytics.facts.line_facts import line_facts
from collector.facts.keeper import FactsKeeper
from domain.frames import STATE_COLUMNS
from store.telemetry.duckdb.store import DuckDBStore

DAYS = 20


def test_kernel_pandas_and_sql_agree() -> None:
    """To the microsecond and to a millionth of an item, or `compared` ends the program."""
    taken = kernel.compared(lines=3, days=DAYS, at_once=2)
    assert taken.rows > 3 * DAYS * 3000


@pytest.mark.parametrize("column", [*STATE_COLUMNS[:2], "total_count"])
def test_a_difference_would_be_seen(column: str) -> None:
    facts = line_facts(a_plant(1), line_name(0), a_history(0, 3), START, end_of(3))
    hours = engines.of_facts(facts)
    assert engines.difference(hours, hours) == ""
    wrong = hours.with_columns(pl.col(column) + (pl.int_range(pl.len()) == 7))
    assert engines.difference(hours, wrong.cast(dict(hours.schema))) != ""


def test_facts_in_the_file_are_those_of_the_kernel(tmp_path: Path) -> None:
    """Also of hours that came later, one at a time."""
    file = from_store.made_file(tmp_path, 2, DAYS)
    assert from_store.only_read(file, 2, DAYS)["rows"] > 2 * DAYS * 3000
    made = from_store.make_facts(file, 2, DAYS)
    assert made["slices"] == 2 * DAYS * 24
    plant = a_plant(2)
    store = DuckDBStore(file)
    first, second = (line_digest(plant, line_name(number)) for number in range(2))
    expected = line_facts(plant, line_name(1), a_history(1, DAYS), START, end_of(DAYS))
    assert store.facts(line_name(1), second, START, end_of(DAYS)).equals(expected)
    store.close()
    from_store.new_hours(file, 2, DAYS)
    store = DuckDBStore(file)
    later = end_of(DAYS + (from_store.HOURS_TOGETHER + from_store.NEW_HOURS) / 24)
    grown = store.facts(line_name(0), first, START, later)
    store.replace_facts(line_name(0), "forgotten", [], grown.clear(), 0)
    FactsKeeper(store, Plants(plant), lambda: later + timedelta(days=1)).refresh(line_name(0))
    assert store.facts(line_name(0), first, START, later).equals(grown)
    assert grown["end"].max() == later
    store.close()


def test_each_figure_comes_from_a_process_of_its_own(tmp_path: Path) -> None:
    found = from_store.all_lines(tmp_path, 1, 3)
    assert found["rows"] > 3 * 3000
    assert found["gb"] > 0.05
    assert min(found.values()) > 0


def test_sums_by_month_are_those_of_the_facts(tmp_path: Path) -> None:
    """Or `measured` ends the program."""
    found = months.measured(tmp_path, lines=12, days=70)
    assert (found.facts, found.rows) == (12 * 70 * 24, 12 * 3)


def test_both_starts_are_measured_in_pairs() -> None:
    """Or `measured` raises: the help of this checkout is shown, and polars is imported."""
    found = startup.measured(pairs=1)
    assert len(found.help_s) == len(found.polars_s) == 1
    assert startup.Startup((0.3, 0.2, 9.0), (0.1, 0.2, 0.2)).ratio == pytest.approx(1.5)


def test_both_layouts_keep_the_same_batches(tmp_path: Path) -> None:
    """Or reading them again ends the program."""
    batches = archive.small_batches(count=7, agents=2, rows=3)
    files, segments = archive.in_files(tmp_path, batches), archive.in_segments(tmp_path, batches)
    assert (files.files, segments.files) == (7 + 1, 2 + 1)
    assert files.lasting_mb == segments.lasting_mb == sum(len(it.data) for it in batches) / 1e6


async def test_no_sparkplug_message_is_lost_on_its_way(tmp_path: Path) -> None:
    """Or `whole` ends the program."""
    with mqtt_broker(tmp_path) as broker:
        assert await sparkplug.whole(tmp_path, broker.port, 300, metrics=5, used=2) > 0


async def test_no_json_message_is_lost_on_its_way(tmp_path: Path) -> None:
    """Or `whole` ends the program."""
    with mqtt_broker(tmp_path) as broker:
        assert await mqtt_json.whole(tmp_path, broker.port, 300) > 0


async def test_no_opcua_value_is_lost_on_its_way(tmp_path: Path) -> None:
    """Or `whole` and `bare` end the program."""
    server = opcua_values.Variables(10)
    agent = await opcua_values.whole(tmp_path, server, instants=5)
    bare = await opcua_values.bare(server, instants=5)
    server.end()
    assert (agent.values, bare.values) == (50, 50)
    assert min(agent.each_us, bare.each_us) > 0


def test_what_waits_in_a_spool_is_all_there_and_its_bound_holds(tmp_path: Path) -> None:
    """Or `outage` and `at_the_bound` end the program."""
    for name in ("whole", "bound"):
        (tmp_path / name).mkdir()
    found = outage.outage(tmp_path / "whole", rate=200, seconds=30)
    assert found.samples == 6_000
    assert outage.at_the_bound(tmp_path / "bound", 1_000, limit_bytes=400_000) > 20_000


async def test_an_agent_comes_back_and_tells_its_memory(tmp_path: Path) -> None:
    """Or `a_day` ends the program."""
    log = tmp_path / "edge.log"
    day = await disconnects.a_day(
        tmp_path, 1, start=lambda file: command_line.start("edge", "--config", file, output=log)
    )
    assert len(day.memory) == 1
    assert day.losses >= 1
    assert day.change(aside=0) == pytest.approx(1, rel=0.5)
