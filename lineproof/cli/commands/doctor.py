"""`doctor`: checks a node, stopped or running, and says what to mend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from lineproof import output
from lineproof.cli.commands.options import AsJson, NodeUrl, OptionalDataDir, Token

_STYLE = {"ok": "green", "warning": "yellow", "problem": "bold red"}


def doctor(
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Check a node, stopped or running; leaves with 1 when something is to mend."""
    from lineproof.access.figures import check_one_source

    check_one_source(data, url)
    if url is not None:
        found = _of_running_node(url, token)
    else:
        assert data is not None
        found = _of_data_folder(data)
    if as_json:
        output.print_json(found)
    else:
        output.print_table(
            str(url or data),
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
