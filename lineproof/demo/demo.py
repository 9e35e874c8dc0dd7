"""`lineproof demo`: a whole plant on loopback, from the machines to the pages.

Machines, broker, agents, collector, stores, API and pages run in this one process and speak
their real protocols over loopback. The history goes through the same intake as live batches;
a last short file brings it up to the moment at which the live machines take over.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
import webbrowser
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from domain.errors import InputError
from lineproof import output
from lineproof.clock import utc_now
from lineproof.demo.history import history_frame
from lineproof.demo.people import PEOPLE, add_people
from lineproof.demo.servers.broker import DemoBroker
from lineproof.demo.servers.line_server import LineServer
from lineproof.demo.servers.meter import Meter
from lineproof.demo.story import Story, open_story
from lineproof.demo.texts import LINE, PROJECT, Addresses, grant_yaml, plant_yaml, profile_yaml
from lineproof.demo.told_history import tell_history
from lineproof.history_import.importer import import_files
from lineproof.run.node import Node, live_agents
from lineproof.run.web_server import LOOPBACK, bind
from lineproof.stopping import stop_on_signals, temporary_folder
from lineproof.upkeep.apply import start_with_files
from store.node.opening import open_stores

TOPIC = "shelly/noodle-1"


@dataclass(frozen=True, slots=True)
class Options:
    """`seconds`: how long to run; `told_us`: up to when the history was told just now."""

    browser: bool
    seconds: float | None
    told_us: int | None


def now_us() -> int:
    """The clock of the simulated machines."""
    return time.time_ns() // 1000


def run_demo(*, port: int, browser: bool, seconds: float | None, data: Path | None) -> None:
    """Run until a signal or the end of `seconds`, counted from when the pages answer.

    Raises BusyError for a taken port before anything else is done.
    """
    with bind(LOOPBACK, port) as bound, _folder(data) as folder:
        story, is_new = open_story(folder, utc_now())
        files = write_files(folder, story)
        told_us = tell_history(folder, files) if is_new else None
        with open_stores(folder / "node") as stores:
            start_with_files(stores.registry, files, utc_now())
            add_people(stores.registry, utc_now())
            with contextlib.closing(Node(stores, bound, demo_people=PEOPLE)) as node:
                asyncio.run(_play(node, story, folder, Options(browser, seconds, told_us)))
    output.say("The demo has stopped.")


async def _play(node: Node, story: Story, folder: Path, options: Options) -> None:
    """Machines and node together; the addresses are printed once the pages answer."""
    stop = asyncio.Event()
    stop_on_signals(stop)
    async with _machines(story):
        if options.told_us is not None:
            _import_tail(node, story, folder, options.told_us)
        try:
            await node.start(live_agents(node.stores, folder, node.url))
            _print_addresses(node.url, folder)
            if options.browser:
                _open_browser(f"{node.url}/floor")
            if options.seconds is not None:
                asyncio.get_running_loop().call_later(options.seconds, stop.set)
            await node.wait(stop)
        finally:
            await node.stop()


@contextlib.asynccontextmanager
async def _machines(story: Story) -> AsyncIterator[None]:
    """Broker, the line's machines and its meter, playing the story in real time."""
    broker = DemoBroker(story.mqtt_port)
    line = LineServer(story.model, now_us, port=story.opcua_port)
    await broker.start()
    meter = Meter(story.model, now_us, broker.url, TOPIC)
    meter.start()
    await line.start()
    playing = [asyncio.create_task(line.run()), asyncio.create_task(meter.run())]
    try:
        yield
    finally:
        for task in playing:
            task.cancel()
        await asyncio.gather(*playing, return_exceptions=True)
        meter.stop()
        await line.stop()
        await broker.stop()


@contextlib.contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    """The given folder, made if need be, or a temporary one."""
    if data is None:
        with temporary_folder("lineproof-demo-") as folder:
            yield folder
        return
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"the folder cannot be made ({error.strerror})",
            where=str(data),
            todo="Give --data another one.",
        ) from None
    yield data


def write_files(folder: Path, story: Story) -> list[Path]:
    """Plant, grant and the checkweigher's profile, to be read by whoever is curious."""
    profile = folder.resolve() / "checkweigher" / "profile.yaml"
    profile.parent.mkdir(exist_ok=True)
    profile.write_text(profile_yaml(), encoding="utf-8")
    addresses = Addresses(
        f"opc.tcp://127.0.0.1:{story.opcua_port}",
        f"mqtt://127.0.0.1:{story.mqtt_port}",
        TOPIC,
        str(profile),
    )
    texts = {
        "plant.yaml": plant_yaml(story.days, addresses),
        "grant.yaml": grant_yaml(story.days),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def _import_tail(node: Node, story: Story, folder: Path, told_us: int) -> None:
    """The seconds that went by meanwhile, once the machines play: the agents begin next."""
    tail = folder / "history-3.parquet"
    history_frame(story.model, told_us, now_us()).write_parquet(tail)
    import_files(node.stores, node.collector, LINE, [tail], now=utc_now())


def _print_addresses(url: str, folder: Path) -> None:
    output.say(
        "\n".join(
            (
                "The demo plant is running. Everything in it is simulated, on this machine alone.",
                "Its pages let you be one of three people by a click: operator, grant officer or "
                "integrator.",
                f"  Floor   {url}/floor",
                f"  Line    {url}/lines/{LINE}",
                f"  Grant   {url}/grants/{PROJECT}",
                f"  API     {url}/api/v1/openapi.json",
                f"  Files   {folder}",
                "Stop it with Ctrl-C.",
            )
        )
    )
    sys.stdout.flush()


def _open_browser(address: str) -> None:
    """Only where there is a display: a text browser would take over the terminal."""
    if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(address)
