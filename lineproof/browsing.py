"""Looking at what is at a machine's address, by the protocol that its URL names."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device_profiles.drafting.seen import Seen
from device_profiles.model.addresses import OpcUaAddress
from device_profiles.model.node_text import parse_node
from domain.errors import InputError
from edge.browsing.found import WhatIsThere
from edge.browsing.mqtt_topics import topics
from edge.browsing.mqtt_watch import watched_broker
from edge.browsing.opcua_tree import variables
from edge.browsing.opcua_watch import watched_server
from edge.browsing.trial import TrialReport, tried
from edge.sources.mqtt.settings import MqttSettings, mqtt_settings
from edge.sources.opcua.client import KnownAs
from edge.sources.opcua.settings import OpcUaSettings, opcua_settings
from lineproof.clock import utc_now

_AS = "lineproof-browse"
_WHERE = "--setting"
_OPC_TCP = "opc.tcp://"


def look_at(
    url: str, below: str, settings: Sequence[str], seconds: float, folder: Path
) -> WhatIsThere:
    """`below`: a node or topic, written as in a profile; empty: everything. `settings`: those of a
    connection, as in `user=x`; without `security` an OPC UA server is asked without.

    Raises InputError for what cannot be used, LinkError where the peer refuses or is not there.
    """
    place = _place_at(url, below, settings, folder)
    if isinstance(place, _Server):
        return asyncio.run(variables(place.settings, place.known_as, place.below))
    return asyncio.run(topics(place, _AS, seconds, utc_now))


def watch(url: str, below: str, settings: Sequence[str], seconds: float, folder: Path) -> Seen:
    """The same, and how its values move in so many seconds."""
    return asyncio.run(watching(url, below, settings, seconds, folder))


def watching(
    url: str, below: str, settings: Sequence[str], seconds: float, folder: Path
) -> Coroutine[Any, Any, Seen]:
    """The same, to be awaited."""
    place = _place_at(url, below, settings, folder)
    if isinstance(place, _Server):
        return watched_server(place.settings, place.known_as, place.below, seconds)
    return watched_broker(place, _AS, seconds, utc_now)


@dataclass(frozen=True, slots=True)
class _Server:
    settings: OpcUaSettings
    known_as: KnownAs
    below: OpcUaAddress | None


def _place_at(
    url: str, below: str, settings: Sequence[str], folder: Path
) -> _Server | MqttSettings:
    """Whom to ask, and from where on."""
    connection = connection_to(url, settings)
    if url.startswith(_OPC_TCP):
        node = parse_node(below) if below else None
        return _Server(opcua_settings(connection, _WHERE), KnownAs(_AS, _AS, folder), node)
    if url.partition("://")[0] in ("mqtt", "mqtts"):
        return mqtt_settings({**connection, **({"topic": below} if below else {})}, _WHERE)
    raise InputError(
        f"'{url}' is no address that can be looked at",
        todo="Begin it with opc.tcp://, mqtt:// or mqtts://.",
    )


def try_out(
    url: str,
    profile: str,
    parameters: Sequence[str],
    settings: Sequence[str],
    seconds: float,
    folder: Path,
) -> TrialReport:
    """The profile on the machine at that address. `parameters` and `settings` as in `name=value`.

    Raises InputError for what cannot be used.
    """
    given = settings_of(parameters, "--parameter")
    connection = connection_to(url, settings)
    return asyncio.run(tried(profile, given, connection, seconds, utc_now, folder))


def connection_to(url: str, settings: Sequence[str]) -> dict[str, str]:
    """A connection as a plant file has it; without `security` an OPC UA server is asked without.

    Raises InputError for a setting that is none.
    """
    connection = {**settings_of(settings), "url": url}
    return {"security": "none", **connection} if url.startswith(_OPC_TCP) else connection


def settings_of(texts: Sequence[str], where: str = _WHERE) -> dict[str, str]:
    """Those written as in `name=value`. Raises InputError for one that is not."""
    return dict(_setting(it, where) for it in texts)


def _setting(text: str, where: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise InputError(f"'{text}' is no setting", where=where, todo="Write it as in name=value.")
    return name, value
