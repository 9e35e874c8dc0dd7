"""What a KPI row needs beside its facts: numbers that people enter, and measurements.

A manual input is an amount over a stretch of time (a FIGURE correction). It counts in a window that
contains all of it. Where a window cuts it, nobody knows how much of it belongs there: the KPIs that
need it cannot be computed for that window, and say which input reaches beyond.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from analytics.kpi.formulas.inputs import MANUAL_INPUTS
from domain.corrections import Correction, CorrectionKind
from domain.time import Window


@dataclass(frozen=True, slots=True)
class Characteristic:
    """What a row says of measurements (see `analytics.kpi.capability`): the `name` of the worst
    characteristic, its indices by their names in the registry, and why one cannot be computed."""

    name: str | None = None
    indices: Mapping[str, float] = field(default_factory=dict)
    cut: Mapping[str, str] = field(default_factory=dict)


ManualAmounts = tuple[dict[str, float], dict[str, str]]


def manual_inputs_in(
    figures: Iterable[Correction], line: str, window: Window, zone: ZoneInfo
) -> ManualAmounts:
    """The line's manual inputs in the window: added up, or averaged by duration where `level`."""
    amounts: dict[str, float] = {}
    lasted: dict[str, float] = {}
    cut: dict[str, str] = {}
    for figure in _touching(figures, line, window):
        name, amount = str(figure.element), figure.amount or 0.0
        if figure.start < window.start or figure.end > window.end:
            span = f"{_text(figure.start, zone)} to {_text(figure.end, zone)}"
            cut.setdefault(name, f"the {name} of {span} reaches beyond the window")
            continue
        duration = (figure.end - figure.start).total_seconds()
        weight = duration if MANUAL_INPUTS[name].level else 1.0
        amounts[name] = amounts.get(name, 0.0) + amount * weight
        lasted[name] = lasted.get(name, 0.0) + duration
    complete = {
        name: amount / lasted[name] if MANUAL_INPUTS[name].level else amount
        for name, amount in amounts.items()
        if name not in cut
    }
    return complete, cut


def manual_inputs_by_product(
    figures: Iterable[Correction], line: str, window: Window
) -> ManualAmounts:
    """Nobody enters a number by product, so a product's row has none."""
    names = {str(figure.element) for figure in _touching(figures, line, window)}
    return {}, {name: f"{name} is not entered by product" for name in sorted(names)}


def _touching(figures: Iterable[Correction], line: str, window: Window) -> Iterable[Correction]:
    return (
        figure
        for figure in figures
        if figure.kind == CorrectionKind.FIGURE
        and figure.line == line
        and figure.element in MANUAL_INPUTS
        and figure.start < window.end
        and figure.end > window.start
    )


def _text(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="minutes")
