"""A small plant to import history into, and what is then in its stores."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from analytics.facts.line_digest import line_digest
from lineproof.history_import.importer import ImportSummary, import_files
from store.files.plant import read_plant
from store.node.opening import Stores

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


Write = Callable[..., Path]


def apply(stores: Stores, zone: str = "Asia/Hong_Kong", machine: str = "filler") -> None:
    text = PLANT.format(zone=zone, machine=machine)
    stores.registry.apply.plant(text, read_plant(text, "plant.yaml"), NOW)


def run(stores: Stores, *files: Path, **options: Any) -> ImportSummary:
    return import_files(stores, None, "filler-1", files, now=NOW, **options)


def samples(stores: Stores) -> pl.DataFrame:
    extent = stores.telemetry.extent("filler-1")
    if extent is None:
        return pl.DataFrame()
    history = stores.telemetry.history("filler-1", extent.start, extent.end + timedelta(days=1))
    return history.samples


def facts(stores: Stores) -> pl.DataFrame:
    spec = line_digest(stores.registry.plants.of_line("filler-1"), "filler-1")
    years = datetime(2010, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
    return stores.telemetry.facts("filler-1", spec, *years)


def ledger(stores: Stores) -> list[int]:
    return [record.number for record in stores.telemetry.batches(limit=10_000)]
