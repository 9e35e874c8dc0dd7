"""What a machine's `connection` says about MQTT, checked before anything is connected.

`url` is mqtt://host:port, or mqtts:// for TLS. `topic` is the prefix of the machine's topics.
Knows no network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from domain.errors import InputError
from edge.sources.settings import (
    IDENTITY_KEYS,
    Identity,
    check_keys,
    check_nobody_named,
    existing_file,
    identity_of,
)

_PORTS = {"mqtt": 1883, "mqtts": 8883}
MQTT_KEYS = (
    "url",
    "topic",
    *IDENTITY_KEYS,
    "authority",
    "protocol",
    "session_expiry_s",
    "broker_keeps",
)
_PROTOCOLS = ("5", "3.1.1")
BROKER_KEEPS = 100  # what brokers keep for a client that is away, unless they are told otherwise
_SHARED = "$share/"  # MQTT 5, 4.8.2
_TOPIC_MAX_BYTES = 32_767  # of the 65,535 of MQTT 5, 1.5.4: a profile has some behind it
SESSION_EXPIRY_S = 7 * 24 * 3600  # how long the broker keeps messages for an agent that is away


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """`authority`: the file of the certificate authority; None uses the system's (TLS only).
    `broker_keeps`: so many messages of one client that is away."""

    host: str
    port: int
    tls: bool
    topic: str
    identity: Identity
    authority: Path | None
    version_5: bool
    session_expiry_s: int
    broker_keeps: int

    @property
    def broker(self) -> str:
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"

    def below(self, suffix: str) -> str:
        """The whole topic of what comes below this machine's."""
        return f"{self.topic}/{suffix}" if self.topic else suffix

    def levels_below(self, topic: str) -> list[str]:
        """The levels of a whole topic that come below this machine's."""
        return topic.split("/")[len(self.topic.split("/")) if self.topic else 0 :]


def mqtt_settings(connection: Mapping[str, str], where: str) -> MqttSettings:
    """The settings in `connection`; `where` names it in errors.

    Raises InputError for a key, URL, topic or file that cannot be used.
    """
    check_keys(connection, MQTT_KEYS, where)
    scheme, host, port = _address(connection.get("url", ""), where)
    tls = scheme == "mqtts"
    for name in ("authority", "certificate", "key"):
        if connection.get(name) and not tls:
            raise InputError(
                f"'{name}' is given, but the connection is not encrypted",
                where=where,
                todo="Write mqtts:// instead of mqtt://, or leave it out.",
            )
    protocol = connection.get("protocol", _PROTOCOLS[0])
    if protocol not in _PROTOCOLS:
        raise InputError(f"unknown MQTT protocol '{protocol}'", where=where, todo="Use 5 or 3.1.1.")
    identity = identity_of(connection, where)
    if (identity.certificate is None) != (identity.key is None):
        raise InputError(
            "a client certificate needs its key", where=where, todo="Give both or neither."
        )
    return MqttSettings(
        host=host,
        port=port,
        tls=tls,
        topic=_topic(connection.get("topic", ""), where),
        identity=identity,
        authority=existing_file(connection, "authority", where),
        version_5=protocol == _PROTOCOLS[0],
        session_expiry_s=_whole(connection, "session_expiry_s", SESSION_EXPIRY_S, where),
        broker_keeps=_whole(connection, "broker_keeps", BROKER_KEEPS, where),
    )


def _address(url: str, where: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host, port = "", None, None
    if scheme not in _PORTS or not host or parts.path not in ("", "/"):
        raise InputError(
            f"'{url}' is not the address of an MQTT broker",
            where=where,
            todo="Write it as in mqtt://192.168.0.10:1883, or mqtts:// for TLS.",
        )
    check_nobody_named(parts, where)
    return scheme, host, port or _PORTS[scheme]


def _topic(topic: str, where: str) -> str:
    if "+" in topic or "#" in topic:
        raise InputError(
            f"the topic '{topic}' contains a wildcard",
            where=where,
            todo="Give the one prefix of this machine's topics.",
        )
    if topic.startswith(_SHARED):
        raise InputError(
            f"the topic '{topic}' shares its messages: each subscriber gets some of them",
            where=where,
            todo=f"Give the topic itself, behind {_SHARED}NAME/.",
        )
    if "\0" in topic or len(topic.encode("utf-8", "replace")) > _TOPIC_MAX_BYTES:
        raise InputError(
            "the topic is none: it has a NUL character, or is too long",
            where=where,
            todo="Give the one prefix of this machine's topics.",
        )
    return topic.rstrip("/")


def _whole(connection: Mapping[str, str], name: str, otherwise: int, where: str) -> int:
    text = connection.get(name)
    if text is None:
        return otherwise
    if not text.isdecimal() or not 1 <= int(text) <= 0xFFFF_FFFE:
        todo = "Give whole seconds." if name.endswith("_s") else "Give a whole number."
        raise InputError(f"'{text}' is no usable {name}", where=where, todo=todo)
    return int(text)
