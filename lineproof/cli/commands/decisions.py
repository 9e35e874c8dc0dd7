"""`decide`, `decisions`, `conflict`, `conflicts`: what people do with a project's milestones."""

from __future__ import annotations

from typing import Annotated

import typer

from domain.milestone_states import Step
from lineproof import output
from lineproof.cli.commands.options import (
    AsJson,
    NodeUrl,
    OptionalAuthor,
    OptionalDataDir,
    ProjectRef,
    Token,
)

MilestoneId = Annotated[
    str, typer.Option("--milestone", metavar="ID", help="The milestone's id, as in M2.")
]


def decide(
    project: ProjectRef,
    milestone: MilestoneId,
    action: Annotated[str, typer.Option("--action", help=f"{', '.join(Step)}.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, for who reads it.")] = "",
    due: Annotated[
        str, typer.Option("--due", metavar="DAY", help="Of extend: the new due day.")
    ] = "",
    author: OptionalAuthor = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Take a step of a milestone: submit it, check it, ask, answer, recommend, decide, close."""
    from api.records.milestone_steps import NewStep
    from lineproof.access.milestone_steps import milestone_records

    with milestone_records(data, url, token) as records:
        document = records.take(project, milestone, NewStep(action, author, reason, due))
    if as_json:
        output.print_json(document)
        return
    until = f" until {document['due']}" if document["due"] else ""
    allowed = ", ".join(document["allowed"])
    output.say(
        f"{project} {milestone} is {document['state'].replace('_', ' ')}{until}. "
        + (f"From there: {allowed}." if allowed else "Nothing follows.")
    )
    verdict = document["verdict"]
    for period in verdict["frozen"] if verdict else ():
        start, end = output.second(period["start"]), output.second(period["end"])
        output.say(f"{period['line']} is frozen from {start} to {end} as it is now.")


def decisions(
    project: ProjectRef,
    milestone: MilestoneId,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """What was done with a milestone, step by step: who, when and why."""
    from lineproof.access.milestone_steps import milestone_records

    with milestone_records(data, url, token) as records:
        rows = records.steps(project, milestone)
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        f"{project} {milestone}: steps",
        ("At", "Step", "State after it", "Who", "Why", "Due", "Verdict then"),
        [
            (
                output.second(row["at"]),
                row["action"],
                row["state"],
                row["author"],
                row["reason"],
                row["due"] or "",
                row["verdict"]["status"] if row["verdict"] else "",
            )
            for row in rows
        ],
    )


def conflict(
    project: ProjectRef,
    reason: Annotated[str, typer.Option("--reason", help="What it is.")] = "",
    author: OptionalAuthor = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Declare a conflict of interest: it keeps you out of the officers' steps of the project."""
    from lineproof.access.milestone_steps import milestone_records

    with milestone_records(data, url, token) as records:
        document = records.declare(project, reason, author)
    if as_json:
        output.print_json(document)
    else:
        output.say(
            f"{document['author']} has declared a conflict of interest with {project} and takes no "
            "officer's step of it any more."
        )


def conflicts(
    project: ProjectRef,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """The conflicts of interest with a project that were declared."""
    from lineproof.access.milestone_steps import milestone_records

    with milestone_records(data, url, token) as records:
        rows = records.conflicts(project)
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        f"{project}: conflicts of interest",
        ("At", "Who", "What"),
        [(output.second(row["at"]), row["author"], row["reason"]) for row in rows],
    )
