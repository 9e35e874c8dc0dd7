"""`doctor`: checks a node's data folder and says what to mend."""

from __future__ import annotations

from dataclasses import asdict

import typer

from lineproof import output
from lineproof.cli.commands.options import AsJson, DataDir

_STYLE = {"ok": "green", "warning": "yellow", "problem": "bold red"}


def doctor(data: DataDir, as_json: AsJson = False) -> None:
    """Check a node that is not running; leaves with 1 when something is wrong."""
    from lineproof.clock import utc_now
    from lineproof.upkeep.doctor import examine
    from store.node.opening import open_stores

    with open_stores(data, must_exist=True) as stores, output.progress_bar() as bar:
        task = bar.add_task("reading the chains of batches", total=None)
        findings = examine(stores, utc_now(), lambda done: bar.update(task, completed=done))
    problems = sum(finding.status == "problem" for finding in findings)
    if as_json:
        output.print_json(
            {"ok": problems == 0, "findings": [asdict(finding) for finding in findings]}
        )
    else:
        output.print_table(
            str(data),
            ("Subject", "Status", "What was found", "What to do"),
            [
                (it.subject, output.styled(it.status, _STYLE[it.status]), it.detail, it.todo)
                for it in findings
            ],
        )
    if problems:
        raise typer.Exit(1)
