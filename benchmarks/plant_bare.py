"""The least that keeps what a plant says: one program that subscribes, parses and stores.

    python benchmarks/plant_bare.py --port N --file FILE

What Lineproof costs is told as a multiple of it. It takes the same messages from the same broker at
the same time (QoS 1, acknowledged), parses each, and adds what it got to one DuckDB table, in one
commit a second, until its standard input ends. It then says how many messages and values it took.
Nothing is signed, archived, judged, computed or shown; nobody can ask it anything.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from pathlib import Path
from typing import Any

import duckdb
import paho.mqtt.client as mqtt
import polars as pl
from paho.mqtt.enums import CallbackAPIVersion
from plant_machines import SUFFIX, TIME_FIELD, TOPIC

COMMIT_S = 1.0
_SCHEMA = {"topic": pl.String, "field": pl.String, "ms": pl.Int64, "value": pl.Float64}
_Row = tuple[str, str, int, float]


class Bare:
    """What came and is not stored yet, and how much came."""

    def __init__(self, file: Path) -> None:
        self._connection = duckdb.connect(str(file))
        self._connection.execute(
            "CREATE TABLE samples (topic VARCHAR, field VARCHAR, ms BIGINT, value DOUBLE)"
        )
        self._rows: list[_Row] = []
        self.messages = self.values = 0

    def message(self, _: Any, __: Any, message: mqtt.MQTTMessage) -> None:
        said, topic = json.loads(message.payload), message.topic
        ms = said.pop(TIME_FIELD)
        self._rows += [(topic, name, ms, value) for name, value in said.items()]
        self.messages += 1
        self.values += len(said)

    def store(self) -> None:
        rows, self._rows = self._rows, []
        if not rows:
            return
        incoming = pl.DataFrame(rows, schema=_SCHEMA, orient="row").to_arrow()
        self._connection.register("incoming", incoming)
        self._connection.execute("INSERT INTO samples SELECT * FROM incoming")
        self._connection.unregister("incoming")

    def close(self) -> None:
        self.store()
        self._connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--file", type=Path, required=True)
    given = parser.parse_args()
    bare, ended = Bare(given.file), threading.Event()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="bare")
    client.on_message = bare.message
    client.connect("127.0.0.1", given.port)
    client.subscribe(f"{TOPIC}/+/+/{SUFFIX}", qos=1)
    client.loop_start()
    print("ready", flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    while not ended.wait(COMMIT_S):
        bare.store()
    client.disconnect()
    client.loop_stop()
    bare.close()
    print(bare.messages, bare.values, flush=True)


if __name__ == "__main__":
    main()
