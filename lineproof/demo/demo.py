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
import tempfile
import time
import webbrowser
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

from rich.progress import Progress

from domain.errors import InputError
from lineproof import output
from lineproof.answers import utc_now
from lineproof.apply import apply_files
from lineproof.demo.broker import DemoBroker
from lineproof.demo.filler import Filler
from lineproof.demo.history import history_frame, write_history
from lineproof.demo.meter import Meter
from lineproof.demo.story import Story, open_story
from lineproof.demo.texts import LINE, PROJECT, grant_yaml, plant_yaml
from lineproof.importing import import_files
from lineproof.node import Node, live_agents
from lineproof.serving import LOOPBACK, bind, stop_on_signals
from store.opening import open_stores

TOPIC = "shelly/noodle-1"


def now_us() -> int:
    """The clock of the simulated machines."""
    return time.time_ns() // 1000


def run_demo(*, port: int, browser: bool, seconds: float | None, data: Path | None) -> None:
    """Run until a signal or the end of `seconds`, counted from when the pages answer.

    Raises BusyError for a taken port before anything else is done.
    """
    with bind(LOOPBACK, port) as bound, _folder(data) as folder:
        story, is_new = open_story(folder, utc_now())
        files = _write_files(folder, story)
        with open_stores(folder / "node") as stores:
            apply_files(stores.registry, files, utc_now())
            with contextlib.closing(Node(stores, bound)) as node:
                if is_new:
                    _import_history(node, story, folder)
                asyncio.run(_play(node, story, folder, browser, seconds))
    output.say("The demo has stopped.")


async def _play(
    node: Node, story: Story, folder: Path, browser: bool, seconds: float | None
) -> None:
    """Machines and node together; the addresses are printed once the pages answer."""
    stop = asyncio.Event()
    stop_on_signals(stop)
    async with _machines(story):
        try:
            await node.start(live_agents(node.stores, folder, node.url))
            _print_addresses(node.url, folder)
            if browser:
                _open_browser(f"{node.url}/floor")
            if seconds is not None:
                asyncio.get_running_loop().call_later(seconds, stop.set)
            await node.wait(stop)
        finally:
            await node.stop()


@contextlib.asynccontextmanager
async def _machines(story: Story) -> AsyncIterator[None]:
    """Broker, filler and meter, playing the story's line in real time."""
    broker = DemoBroker(story.mqtt_port)
    filler = Filler(story.model, now_us, port=story.opcua_port)
    await broker.start()
    meter = Meter(story.model, now_us, broker.url, TOPIC)
    meter.start()
    await filler.start()
    playing = [asyncio.create_task(filler.run()), asyncio.create_task(meter.run())]
    try:
        yield
    finally:
        for task in playing:
            task.cancel()
        await asyncio.gather(*playing, return_exceptions=True)
        meter.stop()
        await filler.stop()
        await broker.stop()


@contextlib.contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    """The given folder, made if need be, or a temporary one."""
    if data is None:
        with tempfile.TemporaryDirectory(prefix="lineproof-demo-") as name:
            yield Path(name)
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


def _write_files(folder: Path, story: Story) -> list[Path]:
    """plant.yaml and grant.yaml, to be read by whoever is curious."""
    texts = {
        "plant.yaml": plant_yaml(
            story.days,
            f"opc.tcp://127.0.0.1:{story.opcua_port}",
            f"mqtt://127.0.0.1:{story.mqtt_port}",
            TOPIC,
        ),
        "grant.yaml": grant_yaml(story.days),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def _import_history(node: Node, story: Story, folder: Path) -> None:
    """Ninety days, then the seconds that went by meanwhile."""
    model, start_us = story.model, now_us()
    with output.progress_bar() as bar:
        writing = bar.add_task("writing ninety days of history", total=None)
        files = write_history(folder, model, story.days, start_us)
        bar.remove_task(writing)
        _import(node, files, bar)
        tail = folder / "history-3.parquet"
        history_frame(model, start_us, now_us()).write_parquet(tail)
        _import(node, [tail], bar)


def _import(node: Node, files: Sequence[Path], bar: Progress) -> None:
    progress = output.Steps(bar)
    import_files(node.stores, node.collector, LINE, files, now=utc_now(), progress=progress)


def _print_addresses(url: str, folder: Path) -> None:
    output.say(
        "\n".join(
            (
                "The demo plant is running. Everything in it is simulated, on this machine alone.",
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
