"""What a host application publishes: its STATE, and the request for a rebirth. Pure.

STATE is JSON with `online` and `timestamp` (UTC milliseconds), QoS 1, retained; the birth has the
timestamp of the will that was given at CONNECT (Sparkplug 3.0, 6.4.21 and 5.2). A request is
an NCMD that makes the node's metric `Node Control/Rebirth` true; it has no sequence number.
"""

from __future__ import annotations

import json
from datetime import datetime

from domain.time import micros
from edge.sources.mqtt.client import Publication
from edge.sources.sparkplug.datatypes import NUMBERS
from edge.sources.sparkplug.definition import PayloadMessage
from edge.sources.sparkplug.topics import REBIRTH, EdgeNode, state_topic


def state(host: str, at: datetime, *, online: bool) -> Publication:
    """Birth, or death. `at`: when we connected, also for the will; for a clean exit now."""
    said = json.dumps({"online": online, "timestamp": _milliseconds(at)})
    return Publication(state_topic(host), said.encode(), qos=1, retain=True)


def says_offline(payload: bytes) -> bool:
    """Whether a STATE says that its host is offline."""
    try:
        said = json.loads(payload)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and said.get("online") is False


def rebirth_request(node: EdgeNode, at: datetime) -> Publication:
    """Asks the node for its NBIRTH and the DBIRTHs of all its devices."""
    payload = PayloadMessage(timestamp=_milliseconds(at))
    payload.metrics.add(
        name=REBIRTH,
        timestamp=_milliseconds(at),
        datatype=NUMBERS["Boolean"],
        boolean_value=True,
    )
    return Publication(node.command_topic, payload.SerializeToString())


def _milliseconds(at: datetime) -> int:
    return micros(at) // 1000
