"""What an applied file changes, in short sentences for the one who applied it. Pure.

A calendar that several lines share is told once; its exceptions with who decided them and when.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from domain.grants import Project
from domain.plant import (
    Calendar,
    CalendarException,
    CycleTimeChange,
    Line,
    PatternChange,
    Plant,
    Product,
    Shift,
)

UNCHANGED_MEANING = "the text changed, its meaning did not"
Value = TypeVar("Value")


def plant_changes(old: Plant | None, new: Plant) -> list[str]:
    """From the version before (None: there is none) to the new one."""
    head = f"plant {new.id}"
    if old is None:
        return [f"{head}: new, with {_named('line', list(new.lines))}"]
    changed = _differing(old, new, leave=("lines", "products", "reasons", "orders"))
    sentences = [f"{head}: {', '.join(changed)} changed"] if changed else []
    sentences += _calendars(old, new)
    sentences += _members("product", old.products, new.products, how=_product)
    sentences += _members("reason", old.reasons, new.reasons)
    sentences += _members("order", old.orders, new.orders)
    for name, line in new.lines.items():
        if name not in old.lines:
            sentences.append(f"line {name}: new, with {_named('machine', list(line.machines))}")
        else:
            sentences += _line(f"line {name}", old.lines[name], line)
    sentences += [f"line {name}: removed" for name in old.lines if name not in new.lines]
    return sentences or [f"{head}: {UNCHANGED_MEANING}"]


def project_changes(old: Project | None, new: Project) -> list[str]:
    """From the version before (None: there is none) to the new one."""
    head = f"project {new.reference}"
    milestones = {milestone.id: milestone for milestone in new.milestones}
    if old is None:
        return [f"{head}: new, with {_named('milestone', list(milestones))}"]
    before = {milestone.id: milestone for milestone in old.milestones}
    changed = _differing(old, new, leave=("milestones",))
    sentences = [f"{head}: {', '.join(changed)} changed"] if changed else []
    sentences += _members("milestone", before, milestones, leave=("terms_digest",))
    return sentences or [f"{head}: {UNCHANGED_MEANING}"]


def _line(head: str, old: Line, new: Line) -> list[str]:
    # What changed inside the calendar is told under the calendar's own name.
    parts = _differing(old, new, leave=("calendar", "counters", "measurements", "calibrations"))
    if _calendar_name(old) != _calendar_name(new):
        parts.insert(0, "calendar")
    return [
        *([f"{head}: {', '.join(parts)} changed"] if parts else []),
        *_members(f"{head}: counter", old.counters, new.counters),
        *_members(f"{head}: measurement", old.measurements, new.measurements),
        *_members(f"{head}: calibration", old.calibrations, new.calibrations),
    ]


def _calendar_name(line: Line) -> str | None:
    return line.calendar.name if line.calendar else None


def _calendars(old: Plant, new: Plant) -> list[str]:
    def used(plant: Plant) -> dict[str, Calendar]:
        calendars = (line.calendar for line in plant.lines.values())
        return {calendar.name: calendar for calendar in calendars if calendar}

    def how(head: str, before: Calendar, after: Calendar) -> list[str]:
        return _calendar(head, before, after, (old.zone, new.zone))

    return _members("calendar", used(old), used(new), how=how)


def _calendar(
    head: str, old: Calendar, new: Calendar, zones: tuple[ZoneInfo, ZoneInfo]
) -> list[str]:
    def patterns(changes: tuple[PatternChange, ...]) -> dict[str, tuple[Shift, ...]]:
        return {str(change.since): change.shifts for change in changes}

    parts = _differing(old, new, leave=("exceptions", "changes"))
    before = [_exception(item, zones[0]) for item in old.exceptions]
    after = [_exception(item, zones[1]) for item in new.exceptions]
    exceptions = [f"{head}: {item}: new" for item in after if item not in before]
    exceptions += [f"{head}: {item}: removed" for item in before if item not in after]
    if not exceptions and before != after:
        exceptions = [f"{head}: exceptions in another order"]
    return [
        *([f"{head}: {', '.join(parts)} changed"] if parts else []),
        *_dated(f"{head}: pattern", patterns(old.changes), patterns(new.changes)),
        *exceptions,
    ]


def _exception(item: CalendarException, zone: ZoneInfo) -> str:
    start, end = (
        at.astimezone(zone).isoformat(timespec="minutes") for at in (item.start, item.end)
    )
    reason = f" ({item.reason})" if item.reason else ""
    author = f", decided by {item.author}" if item.author else ""
    day = f"{'' if author else ', decided'} on {item.decided_on}" if item.decided_on else ""
    return f"exception {start} to {end} {item.kind}{reason}{author}{day}"


def _product(head: str, old: Product, new: Product) -> list[str]:
    def times(changes: tuple[CycleTimeChange, ...]) -> dict[str, float]:
        return {str(change.since): change.ideal_cycle_time_s for change in changes}

    parts = _differing(old, new, leave=("changes",))
    return [
        *([f"{head}: {', '.join(parts)} changed"] if parts else []),
        *_dated(f"{head}: ideal_cycle_time_s", times(old.changes), times(new.changes)),
    ]


def _dated(head: str, old: Mapping[str, Value], new: Mapping[str, Value]) -> list[str]:
    """What holds from a day on, by that day."""

    def how(member: str, before: Value, after: Value) -> list[str]:
        return [f"{member}: changed"] if before != after else []

    return _members(f"{head} from", old, new, how=how)


def _members(
    what: str,
    old: Mapping[str, Value],
    new: Mapping[str, Value],
    *,
    leave: tuple[str, ...] = (),
    how: Callable[[str, Value, Value], list[str]] | None = None,
) -> list[str]:
    """New, changed and removed members of one kind; `how` tells what changed in one of them."""
    sentences = []
    for name, member in new.items():
        if name not in old:
            sentences.append(f"{what} {name}: new")
        elif how is not None:
            sentences += how(f"{what} {name}", old[name], member)
        elif parts := _differing(old[name], member, leave=leave):
            sentences.append(f"{what} {name}: {', '.join(parts)} changed")
    return sentences + [f"{what} {name}: removed" for name in old if name not in new]


def _differing(old: Any, new: Any, *, leave: tuple[str, ...] = ()) -> list[str]:
    """The names of the fields in which two values of one dataclass differ."""
    return [
        field.name
        for field in fields(new)
        if field.name not in leave and getattr(old, field.name) != getattr(new, field.name)
    ]


def _named(what: str, names: list[str]) -> str:
    return f"{what}{'s' * (len(names) != 1)} {', '.join(names)}"
