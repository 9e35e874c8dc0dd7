"""The node of the stories: a running shift at a real machine, and a project with its officer.

The packing line is read live, by OPC UA, and each of its stops asks for a reason at once. Its shift
began seven hours and ten minutes ago; the first of it was imported, and its OEE is an alert. The
press, of which files tell alone, ran every working day of two weeks but one, and of its project's
milestones one is met and one, which is due, cannot be proven. All days are counted from today, so
that none is in the future.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from string import Template
from zoneinfo import ZoneInfo

from live_machine import LiveMachine, live_machine
from running_node import running_node
from signing_in import PASSWORD
from textbook_shift import BREAKS, COURSE, READ_AT, TOTAL, Row, shift_rows, write_history

from domain.access import Assignment
from lineproof.clock import utc_now
from lineproof.history_import.importer import import_files
from lineproof.machine_networks import network
from lineproof.run.node import Node
from lineproof.upkeep.apply import apply_files
from store.node.opening import Stores

ZONE = ZoneInfo("Asia/Hong_Kong")
LINE, PROJECT = "packer", "NIFS-2026-001"
PASSED = timedelta(minutes=430)  # of the running shift, when the node starts
SILENT_DAY = 7  # Monday of the second week: nothing is known of it
PEOPLE = (
    ("boss", "administrator"), ("wong", "operator@line:packer"), ("ho", "operator@line:packer"),
    ("lee", "officer"), ("ines", "integrator"),
)  # fmt: skip
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Workshop:
    """`start`: of the running shift."""

    node: Node
    machine: LiveMachine
    start: datetime


@contextlib.contextmanager
def workshop(folder: Path) -> Iterator[Workshop]:
    """The node and its machine, for the length of the block."""
    now = utc_now().astimezone(ZONE).replace(second=0, microsecond=0)
    start = now - PASSED
    made = int(TOTAL * PASSED / timedelta(minutes=COURSE[-1][0]))
    with live_machine(made, item_s=1.5) as machine:
        plant = _filled("story_plant.yaml", shifts=_shifts(start), machine=machine.in_plant)
        prepare = partial(_prepare, folder, start)
        with running_node(folder, plant, [network("127.0.0.0/8")], prepare) as node:
            yield Workshop(node, machine, start)


def _filled(name: str, **given: str) -> str:
    return Template((HERE / name).read_text(encoding="utf-8")).substitute(given)


def _shifts(start: datetime) -> str:
    begins = [start + timedelta(hours=hours) for hours in (0, 8, 16, 24)]
    every_day = "[mon, tue, wed, thu, fri, sat, sun]"

    def clock(minute: int) -> str:
        return f'"{start + timedelta(minutes=minute):%H:%M}"'

    breaks = ", ".join(f"{{start: {clock(a)}, end: {clock(b)}}}" for a, b in BREAKS)
    return "\n".join(
        f'      - {{name: {name}, days: {every_day}, start: "{begins[at]:%H:%M}", '
        f'end: "{begins[at + 1]:%H:%M}"{f", breaks: [{breaks}]" if at == 0 else ""}}}'
        for at, name in enumerate("ABC")
    )


def _prepare(folder: Path, start: datetime, stores: Stores) -> None:
    registry, now = stores.registry, utc_now()
    for name, role in PEOPLE:
        registry.accounts.add(name, name.title(), [Assignment.parse(role)], now)
        registry.accounts.set_password(name, PASSWORD)
    monday = _monday(now.astimezone(ZONE))
    grant = folder / "grant.yaml"
    days = {
        name: f"{monday + timedelta(days=day):%Y-%m-%d}"
        for name, day in (
            ("monday", 0), ("second_monday", 7), ("second_friday", 11), ("end", 400),
        )
    }  # fmt: skip
    grant.write_text(_filled("story_grant.yaml", **days), encoding="utf-8")
    apply_files(registry, [grant], now)
    first, second = _weeks(monday)
    for line, rows in (("press", first), ("press", second), (LINE, _shift_so_far(start))):
        file = write_history(folder / f"{line}-{rows[0][0]:%d-%H}.csv", rows)
        import_files(stores, None, line, [file], now=utc_now())


def _monday(now: datetime) -> datetime:
    """Of the third week before this one, at seven."""
    day = now - timedelta(days=now.weekday() + 21)
    return day.replace(hour=7, minute=0, second=0, microsecond=0)


def _weeks(monday: datetime) -> list[list[Row]]:
    """The press's, each as complete as a file is from its first to its last row."""
    days = [day for day in (*range(5), *range(7, 12)) if day != SILENT_DAY]
    shifts = [
        (day, shift_rows(monday + timedelta(days=day), "press", before))
        for before, day in enumerate(days)
    ]
    return [
        [row for day, rows in shifts if day in week for row in rows]
        for week in (range(5), range(7, 12))
    ]


def _shift_so_far(start: datetime) -> list[Row]:
    """Of the packing line; what it makes is counted as its machine counts it."""
    now = start + PASSED
    states = [it for it in shift_rows(start, LINE) if it[2] in ("state", "stop_reason")]
    rows = [it for it in states if it[0] < now]
    for minute in (*READ_AT[:-1], PASSED // timedelta(minutes=1)):
        made = TOTAL * minute // READ_AT[-1]
        at = start + timedelta(minutes=minute)
        counts = (("total_count", made), ("good_count", made - made // 10))
        rows += [(at, LINE, signal, str(count)) for signal, count in counts]
    return rows
