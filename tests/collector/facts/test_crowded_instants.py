"""Several things said at one instant: the same facts in any order, any batches, either database.

Rows lie on few instants, so that most of them are crowded, and what is left at one depends on what
was left long before it. Set LINEPROOF_CROWDED_EXAMPLES to try more.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from arriving import LINE, PLANT, START, Plants, Row, Stretch, store_items
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from influx import InfluxServer, influx_server

from analytics import integrity_flags
from analytics.facts.line_digest import line_digest
from collector.facts.keeper import FactsKeeper
from domain.frames import FACTS
from domain.plant import Plant
from domain.states import MachineMode, MachineState
from domain.time import MICROSECOND
from store.history import affected_windows
from store.history.line_history import line_history
from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.influxdb.store import InfluxStore
from store.telemetry.protocol import TelemetryStore

EXAMPLES = int(os.environ.get("LINEPROOF_CROWDED_EXAMPLES", "4"))
HOUR = timedelta(hours=1)
LENGTH = 14 * HOUR
WHOLE: tuple[Stretch, ...] = (("a", START, START + LENGTH),)
# Machine b, which counts good items and energy, is away twice, and a once.
WITH_GAPS: tuple[Stretch, ...] = (
    ("a", START, START + 4.4 * HOUR),
    ("a", START + 6.6 * HOUR, START + LENGTH),
    ("b", START, START + 2.3 * HOUR),
    ("b", START + 3.7 * HOUR, START + 8.2 * HOUR),
    ("b", START + 9.3 * HOUR, START + LENGTH),
)
# What says that counts may be missing, or belong elsewhere: all of it is to be there.
# Those that these few stories hold; a meter that is reset, or one counter that judges the items of
# another, is rarer.
RARE = (
    "energy_unsure_reset_kwh",
    "unsure_judged_count",
    "rework_unsure_start_count",
    "rework_unsure_end_count",
)
DOUBTS = ["energy_unheard_s", *(it for it in FACTS if "unsure" in it and it not in RARE)]
STATES = [MachineState.PRODUCING, MachineState.STOPPED, MachineState.FAULT, MachineState.UNKNOWN]
SAID: dict[str, list[tuple[float | None, str | None]]] = {
    "state": [(float(it.code), it.value) for it in STATES],
    "mode": [(float(it.code), it.value) for it in MachineMode],
    "product": [(None, it) for it in ("x", "y", "z", "")],
    "order": [(None, it) for it in ("A", "B", "")],
    "stop_reason": [(None, it) for it in ("x", "y", "")],
    "total_count": [(it, None) for it in (0.0, 10.0, 11.0, 5e3, 5e3 + 0.5, 9e6)],
}
MODE_ELSEWHERE = replace(PLANT, lines={"l": replace(LINE, roles={**LINE.roles, "mode": "b"})})
instants = st.builds(
    lambda hour, second: START + timedelta(hours=hour, seconds=second),
    st.integers(0, 13),
    st.sampled_from([0, 0, 1800]),
)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    signal = draw(st.sampled_from(["state"] * 4 + [*SAID]))
    value, text = draw(st.sampled_from(SAID[signal]))
    quality = draw(st.sampled_from([0] * 6 + [1, 2]))
    if quality == 2:
        value = text = None
    machine = draw(st.sampled_from("ab")) if signal == "mode" else "a"
    return machine, signal, draw(instants), value, text, quality


def keeper(store: TelemetryStore, plant: Plant) -> FactsKeeper:
    return FactsKeeper(store, Plants(plant), lambda: datetime(2030, 1, 1, tzinfo=UTC))


def arrive(
    store: TelemetryStore,
    told: list[Row],
    chance: random.Random,
    *,
    refresh: bool,
    plant: Plant = PLANT,
    known: tuple[Stretch, ...] = WHOLE,
) -> pl.DataFrame:
    """The facts, once the rows came in any order, some twice, in some batches, and between them
    what confirms."""
    arriving = chance.sample(told, len(told)) + chance.sample(told, len(told) // 4)
    kept = keeper(store, plant)
    confirming = chance.sample(known, len(known))
    while arriving or confirming:
        if confirming:
            store_items(store, [((), (confirming.pop(),))])
        if not arriving:
            continue
        count = chance.randint(1, len(arriving))
        store_items(store, [(tuple(arriving[:count]), ())])
        arriving = arriving[count:]
        if refresh and chance.random() < 0.7:
            kept.refresh()
            kept = keeper(store, plant) if chance.random() < 0.2 else kept
    kept.refresh()
    return store.facts("l", line_digest(plant, "l"), START - 48 * HOUR, START + 48 * HOUR)


# What fails is not shrunk: every try opens databases.
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    st.lists(rows(), min_size=4, max_size=40),
    st.sampled_from([PLANT, MODE_ELSEWHERE]),
    st.sampled_from([timedelta(0), timedelta(days=30)]),
    st.randoms(use_true_random=False),
)
def test_any_order_and_any_batches_give_the_same_facts(
    told: list[Row], plant: Plant, at_once: timedelta, chance: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(affected_windows, "READ_AT_ONCE", at_once)
        once, often = (DuckDBStore(Path(folder) / name) for name in ("once", "often"))
        expected = arrive(once, told, chance, refresh=False, plant=plant)
        found = arrive(often, told, chance, refresh=True, plant=plant)
        assert found.equals(expected)
        assert_windows_agree(once)
        once.close()
        often.close()


def assert_windows_agree(store: TelemetryStore) -> None:
    """However short the stretch that is read, it says what the whole says."""
    whole = line_history(store, "l", START, START + LENGTH)
    for hour in range(0, 14, 3):
        start = START + hour * HOUR + MICROSECOND
        part = line_history(store, "l", start, start + HOUR)
        for machine, signal in part.all_series:
            found = part.series(machine, signal)
            every = whole.series(machine, signal)
            inside = every.filter(pl.col("time").is_between(found["time"][0], found["time"][-1]))
            if signal in SAID and signal != "total_count":
                assert found.equals(inside), (signal, hour)


@pytest.fixture(scope="module")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with influx_server(tmp_path_factory.mktemp("influx")) as server:
        yield server


def test_both_databases_give_the_same_facts(influx: InfluxServer, tmp_path: Path) -> None:
    seen = dict.fromkeys(DOUBTS, False)
    for seed in range(max(2, EXAMPLES // 4)):
        facts = same_facts_in_both(influx, tmp_path / f"{seed}.duckdb", seed)
        for name in DOUBTS:
            seen[name] |= bool((facts[name].fill_null(0) != 0).any())
    assert all(seen.values()), seen


def same_facts_in_both(influx: InfluxServer, path: Path, seed: int) -> pl.DataFrame:
    chance = random.Random(seed)
    of = [START + timedelta(minutes=30 * number) for number in range(28)]
    told: list[Row] = []
    for signal, values in SAID.items():
        for at in chance.sample(of, 20):
            for value, text in chance.choices(values, k=chance.choice([1, 2, 2, 3])):
                told.append(("a", signal, at, value, text, chance.choice([0, 0, 0, 1])))
    for at in chance.sample(of, 20):
        for signal in chance.choices(["good_count", "reject_count", "energy"], k=4):
            hours = (at - START) / HOUR
            value, quality = hours * 400 + chance.choice([0, 1, 0.3]), chance.choice([0] * 8 + [2])
            told.append(("b", signal, at, value if quality == 0 else None, None, quality))
    stores = (
        DuckDBStore(path),
        InfluxStore(influx.url, influx.org, influx.new_bucket(), influx.token),
    )
    one, other = (arrive(store, told, chance, refresh=True, known=WITH_GAPS) for store in stores)
    assert one.equals(other)
    assert integrity_flags.union(one["flags"]) & integrity_flags.CONTRADICTION
    for store in stores:
        store.close()
    return one
