"""Lines of one plant that live for a while, as a telemetry store is told of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import polars as pl
from arriving import Plants
from telemetry import batch, samples, spans

from analytics.facts.line_digest import line_digest
from collector.facts.keeper import FactsKeeper
from domain.plant import Line, Machine, Plant
from domain.states import MachineState
from store.telemetry.protocol import TelemetryStore

START = datetime(2026, 3, 1, 16, tzinfo=UTC)  # midnight in Hong Kong
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LINES = [f"l{number}" for number in range(5)]


def a_line(name: str) -> Line:
    roles = dict.fromkeys(("state", "total_count", "good_count", "product"), "m")
    return Line(name, {"en": name}, {"m": Machine("m", "import")}, roles, None, 1.0)


PLANT = Plant(
    "p", ZoneInfo("Asia/Hong_Kong"), {"en": "P"}, "1", {}, {name: a_line(name) for name in LINES}
)


def tell(store: TelemetryStore, line: str, start: datetime, length: timedelta, seed: int) -> None:
    """A stretch of a line's life: a state and a count a minute, now and then a product."""
    chance = Random(f"{line} {start} {seed}")
    rows = []
    for minute in range(length // MINUTE):
        at = start + minute * MINUTE
        state = chance.choice(list(MachineState))
        count = (at - START) / MINUTE * 20 + chance.randrange(20)
        rows.append({"time": at, "signal": "state", "value": state.code, "text": state.value})
        rows.append({"time": at + MINUTE / 2, "value": count})
        rows.append({"time": at + MINUTE / 3, "signal": "good_count", "value": count * 0.9})
        if chance.random() < 0.02:
            rows.append({"time": at, "signal": "product", "text": chance.choice("xy")})
    number = round((start - START) / MINUTE) * 10 + seed
    store.append(
        [
            batch(
                number,
                samples(*rows, line=line, machine="m"),
                spans((start, start + length), line=line, machine="m"),
                agent=line,
            )
        ]
    )


def keeper_of(store: TelemetryStore, plant: Plant = PLANT) -> FactsKeeper:
    return FactsKeeper(store, Plants(plant), lambda: START + 365 * 24 * HOUR)


def facts_of(store: TelemetryStore, line: str) -> pl.DataFrame:
    return store.facts(line, line_digest(PLANT, line), START - 24 * HOUR, START + 30 * 24 * HOUR)
