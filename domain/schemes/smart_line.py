"""Whether a line is a smart one, by the points that its scheme names: a checklist with evidence.

A point is evidenced by what is connected (machines, signals, data that keep coming), as far as
that shows it, and by documents that people attached for it. What neither shows stays open: it is an
officer's to judge. An example, a line of three machines, two of which are read by an agent and one
of which stands apart:

    Internet of Things    2 of 3 machines are connected
    real-time data        2 of 3 machines were heard within the last day
    sensors               14 signals of them are measured
    automation            open, until somebody attaches a document of the kind smart-automation
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.grants import AttachedDocument, Reason
from domain.schemes.rules import Item, SchemeRule
from domain.texts import N_

DOCUMENT_KIND = "smart-"  # and the point's name, with - for _
_CONNECTED = N_("%(count)s of %(all)s machines are connected by an agent")
_HEARD = N_("%(count)s of %(all)s machines were heard within the last day")
_COMPUTED = N_("key figures are computed of %(days)s days")
_MEASURED = N_("%(signals)s signals of the machines are measured")


@dataclass(frozen=True, slots=True)
class ConnectedMachines:
    """Of all lines of a project: how many machines there are, are read by an agent, and were heard
    within the last day; how many signals of theirs were ever told; of how many days there are
    facts."""

    machines: int
    connected: int
    heard: int
    signals: int
    days: int


@dataclass(frozen=True, slots=True)
class SmartPoint:
    """`measured`: what the machines show of it, None where they show nothing; `share`: of the
    machines, where it is about them; `documents`: attached for it, and still there."""

    item: Item
    measured: Reason | None
    share: float | None
    documents: tuple[AttachedDocument, ...]

    @property
    def is_evidenced(self) -> bool:
        return self.measured is not None or bool(self.documents)


def document_kind(point: str) -> str:
    """Under which kind a document evidences the point."""
    return DOCUMENT_KIND + point.replace("_", "-")


def smart_points(
    rule: SchemeRule | None, of: ConnectedMachines, documents: Sequence[AttachedDocument]
) -> list[SmartPoint]:
    """The points of the rule in its order; none where it names none, or where there is no rule."""
    shown = _shown(of)
    found = []
    for item in rule.smart_points if rule else ():
        measured, share = shown.get(item.name, (None, None))
        kind = document_kind(item.name)
        attached = tuple(it for it in documents if it.kind == kind and it.removed_at is None)
        found.append(SmartPoint(item, measured, share, attached))
    return found


def _shown(of: ConnectedMachines) -> Mapping[str, tuple[Reason | None, float | None]]:
    """What the machines show, by point; a share of no machines is none."""

    def machines(message: str, count: int) -> tuple[Reason | None, float | None]:
        if not of.machines:
            return None, None
        said = Reason(message, {"count": count, "all": of.machines}) if count else None
        return said, count / of.machines

    return {
        "iot": machines(_CONNECTED, of.connected),
        "real_time_data": machines(_HEARD, of.heard),
        "analytics": (Reason(_COMPUTED, {"days": of.days}) if of.days else None, None),
        "sensors": (Reason(_MEASURED, {"signals": of.signals}) if of.signals else None, None),
    }
