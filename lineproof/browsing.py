"""Looking at what is at a machine's address, by the protocol that its URL names."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from device_profiles.model.node_text import parse_node
from domain.errors import InputError
from edge.browsing.found import WhatIsThere
from edge.browsing.mqtt_topics import topics
from edge.browsing.opcua_tree import variables
from edge.browsing.trial import TrialReport, tried
from edge.sources.mqtt.settings import mqtt_settings
from edge.sources.opcua.client import KnownAs
from edge.sources.opcua.settings import opcua_settings
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
    connection = settings_of(settings)
    scheme = url.partition("://")[0]
    if url.startswith(_OPC_TCP):
        known_as = KnownAs(_AS, _AS, folder)
        given = opcua_settings({"security": "none", **connection, "url": url}, _WHERE)
        return asyncio.run(variables(given, known_as, parse_node(below) if below else None))
    if scheme in ("mqtt", "mqtts"):
        topic = {"topic": below} if below else {}
        broker = mqtt_settings({**connection, **topic, "url": url}, _WHERE)
        return asyncio.run(topics(broker, _AS, seconds, utc_now))
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
