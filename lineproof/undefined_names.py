"""Products and reason codes that machines tell and the plant file does not define.

Asked of stored telemetry, so that a plant file that has just been applied is held against what
machines have told before. A plant that defines no product, or no reason, measures and shows them as
they are told on purpose: then nothing is undefined. Orders are never defined in a plant file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from analytics.timeline.tracks import role_machine
from domain.errors import did_you_mean
from domain.plant import Line, Plant
from domain.reasons import reason_named
from domain.time import MICROSECOND, Window
from store.telemetry.protocol import TelemetryReader

Kind = Literal["product", "reason"]
LOOKED_BACK = timedelta(days=31)  # from a line's newest sample
_AT_ONCE = timedelta(days=7)  # more of a series that is told every second is much to read
_SIGNALS: dict[Kind, str] = {"product": "product", "reason": "stop_reason"}


@dataclass(frozen=True, slots=True)
class UndefinedName:
    """What the machines of `line` tell, and the sentences for people: what it means, what to do."""

    line: str
    kind: Kind
    name: str
    detail: str
    todo: str

    def __str__(self) -> str:
        return f"{self.detail}. {self.todo}"


def undefined_names(
    telemetry: TelemetryReader, plant: Plant, line: Line, window: Window | None = None
) -> list[UndefinedName]:
    """What the line's machines told in the window (None: lately) and the plant does not define."""
    if window is None:
        extent = telemetry.extent(line.id)
        if extent is None:
            return []
        # Its end is the newest sample, which is looked at, too.
        window = Window(extent.end - LOOKED_BACK, extent.end + MICROSECOND)
    told = {kind: set(_told(telemetry, line, kind, window)) for kind in _SIGNALS}
    products = sorted(told["product"] - set(plant.products)) if plant.products else []
    reasons = sorted(it for it in told["reason"] if plant.reasons and not reason_named(plant, it))
    return [
        *(_product(plant, line, name) for name in products),
        *(_reason(plant, line, name) for name in reasons),
    ]


def _told(telemetry: TelemetryReader, line: Line, kind: Kind, window: Window) -> Iterator[str]:
    """Texts of the window, and the newest one, which may hold since long before."""
    machine, signal = role_machine(line, _SIGNALS[kind]), _SIGNALS[kind]
    if machine is None:
        return
    newest = telemetry.latest(line.id)
    frames = [newest.filter((newest["machine"] == machine) & (newest["signal"] == signal))]
    start = window.start
    while start < window.end:
        end = min(start + _AT_ONCE, window.end)
        frames.append(telemetry.said(line.id, machine, signal, start, end))
        start = end
    for samples in frames:
        yield from (text for text in samples["text"].unique() if text)


def _product(plant: Plant, line: Line, name: str) -> UndefinedName:
    return UndefinedName(
        line.id,
        "product",
        name,
        f"line '{line.id}' tells the product '{name}', which the plant file does not define: it is "
        "measured by the line's own cycle time",
        f"{_near(name, list(plant.products))}Define it under 'products', written as the machine "
        "tells it, and apply the file.",
    )


def _reason(plant: Plant, line: Line, name: str) -> UndefinedName:
    known = [text for node in plant.reasons.values() for text in (node.id, *node.codes)]
    return UndefinedName(
        line.id,
        "reason",
        name,
        f"line '{line.id}' tells the stop reason '{name}', which the plant file does not define: "
        "it is shown as it is and counts as unplanned",
        f"{_near(name, known)}Add it to the codes of a reason under 'reasons', and apply the file.",
    )


def _near(name: str, known: list[str]) -> str:
    """A question where it is a near miss; the whole list would help nobody."""
    said = did_you_mean(name, known)
    return f"{said} " if said.startswith("Did you mean") else ""
