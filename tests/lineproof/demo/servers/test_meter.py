"""The demo's meter and broker as any MQTT client sees them."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from lineproof.demo.model.plant_model import BLOCK_US, PlantModel
from lineproof.demo.servers.broker import DemoBroker
from lineproof.demo.servers.meter import Meter

ORIGIN = 1_700_000_000_000_000


async def test_the_meter_says_power_and_energy_of_the_model_with_its_own_time() -> None:
    model = PlantModel(ORIGIN, 2)
    now_us = ORIGIN + 3 * BLOCK_US + 123_450_000
    broker = DemoBroker()
    await broker.start()
    meter = Meter(model, lambda: now_us, broker.url, "demo/meter", period_s=0.1)
    got: dict[str, Any] = {}
    complete = threading.Event()

    def on_message(client: mqtt.Client, _: Any, message: mqtt.MQTTMessage) -> None:
        document = json.loads(message.payload)
        topic = message.topic.removeprefix("demo/meter/")
        if topic == "events/rpc":
            for component in set(document["params"]) - {"ts"}:
                got[f"{topic} {component}"] = document
        else:
            got[topic] = document
        if len(got) == 5:
            complete.set()

    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="test")
    client.on_message = on_message
    client.on_connect = lambda c, *_: c.subscribe("demo/meter/#", qos=1)
    client.connect_async("127.0.0.1", broker.port)
    client.loop_start()
    meter.start()
    running = asyncio.create_task(meter.run())
    try:
        assert await asyncio.to_thread(complete.wait, 10), f"only {sorted(got)}"
    finally:
        running.cancel()
        client.disconnect()
        client.loop_stop()
        meter.stop()
        await broker.stop()
    energy_wh = round(model.totals(now_us).energy_kwh * 1000, 2)
    assert got["status/emdata:0"]["total_act"] == energy_wh
    assert got["status/em:0"]["total_act_power"] == round(model.at(now_us).power_kw * 1000, 3)
    params = got["events/rpc emdata:0"]["params"]
    assert params["emdata:0"]["total_act"] == energy_wh
    assert params["ts"] == round(now_us / 1e6, 2)
    assert got["online"] is True
