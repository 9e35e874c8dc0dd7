"""The shift of the OEE example on oee.com, as history rows, plant file and grant file.

480 minutes with 60 minutes of breaks and 47 minutes of stops; ideal cycle time 1.0 s; 19,271
items, 423 of them rejected. So availability 373/420, effectiveness 19271/22380, quality ratio
18848/19271 and OEE 18848/25200.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

TOTAL, REJECTED = 19_271, 423
GOOD = TOTAL - REJECTED
SHIFT = timedelta(minutes=480)
FIGURES = {
    "availability": 0.8881,
    "effectiveness": 0.8611,
    "quality_ratio": 0.9780,
    "oee": 0.7479,
}
BREAKS = ((240, 270), (360, 390))  # minutes into the shift
# Minutes into the shift, state, reason: 20 + 15 + 12 = 47 minutes of stops outside the breaks.
COURSE = (
    (0, "producing", ""),
    (60, "stopped", "no bottles"),
    (80, "producing", ""),
    (150, "fault", "jam at the infeed"),
    (165, "producing", ""),
    (240, "idle", "break"),
    (270, "producing", ""),
    (300, "starved", "no caps"),
    (312, "producing", ""),
    (360, "idle", "break"),
    (390, "producing", ""),
    (480, "off", "end of shift"),
)
READ_AT = (0, 45, 120, 200, 350, 480)  # when the counters are read

Row = tuple[datetime, str, str, str]


def shift_rows(start: datetime, machine: str, before: int = 0) -> list[Row]:
    """The rows of one shift; `before`: how many such shifts the counters have seen."""
    rows: list[Row] = []
    for minute, state, reason in COURSE:
        at = start + timedelta(minutes=minute)
        rows.append((at, machine, "state", state))
        if reason:
            rows.append((at, machine, "stop_reason", reason))
    for minute in READ_AT:
        at = start + timedelta(minutes=minute)
        share = minute / READ_AT[-1]
        for signal, made in (("total_count", TOTAL), ("reject_count", REJECTED)):
            rows.append((at, machine, signal, str(made * before + int(made * share))))
    return rows


def write_history(path: Path, rows: Iterable[Sequence[object]]) -> Path:
    """Rows (time, machine, signal, value) as a history file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("time", "machine", "signal", "value"))
        for time, *others in rows:
            writer.writerow((time.isoformat() if isinstance(time, datetime) else time, *others))
    return path


def plant_text(shifts: dict[str, tuple[datetime, str]], zone: str = "Asia/Hong_Kong") -> str:
    """A plant file with one line for each entry: its id → (start of a shift, days)."""
    return (
        f"plant: textbook\ntimezone: {zone}\ncompany: {{name: {{en: Textbook Ltd}}}}\n"
        + "".join(
            f"{head}:\n"
            + "".join(entry(line, start, days) for line, (start, days) in shifts.items())
            for head, entry in (("calendars", _calendar), ("lines", _line))
        )
    )


def _calendar(line: str, start: datetime, days: str) -> str:
    def clock(minute: int) -> str:
        return f'"{start + timedelta(minutes=minute):%H:%M}"'

    breaks = ", ".join(f"{{start: {clock(a)}, end: {clock(b)}}}" for a, b in BREAKS)
    shift = f"name: S, days: [{days}], start: {clock(0)}, end: {clock(480)}, breaks: [{breaks}]"
    return f"  of-{line}:\n    holidays: none\n    shifts:\n      - {{{shift}}}\n"


def _line(line: str, _start: datetime, _days: str) -> str:
    roles = ", ".join(
        f"{role}: press-{line}" for role in ("state", "stop_reason", "total_count", "reject_count")
    )
    return (
        f"  {line}:\n    name: {{en: Line {line}}}\n    calendar: of-{line}\n"
        f"    ideal_cycle_time_s: 1.0\n    machines: {{press-{line}: {{profile: import}}}}\n"
        f"    roles: {{{roles}}}\n"
    )
