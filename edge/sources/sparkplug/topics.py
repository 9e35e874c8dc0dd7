"""The topics of Sparkplug B (3.0, chapter 4). Pure.

`spBv1.0/<group>/<message type>/<edge node>`, and the device behind it for messages of devices;
`spBv1.0/STATE/<host>` for host applications.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

NAMESPACE = "spBv1.0"
REBIRTH = "Node Control/Rebirth"


class MessageType(StrEnum):
    """What an edge node publishes. Commands are not for us."""

    NBIRTH = "NBIRTH"
    NDATA = "NDATA"
    NDEATH = "NDEATH"
    DBIRTH = "DBIRTH"
    DDATA = "DDATA"
    DDEATH = "DDEATH"


_OF_NODES = (MessageType.NBIRTH, MessageType.NDATA, MessageType.NDEATH)
_TYPES = {it.value: it for it in MessageType}


@dataclass(frozen=True, slots=True)
class EdgeNode:
    """An edge node by its descriptor."""

    group: str
    node: str

    @property
    def filters(self) -> tuple[str, ...]:
        """Topic filters that match all that the node and its devices publish, and nothing else."""
        return tuple(
            f"{NAMESPACE}/{self.group}/{it}/{self.node}{'' if it in _OF_NODES else '/+'}"
            for it in MessageType
        )

    @property
    def command_topic(self) -> str:
        return f"{NAMESPACE}/{self.group}/NCMD/{self.node}"

    def parsed(self, topic: str) -> tuple[MessageType, str | None] | None:
        """Message type and device (None: of the node itself); None for a topic that is no
        message of this node or its devices."""
        parts = topic.split("/")
        kind = _TYPES.get(parts[2]) if len(parts) in (4, 5) else None
        if kind is None or (kind in _OF_NODES) != (len(parts) == 4):
            return None
        if (parts[0], parts[1], parts[3]) != (NAMESPACE, self.group, self.node):
            return None
        return kind, parts[4] if len(parts) == 5 else None


def state_topic(host: str) -> str:
    return f"{NAMESPACE}/STATE/{host}"
