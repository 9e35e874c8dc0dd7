"""A process that publishes to a broker as it is told, while another one is measured."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

CHUNK = 150  # messages that are under way, so that the broker drops none


class Publisher:
    """A Python program that writes a line once it is ready, and publishes as many of its `messages`
    as each line of its standard input says."""

    def __init__(self, command: Sequence[str], messages: int) -> None:
        pipe = subprocess.PIPE
        path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        self._process = subprocess.Popen(
            [sys.executable, *command], stdin=pipe, stdout=pipe, env=path
        )
        self._left = messages
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise SystemExit("the publisher did not start")

    def go_on(self) -> int:
        """Publish the next messages; how many."""
        count = min(CHUNK, self._left)
        self._left -= count
        assert self._process.stdin is not None
        self._process.stdin.write(f"{count}\n".encode())
        self._process.stdin.flush()
        return count

    def end(self) -> None:
        self._process.communicate()


def drive(
    publisher: Publisher, messages: int, taken: Callable[[], int], wait: Callable[[], Any]
) -> float:
    """CPU seconds of this process for all messages."""
    start, asked = time.process_time(), 0
    while asked < messages:
        asked += publisher.go_on()
        deadline = time.monotonic() + 60
        while taken() < asked:
            if time.monotonic() > deadline:
                raise SystemExit(f"only {taken()} of {asked} messages came")
            wait()
    return time.process_time() - start


async def drive_here(publisher: Publisher, messages: int, taken: Callable[[], int]) -> float:
    """The same as `drive`, while an agent runs in this event loop."""
    loop = asyncio.get_running_loop()

    def wait() -> None:
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.02), loop).result()

    return await asyncio.to_thread(drive, publisher, messages, taken, wait)


def bare_client(
    port: int,
    topic: str,
    parse: Callable[[bytes], Any],
    published_by: Callable[[], Publisher],
    messages: int,
) -> float:
    """CPU seconds of paho alone, which parses each message of the topic."""
    count = 0
    client = mqtt.Client(CallbackAPIVersion.VERSION2)

    def on_message(_: Any, __: Any, message: mqtt.MQTTMessage) -> None:
        nonlocal count
        parse(message.payload)
        count += 1

    client.on_message = on_message
    client.connect("127.0.0.1", port)
    client.subscribe(topic)
    client.loop_start()
    time.sleep(0.5)
    publisher = published_by()
    used_s = drive(publisher, messages, lambda: count, lambda: time.sleep(0.01))
    publisher.end()
    client.disconnect()
    client.loop_stop()
    return used_s
