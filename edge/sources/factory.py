"""The right source for a machine, by what its profile's addresses are.

The only place that knows all protocols.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from device_profiles.model.addresses import (
    Address,
    MqttAddress,
    OpcUaAddress,
    OpcUaFolder,
    SparkplugAddress,
)
from device_profiles.model.profile import OpcUaLimits, Profile
from domain.errors import InputError
from edge.sources.base import Now, Source
from edge.sources.late_link import LateLink
from edge.sources.mqtt.json_source import MqttLink
from edge.sources.mqtt.known_messages import KnownMessages
from edge.sources.mqtt.settings import mqtt_settings
from edge.sources.opcua.client import KnownAs
from edge.sources.opcua.settings import OpcUaSettings, opcua_settings, within
from edge.sources.opcua.source import KEEP_ALIVE_S, OpcUaLink
from edge.sources.opcua.told_until import ToldUntil
from edge.sources.reporter import Reporter
from edge.sources.runner import Link, LinkSource
from edge.sources.settings import MissingFileError
from edge.sources.sparkplug.settings import sparkplug_settings
from edge.sources.sparkplug.source import SparkplugLink

STALE_RATIO = 4  # a quiet machine is heard so many times within stale_after_s


class MachineSettings(Protocol):
    """What a source needs of a machine's configuration."""

    @property
    def line(self) -> str: ...
    @property
    def machine(self) -> str: ...
    @property
    def connection(self) -> Mapping[str, str]: ...
    @property
    def stale_after_s(self) -> float: ...


def make_source(
    machine: MachineSettings,
    addresses: Sequence[Address],
    now: Now,
    *,
    agent: str,
    folder: Path,
    lasts: bool = True,
    known: KnownMessages | None = None,
    profile: Profile | None = None,
) -> Source:
    """A source that reads `addresses` of the machine; it connects when it is run.

    `now` is the agent's clock (aware, UTC; it is called from other threads too). `agent` and
    the machine name the session at the peer, so they must stay the same over restarts. `folder`:
    the agent's data folder, for what a source must know over restarts. `lasts` False: it comes
    once, so that a broker keeps nothing for it. `known`: messages that were taken before.
    `profile`: what a server takes (its limits), and by what its values are decoded.
    A source that lasts waits for a file that is not there yet. Raises InputError for a connection
    that cannot work as it is written.
    """
    where = f"line '{machine.line}', machine '{machine.machine}', connection"
    name = re.sub(r"[^A-Za-z0-9_-]", "-", f"{agent}-{machine.line}-{machine.machine}")
    reporter = Reporter(machine.line, machine.machine, now)
    opcua = [address for address in addresses if isinstance(address, OpcUaAddress | OpcUaFolder)]
    mqtt = [address for address in addresses if isinstance(address, MqttAddress)]
    sparkplug = [address for address in addresses if isinstance(address, SparkplugAddress)]
    if not addresses or max(len(opcua), len(mqtt), len(sparkplug)) < len(addresses):
        raise _not_of_one_protocol(addresses, where)
    limits = profile.limits if profile is not None else OpcUaLimits()

    def make() -> Link:
        if opcua:
            keep_alive_s = min(KEEP_ALIVE_S, machine.stale_after_s / STALE_RATIO)
            settings = within(opcua_settings(machine.connection, where), limits)
            known_as = KnownAs(agent, name, folder / "opcua")
            told = _told_until(known_as, settings, profile) if lasts else None
            return OpcUaLink(
                settings, opcua, reporter, known_as, told=told, keep_alive_s=keep_alive_s
            )
        if mqtt:
            return MqttLink(
                mqtt_settings(machine.connection, where),
                mqtt,
                reporter,
                name,
                look_after_s=machine.stale_after_s,
                lasts=lasts,
                known=known,
                subscriptions_file=folder / "mqtt" / f"{name}.json",
            )
        return SparkplugLink(
            sparkplug_settings(machine.connection, where),
            sparkplug,
            reporter,
            name,
            stale_after_s=machine.stale_after_s,
        )

    link: Link
    try:
        link = make()
    except MissingFileError:
        if not lasts:
            raise
        link = LateLink(make)
    return LinkSource(link, reporter)


def _told_until(
    known_as: KnownAs, settings: OpcUaSettings, profile: Profile | None
) -> ToldUntil | None:
    if profile is None:
        return None
    path = known_as.folder / "told" / f"{known_as.session}.json"
    return ToldUntil(path, settings.url, profile.digest)


def _not_of_one_protocol(addresses: Sequence[Address], where: str) -> InputError:
    return InputError(
        "the profile names no address" if not addresses else "the profile mixes protocols",
        where=where,
        todo="Choose a profile whose addresses all speak the same protocol.",
    )
