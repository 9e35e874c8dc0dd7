"""A profile to fill in, for those who know their machine: it loads as it is. Pure."""

from __future__ import annotations

from typing import Final, get_args

from device_profiles.drafting.yaml_words import quoted, slug
from device_profiles.model.profile import Protocol
from domain.errors import InputError, did_you_mean

PROTOCOLS: Final[tuple[str, ...]] = get_args(Protocol)
_NAME_MAX = 100
_SOURCES: Final = {
    "opcua": (
        "# `node`: as `lineproof profile browse` shows it: namespace URI, colon, browse path.",
        'node: "urn:vendor:Machine/State"',
        'node: "urn:vendor:Counters/Total"',
        'node: "urn:vendor:Counters/Reject"',
    ),
    "mqtt-json": (
        "# `topic`: below the connection's topic. `field`, `time`: JSON Pointers into the message.",
        'topic: state, field: "/state", time: "/time", time_unit: iso',
        'topic: counters, field: "/total", time: "/time", time_unit: iso',
        'topic: counters, field: "/reject", time: "/time", time_unit: iso',
    ),
    "sparkplug-b": (
        "# `metric`: its whole name, as the birth certificate has it.",
        'metric: "Machine/State"',
        'metric: "Counters/Total"',
        'metric: "Counters/Reject"',
    ),
}


def skeleton(name: str, protocol: str) -> str:
    """A profile.yaml of that name (`vendor/model`, or a machine's name in any words).

    Raises InputError for a name without letters or digits and for an unknown protocol.
    """
    if protocol not in PROTOCOLS:
        raise InputError(
            f"unknown protocol '{protocol}'",
            where="--protocol",
            todo=did_you_mean(protocol, PROTOCOLS),
        )
    vendor, model = name.split("/", 1) if "/" in name else ("my", name)
    is_named = vendor.strip() and model.strip() and name.isprintable()
    if not is_named or len(name) > _NAME_MAX:
        raise InputError(
            "this is no name for a profile",
            where=f"'{name[:_NAME_MAX]}'",
            todo="Write acme/press-7.",
        )
    how, state, total, reject = _SOURCES[protocol]
    return f"""\
# A device profile: how this machine says what it does. docs/profiles.md explains every key.
# yaml-language-server: $schema=profile.schema.json
name: {slug(vendor, "my")}/{slug(model, "machine")}
vendor: {quoted(vendor)}
model: {quoted(model)}
protocol: {protocol}
title: {{en: {quoted(model)}}}  # beside it zh-Hant and zh-Hans, where you have them
documentation: []  # where the vendor says what each value means
caveats: []        # what whoever uses this profile has to know

# The values that are read, by names of your choice.
{how}
inputs:
  state:
    sources: [{{{state}}}]
  total:
    sources: [{{{total}}}]
  reject:
    sources: [{{{reject}}}]

# What becomes of them. Signals: state, mode, total_count, good_count, reject_count, rework_count,
# speed, ideal_speed, product, order, stop_reason, alarm, blocked, starved, energy, power,
# serial_number, measurement.<name>. Strike those that the machine does not tell.
signals:
  state:
    input: state
    # Each code as one of: producing, idle, starved, blocked, setup, stopped, fault, maintenance,
    # off, unknown. A code that is not here makes the state unknown.
    codes:
      "0": unknown
      "1": unknown
  # Counters only grow. A `factor` makes items of strokes, a `unit` kWh of Wh.
  total_count: {{input: total}}
  reject_count: {{input: reject}}
"""
