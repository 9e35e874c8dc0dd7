"""What a machine's `connection` says about Sparkplug B, checked before anything is connected.

The broker and who we are stand as for plain MQTT. `group` and `node` name the edge node, `device`
one of its devices; without it the node's own metrics are read. `host_id`: we are a host application
that says by its STATE whether it is online. `rebirth_requests`: whether we may ask the node for its
births. `reorder_timeout_s`: how long a missing message is waited for. Knows no network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.errors import InputError
from edge.sources.mqtt.settings import MqttSettings, mqtt_settings
from edge.sources.settings import IDENTITY_KEYS, check_keys
from edge.sources.sparkplug.topics import EdgeNode

_BROKER_KEYS = ("url", *IDENTITY_KEYS, "authority", "protocol")
SPARKPLUG_KEYS = (
    *("url", "group", "node", "device", "host_id", "rebirth_requests", "reorder_timeout_s"),
    *_BROKER_KEYS[1:],
)
_RESERVED = "+/#"
_ANSWERS = {"yes": True, "no": False, "true": True, "false": False}
REORDER_TIMEOUT_S = 2.0
_REORDER_TIMEOUT_MAX_S = 60.0


@dataclass(frozen=True, slots=True)
class SparkplugSettings:
    """`device` None: the node itself; `host_id` None: we say nothing of ourselves."""

    mqtt: MqttSettings
    node: EdgeNode
    device: str | None
    host_id: str | None
    rebirth_requests: bool
    reorder_timeout_s: float


def sparkplug_settings(connection: Mapping[str, str], where: str) -> SparkplugSettings:
    """The settings in `connection`; `where` names it in errors.

    Raises InputError for a key, URL, identifier or file that cannot be used.
    """
    check_keys(connection, SPARKPLUG_KEYS, where)
    broker = {name: it for name, it in connection.items() if name in _BROKER_KEYS}
    group, node = (_identifier(connection, name, where) for name in ("group", "node"))
    for name, said in (("group", group), ("node", node)):
        if said is None:
            raise InputError(
                f"'{name}' is missing",
                where=where,
                todo="Name the edge node by its Sparkplug group and node.",
            )
    return SparkplugSettings(
        mqtt=mqtt_settings(broker, where),
        node=EdgeNode(group or "", node or ""),
        device=_identifier(connection, "device", where),
        host_id=_identifier(connection, "host_id", where),
        rebirth_requests=_answer(connection.get("rebirth_requests", "yes"), where),
        reorder_timeout_s=_timeout_s(connection.get("reorder_timeout_s"), where),
    )


def _identifier(connection: Mapping[str, str], name: str, where: str) -> str | None:
    said = connection.get(name) or None
    if said is not None and any(it in said for it in _RESERVED):
        raise InputError(
            f"'{said}' is no Sparkplug identifier: it has one of {' '.join(_RESERVED)}",
            where=f"{where}, {name}",
            todo="Give the one name, without the rest of the topic.",
        )
    return said


def _answer(text: str, where: str) -> bool:
    if text.lower() not in _ANSWERS:
        raise InputError(
            f"'{text}' is neither yes nor no", where=f"{where}, rebirth_requests", todo="Use those."
        )
    return _ANSWERS[text.lower()]


def _timeout_s(text: str | None, where: str) -> float:
    if text is None:
        return REORDER_TIMEOUT_S
    try:
        timeout_s = float(text)
    except ValueError:
        timeout_s = -1.0
    if not 0 < timeout_s <= _REORDER_TIMEOUT_MAX_S:
        raise InputError(
            f"'{text}' is no usable reorder_timeout_s",
            where=where,
            todo=f"Give seconds, more than 0 and at most {_REORDER_TIMEOUT_MAX_S:g}.",
        )
    return timeout_s
