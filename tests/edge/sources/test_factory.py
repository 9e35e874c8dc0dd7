"""A machine's source by the protocol of its profile."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from device_profiles.model.addresses import MqttAddress, OpcUaAddress, OpcUaStart
from domain.errors import InputError
from edge.config import MachineConfig
from edge.sources.factory import make_source

URL = "opc.tcp://127.0.0.1:4840"
OPCUA = OpcUaAddress(OpcUaStart(), (("urn:x", "Good"),))
MQTT = MqttAddress("status", "/x")


@pytest.mark.parametrize(
    ("addresses", "why"), [([], "names no address"), ([OPCUA, MQTT], "mixes protocols")]
)
def test_a_profile_has_one_protocol(addresses: list[OpcUaAddress | MqttAddress], why: str) -> None:
    machine = MachineConfig(line="l", machine="m", profile="p", connection={"url": URL})
    with pytest.raises(InputError, match=f"line 'l', machine 'm', connection: the profile {why}"):
        make_source(machine, addresses, lambda: datetime.now(UTC), agent="a", folder=Path("unused"))
