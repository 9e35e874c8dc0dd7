"""What stands beside the facts of a KPI row: figures that people record, and measurements.

A figure is an amount over a stretch of time (a FIGURE correction). It counts in a window that
contains it whole. A window that cuts it cannot tell its share: the KPIs that need it are not
computable there, and say which figure reaches beyond.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from analytics.kpi.inputs import MANUAL_INPUTS
from domain.corrections import Correction, CorrectionKind
from domain.time import Window


@dataclass(frozen=True, slots=True)
class Characteristic:
    """What a row says of measurements (see kpi_measured): the `name` of the characteristic that
    speaks, its indices by the names of the registry, and why one cannot be computed."""

    name: str | None = None
    indices: Mapping[str, float] = field(default_factory=dict)
    cut: Mapping[str, str] = field(default_factory=dict)


ManualAmounts = tuple[dict[str, float], dict[str, str]]


def manual_inputs_in(
    figures: Iterable[Correction], line: str, window: Window, zone: ZoneInfo
) -> ManualAmounts:
    """The line's figures in the window: sums, or means by duration for levels."""
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
    """Nobody tells a figure by product, so none has a share in a product's row."""
    names = {str(figure.element) for figure in _touching(figures, line, window)}
    return {}, {name: f"{name} is not told by product" for name in sorted(names)}


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
