"""The right source for a machine, by what its profile's addresses are.

The only place that knows all protocols. Their libraries are large, and most agents speak but one of
them: each is imported once a machine needs it.
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
from edge.sources.mqtt.known_messages import KnownMessages
from edge.sources.opcua.told_until import ToldUntil
from edge.sources.reporter import Reporter
from edge.sources.runner import Link, LinkSource
from edge.sources.settings import MissingFileError

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

    def make() -> Link:
        if opcua:
            as_known = agent, name, folder / "opcua"
            return _opcua_link(machine, where, opcua, reporter, as_known, profile, lasts)
        if mqtt:
            file = folder / "mqtt" / f"{name}.json"
            return _mqtt_link(machine, where, mqtt, reporter, name, lasts, known, file)
        return _sparkplug_link(machine, where, sparkplug, reporter, name)

    link: Link
    try:
        link = make()
    except MissingFileError:
        if not lasts:
            raise
        link = LateLink(make)
    return LinkSource(link, reporter)


def _not_of_one_protocol(addresses: Sequence[Address], where: str) -> InputError:
    return InputError(
        "the profile names no address" if not addresses else "the profile mixes protocols",
        where=where,
        todo="Choose a profile whose addresses all speak the same protocol.",
    )


def _opcua_link(
    machine: MachineSettings,
    where: str,
    addresses: Sequence[OpcUaAddress | OpcUaFolder],
    reporter: Reporter,
    as_known: tuple[str, str, Path],
    profile: Profile | None,
    lasts: bool,
) -> Link:
    from edge.sources.opcua.client import KnownAs
    from edge.sources.opcua.settings import opcua_settings, within
    from edge.sources.opcua.source import KEEP_ALIVE_S, OpcUaLink

    keep_alive_s = min(KEEP_ALIVE_S, machine.stale_after_s / STALE_RATIO)
    limits = profile.limits if profile is not None else OpcUaLimits()
    settings = within(opcua_settings(machine.connection, where), limits)
    known_as, told = KnownAs(*as_known), None
    if lasts and profile is not None:
        path = known_as.folder / "told" / f"{known_as.session}.json"
        told = ToldUntil(path, settings.url, profile.digest)
    return OpcUaLink(settings, addresses, reporter, known_as, told=told, keep_alive_s=keep_alive_s)


def _mqtt_link(
    machine: MachineSettings,
    where: str,
    addresses: Sequence[MqttAddress],
    reporter: Reporter,
    name: str,
    lasts: bool,
    known: KnownMessages | None,
    subscriptions_file: Path,
) -> Link:
    from edge.sources.mqtt.json_source import MqttLink
    from edge.sources.mqtt.settings import mqtt_settings

    return MqttLink(
        mqtt_settings(machine.connection, where),
        addresses,
        reporter,
        name,
        look_after_s=machine.stale_after_s,
        lasts=lasts,
        known=known,
        subscriptions_file=subscriptions_file,
    )


def _sparkplug_link(
    machine: MachineSettings,
    where: str,
    addresses: Sequence[SparkplugAddress],
    reporter: Reporter,
    name: str,
) -> Link:
    from edge.sources.sparkplug.settings import sparkplug_settings
    from edge.sources.sparkplug.source import SparkplugLink

    return SparkplugLink(
        sparkplug_settings(machine.connection, where),
        addresses,
        reporter,
        name,
        stale_after_s=machine.stale_after_s,
    )
