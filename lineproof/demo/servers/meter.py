"""A simulated three-phase energy meter that publishes real MQTT JSON, as a Shelly Pro 3EM does.

Topics below the meter's prefix (second generation Shelly devices, MQTT):
`events/rpc` with NotifyStatus frames that carry the device's own time in `params.ts`, `status/em:0`
and `status/emdata:0` with the bare components, `online` retained with a will. Power is in W,
energy in Wh. A real meter reports energy once a minute; this one every few seconds, so that a
demo of one minute shows something.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from domain.states import MachineState
from lineproof.demo.model.plant_model import PlantModel

DEVICE = "shellypro3em-lineproof"
_PHASES = ("a", "b", "c")
_VOLTAGE = 230.0
_POWER_FACTOR = 0.93


class Meter:
    """Publishes what the model says of the line's energy. `now_us` is the meter's clock."""

    def __init__(
        self,
        model: PlantModel,
        now_us: Callable[[], int],
        broker_url: str,
        prefix: str,
        *,
        period_s: float = 2.0,
    ) -> None:
        self._model = model
        self._now_us = now_us
        self._prefix = prefix
        self._period_s = period_s
        address = urlsplit(broker_url)
        self._host, self._port = address.hostname or "127.0.0.1", address.port or 1883
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=DEVICE)
        self._client.will_set(f"{prefix}/online", "false", qos=1, retain=True)
        self._client.on_connect = self._on_connect

    def start(self) -> None:
        """Connect in the background; the client keeps trying by itself."""
        self._client.connect_async(self._host, self._port, keepalive=15)
        self._client.loop_start()

    async def run(self) -> None:
        """Publish once a period until cancelled."""
        while True:
            if self._client.is_connected():
                self.publish(self._now_us())
            await asyncio.sleep(self._period_s)

    def publish(self, us: int) -> None:
        """Say what the meter reads at that instant."""
        power = self._power(us)
        energy = self._energy(us)
        self._notify(us, "em:0", power)
        self._notify(us, "emdata:0", energy)
        self._send("status/em:0", power)
        self._send("status/emdata:0", energy)

    def stop(self) -> None:
        self._client.publish(f"{self._prefix}/online", "false", qos=1, retain=True)
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: mqtt.Client, *_: Any) -> None:
        client.publish(f"{self._prefix}/online", "true", qos=1, retain=True)

    def _power(self, us: int) -> dict[str, Any]:
        segment = self._model.at(us)
        watts = segment.power_kw * 1000.0
        share = watts / len(_PHASES)
        fields: dict[str, Any] = {"id": 0}
        for phase in _PHASES:
            fields |= {
                f"{phase}_current": round(share / _VOLTAGE / _POWER_FACTOR, 3),
                f"{phase}_voltage": _VOLTAGE,
                f"{phase}_act_power": round(share, 1),
                f"{phase}_aprt_power": round(share / _POWER_FACTOR, 1),
                f"{phase}_pf": _POWER_FACTOR if segment.state is not MachineState.OFF else 1.0,
                f"{phase}_freq": 50.0,
            }
        return fields | {
            "n_current": None,
            "total_current": round(watts / _VOLTAGE / _POWER_FACTOR, 3),
            "total_act_power": round(watts, 3),
            "total_aprt_power": round(watts / _POWER_FACTOR, 3),
            "user_calibrated_phase": [],
        }

    def _energy(self, us: int) -> dict[str, Any]:
        watt_hours = self._model.totals(us).energy_kwh * 1000.0
        fields: dict[str, Any] = {"id": 0}
        for phase in _PHASES:
            fields[f"{phase}_total_act_energy"] = round(watt_hours / len(_PHASES), 2)
            fields[f"{phase}_total_act_ret_energy"] = 0.0
        return fields | {"total_act": round(watt_hours, 2), "total_act_ret": 0.0}

    def _notify(self, us: int, component: str, fields: dict[str, Any]) -> None:
        frame = {
            "src": DEVICE,
            "dst": f"{self._prefix}/events",
            "method": "NotifyStatus",
            "params": {"ts": round(us / 1e6, 2), component: fields},
        }
        self._send("events/rpc", frame)

    def _send(self, topic: str, payload: dict[str, Any]) -> None:
        self._client.publish(f"{self._prefix}/{topic}", json.dumps(payload), qos=1)
