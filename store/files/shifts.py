"""Shifts that cannot be worked: overlapping ones, breaks outside their shift.

Everything is seconds of the week from Monday's midnight; an end not after
its start is on the next day, and Sunday's night reaches into Monday. Pure.
"""

from __future__ import annotations

from datetime import time

from domain.plant import Break, Shift
from domain.texts import N_
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
                N_("the shift '%(shift)s' is there twice"),
                N_("Give each shift of a calendar a name of its own."),
                {"shift": shift.name},
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
                N_("the break at %(time)s has no length"),
                N_("Give an end later than its start, or leave it out."),
                {"time": _text(pause.start)},
            )
        pause_end = pause_start + _length(pause.start, pause.end)
        if pause_end > length:
            raise lines.error(
                (*path, "breaks", index),
                N_("the break %(pause)s lies outside its shift %(shift)s (%(times)s)"),
                N_("Move it inside, or correct the shift's times."),
                {"pause": _times(pause), "shift": shift.name, "times": _times(shift)},
            )
        if any(pause_start < end and begin < pause_end for begin, end in taken):
            raise lines.error(
                (*path, "breaks", index),
                N_("the break %(pause)s overlaps another one of shift %(shift)s"),
                N_("Make them one break, or move one."),
                {"pause": _times(pause), "shift": shift.name},
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
                        N_("the shift %(shift)s (%(times)s) overlaps shift %(other)s"),
                        N_("A second can belong to one shift only: change days or times."),
                        {"shift": shift.name, "times": _times(shift), "other": other.name},
                    )
            taken.append((start, start + length, shift))


def _length(start: time, end: time) -> int:
    """Seconds from start to end; an end not after its start is on the next day."""
    return (_seconds(end) - _seconds(start)) % _DAY_S or _DAY_S


def _seconds(of_day: time) -> int:
    return of_day.hour * 3600 + of_day.minute * 60 + of_day.second


def _times(it: Shift | Break) -> str:
    return f"{_text(it.start)}–{_text(it.end)}"


def _text(of_day: time) -> str:
    return of_day.isoformat("minutes" if not of_day.second else "seconds")
