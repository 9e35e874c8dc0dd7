"""The plant's reason tree: from what a machine or a person says to a node and its kind.

A text names a node by its id or by one of its codes. A text that names none is still a reason: it
is shown as it is and counts as unplanned.
"""

from __future__ import annotations

from domain.plant import Plant, StopReason
from domain.states import ReasonKind


def reason_named(plant: Plant, text: str) -> StopReason | None:
    """The node that the text means; None where the tree has none."""
    found = plant.reasons.get(text)
    if found is None:
        found = next((node for node in plant.reasons.values() if text in node.codes), None)
    return found


def kind_of(plant: Plant, text: str) -> ReasonKind:
    found = reason_named(plant, text)
    return ReasonKind.UNPLANNED if found is None else found.kind


def path_of(plant: Plant, text: str) -> tuple[StopReason, ...]:
    """The nodes from the root of the tree down to the one that the text means."""
    node = reason_named(plant, text)
    path: list[StopReason] = []
    while node is not None:
        path.insert(0, node)
        node = plant.reasons.get(node.parent) if node.parent else None
    return tuple(path)
