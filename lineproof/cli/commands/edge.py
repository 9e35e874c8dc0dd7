"""`edge`: runs an agent; `edge enrol` and `edge rotate` make its keys known to the collector."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from domain.errors import InputError
from lineproof import output

app = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_FileOption = typer.Option("--config", metavar="FILE", help="YAML file of the agent.")
_Config = Annotated[Path, _FileOption]
_OptionalConfig = Annotated[Path | None, _FileOption]


@app.callback()
def edge(context: typer.Context, config: _OptionalConfig = None) -> None:
    """An edge agent alone: reads machines, spools, seals, sends."""
    if context.invoked_subcommand is not None:
        return
    if config is None:
        raise InputError("an option is missing", where="--config", todo="Give the agent's file.")
    from lineproof.run.edge_alone import run_edge

    run_edge(config)


@app.command("enrol")
def enrol_agent(
    url: Annotated[str, typer.Option("--url", metavar="URL", help="The collector's address.")],
    code: Annotated[str, typer.Option("--code", help="From 'lineproof agent code NAME'.")],
    config: _OptionalConfig = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="The agent's data folder, without --config."),
    ] = None,
    authority: Annotated[
        Path | None,
        typer.Option(
            "--authority", metavar="FILE", help="Whom to believe, where the code names nobody."
        ),
    ] = None,
) -> None:
    """Make this agent known to a collector, once, by a code. The key stays here."""
    from edge.config import load_config
    from edge.enrolment import enrol

    if (config is None) == (data is None):
        raise InputError(
            "one of --config and --data is needed", todo="Give the agent's file, or its folder."
        )
    known = None if config is None else load_config(config)
    folder = known.data if known is not None else data
    assert folder is not None
    name = None if known is None else known.name
    done = enrol(folder, url, code, agent=name, authority=authority)
    output.say(f"Agent {done.agent} is enrolled at {url}.")
    if done.pinned is not None:
        output.say(f"It believes the authority in {done.pinned} alone.")
    if known is None or known.collector.rstrip("/") != url.rstrip("/"):
        output.say(f"In the agent's file write: name: {done.agent}, collector: {url}")


@app.command("rotate")
def rotate(config: _Config) -> None:
    """Let a new key follow the agent's present one. Start the agent again after it."""
    from edge.config import load_config
    from edge.enrolment import rotate as rotate_key

    until = rotate_key(load_config(config))
    output.say(
        f"The agent seals with the new key from its next start on; start it again before "
        f"{output.minute(until)} UTC, until when the old key is believed."
    )
