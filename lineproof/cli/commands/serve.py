"""`demo`, `up`, `collector`, `api`: commands that run until they are stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lineproof.cli.commands.options import DataDir

_Config = Annotated[
    Path,
    typer.Option("--config", metavar="FILE", help="YAML file of this part."),
]
_Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="Port of API and pages.")]
_Listen = Annotated[str, typer.Option("--listen", metavar="ADDRESS", help="Address to listen on.")]
_Seconds = Annotated[
    float | None, typer.Option(min=0, help="Stop by itself after so many seconds.")
]


def demo(
    port: _Port = 8080,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the pages in a browser.")
    ] = True,
    seconds: _Seconds = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep the demo's data here; default: nowhere."),
    ] = None,
) -> None:
    """A whole plant on loopback: four lines of machines, agents, collector, pages, history."""
    from lineproof.demo.demo import run_demo

    run_demo(port=port, browser=browser, seconds=seconds, data=data)


def up(
    plant: Annotated[Path, typer.Option(metavar="FILE", help="The plant file.")],
    data: DataDir,
    grant: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A grant file; may be repeated.")
    ] = None,
    port: _Port = 8080,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", help="Node settings (store, hosts, tls); optional."
        ),
    ] = None,
    listen: _Listen = "127.0.0.1",
    seconds: _Seconds = None,
) -> None:
    """All-in-one node: agents, collector, analytics, API and pages in one process."""
    from lineproof.run.node import NodeOptions, run_up
    from lineproof.run.settings import load_node_settings

    _note_unknown_variables()
    settings = load_node_settings(config)
    run_up(NodeOptions(data, port, listen, seconds), settings, plant, tuple(grant or ()))


def collector(config: _Config) -> None:
    """The collector alone: takes batches in and keeps the facts."""
    from lineproof.run.collector_role import run_collector

    _note_unknown_variables()
    run_collector(config)


def api(config: _Config) -> None:
    """The API and the pages alone, on the stores that a collector fills."""
    from lineproof.run.api_role import run_api

    _note_unknown_variables()
    run_api(config)


def _note_unknown_variables() -> None:
    """One line for each."""
    import os

    from lineproof.output import note
    from lineproof.run.environment import unknown_variables

    for sentence in unknown_variables(os.environ):
        note(f"Warning: {sentence}")
