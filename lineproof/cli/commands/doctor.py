"""`doctor`: checks a node, stopped or running, or its settings, and says what to mend."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lineproof import output
from lineproof.cli.commands.options import AsJson, NodeUrl, OptionalDataDir, Token

if TYPE_CHECKING:
    from lineproof.upkeep.findings import Finding

_STYLE = {"ok": "green", "warning": "yellow", "problem": "bold red"}


def doctor(
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="Check a settings file (of a node, a part or an agent) and the environment; "
            "nothing is started.",
        ),
    ] = None,
    listen: Annotated[
        str, typer.Option("--listen", metavar="ADDRESS", help="With --config: as 'up' will get it.")
    ] = "",
    port: Annotated[
        int | None,
        typer.Option(
            "--port", min=1, max=65535, help="With --config: as 'up' will get it; is it free?"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a node, stopped or running, or its settings; leaves with 1 when something is to mend.

    --data or --url, or --config before a start; --config with either checks both.
    """
    from lineproof.access.figures import check_one_source
    from lineproof.upkeep.findings import findings_json

    found: list[dict[str, Any]] = []
    if config is not None:
        found += findings_json(_of_settings(config, listen, port))["findings"]
    if config is None or data is not None or url is not None:
        check_one_source(data, url)
        if url is not None:
            found += _of_running_node(url, token)["findings"]
        else:
            assert data is not None
            found += _of_data_folder(data)["findings"]
    _say({"ok": all(it["status"] != "problem" for it in found), "findings": found},
         str(url or data or config), as_json=as_json)  # fmt: skip


def _say(found: dict[str, Any], title: str, *, as_json: bool) -> None:
    if as_json:
        output.print_json(found)
    else:
        output.print_table(
            title,
            ("Subject", "Status", "What was found", "What to do"),
            [
                (
                    it["subject"],
                    output.styled(it["status"], _STYLE.get(it["status"], "")),
                    it["detail"],
                    it["todo"],
                )
                for it in found["findings"]
            ],
        )
    if not found["ok"]:
        raise typer.Exit(1)


def _of_settings(config: Path, listen: str, port: int | None) -> list[Finding]:
    import os

    from lineproof.clock import utc_now
    from lineproof.run.environment import environment
    from lineproof.run.settings_checks import examine_settings

    found = examine_settings(config, utc_now(), listen=listen, port=port)
    return [*found, *environment(os.environ)]


def _of_running_node(url: str, token: str | None) -> dict[str, Any]:
    from lineproof.access.node_client import node_client
    from lineproof.upkeep.findings import FINDINGS_PATH

    with node_client(url, token) as client:
        document: dict[str, Any] = client.get(FINDINGS_PATH, {})
    return document


def _of_data_folder(data: Path) -> dict[str, Any]:
    from lineproof.clock import utc_now
    from lineproof.upkeep.findings import findings_json
    from lineproof.upkeep.folder import examine_folder

    with output.progress_bar() as bar:
        task = bar.add_task("reading the chains of batches", total=None)
        found = examine_folder(data, utc_now(), lambda done: bar.update(task, completed=done))
    return findings_json(found)
