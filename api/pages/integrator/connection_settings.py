"""The settings of a machine's connection that a plant file gives, by protocol, in words.

The common ones; the rest is in the documentation of connections.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.texts import N_


@dataclass(frozen=True, slots=True)
class Setting:
    """`example`: as in a plant file; `means`: a message id."""

    name: str
    required: bool
    example: str
    means: str


_PASSWORD = (
    Setting("user", False, "lineproof", N_("The user name, where the machine asks for one.")),
    Setting(
        "password_file",
        False,
        "secrets/press.txt",
        N_("The file with its password; a password never stands in the plant file itself."),
    ),
)
_BROKER = Setting(
    "url", True, "mqtt://10.0.0.9:1883", N_("The broker's address; mqtts:// for an encrypted one.")
)
SETTINGS: Mapping[str, tuple[Setting, ...]] = {
    "opcua": (
        Setting("url", True, "opc.tcp://10.0.0.5:4840", N_("The server's address.")),
        Setting(
            "security",
            True,
            "none",
            N_("none, or a policy as in Basic256Sha256; what is named is used or refused."),
        ),
        *_PASSWORD,
        Setting(
            "sampling_interval_ms",
            False,
            "1000",
            N_("How often the server looks at a value; 0 is as fast as it can."),
        ),
    ),
    "mqtt-json": (
        _BROKER,
        Setting("topic", True, "factory/press-7", N_("The machine's topic, without an end.")),
        *_PASSWORD,
    ),
    "sparkplug-b": (
        _BROKER,
        Setting("group", True, "Plant 1", N_("The Sparkplug group.")),
        Setting("node", True, "Line 1", N_("The edge node.")),
        Setting("device", False, "Press 7", N_("The device below the edge node, if it is one.")),
        *_PASSWORD,
    ),
}
