"""A machine that plays a packaged OPC UA profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mqtt_played import Shows


@dataclass(frozen=True)
class PlayedMachine:
    """The profile's parameters, and step by step which values the machine of
    tests/peers/opcua_machines.cjs takes and what a person reads."""

    steps: Sequence[tuple[dict[str, Any], Shows]]
    parameters: dict[str, str] = field(default_factory=dict)
