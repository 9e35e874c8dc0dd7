"""Shifts that cannot be worked: overlapping ones, breaks outside their shift.

Everything is seconds of the week from Monday's midnight; an end not after
its start is on the next day, and Sunday's night reaches into Monday. Pure.
"""

from __future__ import annotations

from datetime import time

from domain.plant import Shift
from domain.yaml_text import Lines

_DAY_S = 86_400
_WEEK_S = 7 * _DAY_S


def check_shifts(shifts: tuple[Shift, ...], path: tuple[str | int, ...], lines: Lines) -> None:
    """Raises InputError that names the shift or break at `path` of the file."""
    names: set[str] = set()
    for index, shift in enumerate(shifts):
        if shift.name in names:
            raise lines.error(
                (*path, index, "name"),
                f"the shift '{shift.name}' is there twice",
                "Give each shift of a calendar a name of its own.",
            )
        names.add(shift.name)
        _check_breaks(shift, (*path, index), lines)
    _check_overlaps(shifts, path, lines)


def _check_breaks(shift: Shift, path: tuple[str | int, ...], lines: Lines) -> None:
    start, length = _seconds(shift.start), _length(shift.start, shift.end)
    taken: list[tuple[int, int]] = []
    for index, pause in enumerate(shift.breaks):
        pause_start = (_seconds(pause.start) - start) % _DAY_S  # seconds into the shift
        if pause.start == pause.end:
            raise lines.error(
                (*path, "breaks", index),
                f"the break at {_text(pause.start)} has no length",
                "Give an end later than its start, or leave it out.",
            )
        pause_end = pause_start + _length(pause.start, pause.end)
        if pause_end > length:
            raise lines.error(
                (*path, "breaks", index),
                f"the break {_text(pause.start)}–{_text(pause.end)} lies outside its shift "
                f"{shift.name} ({_text(shift.start)}–{_text(shift.end)})",
                "Move it inside, or correct the shift's times.",
            )
        if any(pause_start < end and begin < pause_end for begin, end in taken):
            raise lines.error(
                (*path, "breaks", index),
                f"the break {_text(pause.start)}–{_text(pause.end)} overlaps another one of "
                f"shift {shift.name}",
                "Make them one break, or move one.",
            )
        taken.append((pause_start, pause_end))


def _check_overlaps(shifts: tuple[Shift, ...], path: tuple[str | int, ...], lines: Lines) -> None:
    taken: list[tuple[int, int, Shift]] = []
    for index, shift in enumerate(shifts):
        length = _length(shift.start, shift.end)
        for day in sorted(shift.days):
            start = day * _DAY_S + _seconds(shift.start)
            for begin, end, other in taken:
                if any(
                    start + turn < end and begin < start + length + turn
                    for turn in (-_WEEK_S, 0, _WEEK_S)
                ):
                    raise lines.error(
                        (*path, index),
                        f"the shift {shift.name} ({_text(shift.start)}–{_text(shift.end)}) "
                        f"overlaps shift {other.name}",
                        "A second can belong to one shift only: change days or times.",
                    )
            taken.append((start, start + length, shift))


def _length(start: time, end: time) -> int:
    """Seconds from start to end; an end not after its start is on the next day."""
    return (_seconds(end) - _seconds(start)) % _DAY_S or _DAY_S


def _seconds(of_day: time) -> int:
    return of_day.hour * 3600 + of_day.minute * 60 + of_day.second


def _text(of_day: time) -> str:
    return of_day.isoformat("minutes" if not of_day.second else "seconds")
