"""Filling line 1 with a reason tree, with stops that ask for a reason, and people who give them.

In shift A of 25 March, besides what web_plant tells: stopped from 14:06 to 14:10 and from 14:11 to
14:15, and since 14:20; the clock stands at 14:22.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

from signing_in import PASSWORD
from web_plant import (
    NOW,
    PLANT,
    Clock,
    confirm,
    filled_queries,
    keep_facts,
    opened_queries,
    registry_of,
    store_of,
    tell,
)

from api.queries.lines import Queries
from api.records.corrections import Draft, record
from domain.access import Assignment
from domain.states import MachineState
from store.files.plant import read_plant

TREE = """
reasons:
  filler-trouble:
    name: {en: Filler, zh-Hant: 灌裝機, zh-Hans: 灌装机}
    reasons:
      jam: {name: {en: Bottle jam, zh-Hant: 樽卡住, zh-Hans: 瓶卡住}}
      valve: {name: {en: Valve leaks, zh-Hant: 閥門漏水, zh-Hans: 阀门漏水}, kind: breakdown}
  people:
    name: {en: Staff, zh-Hant: 人員, zh-Hans: 人员}
    reasons:
      cleaning: {name: {en: Cleaning, zh-Hant: 清潔, zh-Hans: 清洁}, kind: planned}
"""
ORDERS = """
orders:
  "4711": {line: filler-1, product: juice-330, quantity: 9000,
           start: 2026-03-25T07:00, end: 2026-03-25T14:00}
  "4712": {line: filler-1, product: tea-500, quantity: 6000,
           start: 2026-03-25T14:00, end: 2026-03-25T23:00}
  "4699": {line: filler-1, product: tea-500, quantity: 6000,
           start: 2026-03-02T14:00, end: 2026-03-02T23:00}
"""
TEA = "tea-500: {name: {en: Tea 500 ml, zh-Hant: 茶 500 毫升}, ideal_cycle_time_s: 1.0}"
LINE = "filler-1"
PEOPLE = (
    ("boss", "administrator"), ("wong", "operator@line:filler-1"),
    ("chan", "operator@line:filler-1"), ("ho", "supervisor@line:filler-1"),
    ("lee", "officer"),
)  # fmt: skip


def at(minute: float) -> datetime:
    """So many minutes after 14:00."""
    return NOW + timedelta(minutes=minute - 5)


FIRST, SECOND, RUNNING = at(6), at(11), at(20)


def stopped_line(folder: Path, clock: Clock) -> Queries:
    """With its people. Close its stores as those of `web_plant.filled_queries`."""
    shutil.copytree(_prepared(), folder, dirs_exist_ok=True)
    clock.now = at(22)
    return opened_queries(folder, clock)


@cache
def _prepared() -> Path:
    """A folder with all of it: to make one takes ten times as long as to copy it."""
    folder, clock = Path(tempfile.mkdtemp()), Clock()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    queries = filled_queries(folder, clock)
    registry = registry_of(queries)
    text = PLANT + TREE
    registry.apply.plant(text, read_plant(text, "plant.yaml"), NOW)
    stopped, runs = MachineState.STOPPED, MachineState.PRODUCING
    tell(
        queries, 1, (FIRST, stopped), (at(10), runs), (SECOND, stopped), (at(15), runs),
        (RUNNING, stopped),
    )  # fmt: skip
    confirm(queries, 2, at(22))
    clock.now = at(22)
    keep_facts(queries)
    for name, role in PEOPLE:
        registry.accounts.add(name, name.title(), [Assignment.parse(role)], queries.now())
        registry.accounts.set_password(name, PASSWORD)
    store_of(queries).close()
    registry.close()
    return folder


def with_orders(queries: Queries) -> None:
    """From now on the plant has a second product, and orders of which one runs now."""
    text = PLANT.replace("products:\n", f"products:\n  {TEA}\n") + TREE + ORDERS
    registry_of(queries).apply.plant(text, read_plant(text, "plant.yaml"), queries.now())


def take_back(queries: Queries) -> None:
    """Whatever people said of the line holds no more."""
    registry = registry_of(queries)
    for it in registry.facts_basis.line_corrections(LINE).in_force:
        draft = Draft("withdrawal", "ho", withdraws=it.id)
        record(queries, registry.record, LINE, draft, str(uuid4()))
