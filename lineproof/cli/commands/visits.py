"""`visit add`, `visit withdraw`, `visit list`: site visits, and what was sealed beside each reading
of a panel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import InputError
from domain.site_visits import VisitKind
from lineproof import output
from lineproof.cli.commands.options import (
    AsJson,
    LineId,
    NodeUrl,
    OptionalAuthor,
    OptionalDataDir,
    ProjectRef,
    Token,
)

if TYPE_CHECKING:
    from api.records.site_visits import NewReading

app = typer.Typer(help="Site visits.", no_args_is_help=True, rich_markup_mode=None)
OfMilestone = Annotated[
    str,
    typer.Option("--milestone", metavar="ID", help="The milestone's id; none: the whole project."),
]
_READING = re.compile(r"(?P<machine>[^/]+)/(?P<signal>[^=]+)=(?P<value>[^@]+)@(?P<rest>.+)\Z", re.S)
_AGREEMENTS = {
    "agrees": "agrees",
    "differs": "differs by {difference:+g}",
    "not_sealed": "nothing was sealed then",
}


@app.command("add")
def add_visit(
    project: ProjectRef,
    line: LineId,
    at: Annotated[str, typer.Option("--at", metavar="TIME", help="When the visit began.")],
    kind: Annotated[str, typer.Option("--kind", help=f"{' or '.join(VisitKind)}.")],
    milestone: OfMilestone = "",
    reading: Annotated[
        list[str] | None,
        typer.Option(
            "--reading",
            metavar="TEXT",
            help="MACHINE/SIGNAL=FIGURE@TIME, and a note behind a space; may be repeated.",
        ),
    ] = None,
    read_by: Annotated[
        str, typer.Option("--read-by", help="Who read the panels, if not the author.")
    ] = "",
    note: Annotated[str, typer.Option("--note", help="What was seen.")] = "",
    author: OptionalAuthor = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Enter a site visit. Nothing of it can be changed later; it can be withdrawn, and stays."""
    from api.records.site_visits import NewVisit
    from lineproof.access.site_visits import site_visit_records

    readings = [_reading(it, read_by) for it in reading or ()]
    new = NewVisit(line, kind, at, author, note, readings)
    with site_visit_records(data, url, token) as records:
        document = records.enter(project, milestone, new)
    if as_json:
        output.print_json(document)
        return
    output.say(f"Visit {document['number']} to {line} is entered for {project}.")
    for row in document["readings"]:
        output.say(f"{_what(row)} at {output.second(row['read_at'])}: {_sealed(row)}.")


@app.command("withdraw")
def withdraw_visit(
    project: ProjectRef,
    visit: Annotated[int, typer.Option("--visit", metavar="NUMBER", help="The visit's number.")],
    reason: Annotated[str, typer.Option("--reason", help="What was wrong.")],
    author: OptionalAuthor = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Say that a site visit was entered wrongly. It stays, with who withdrew it and why."""
    from lineproof.access.site_visits import site_visit_records

    with site_visit_records(data, url, token) as records:
        document = records.withdraw(project, visit, reason, author)
    if as_json:
        output.print_json(document)
    else:
        output.say(f"Visit {visit} of {project} is withdrawn: {document['withdrawn']['reason']}")


@app.command("list")
def list_visits(
    project: ProjectRef,
    milestone: OfMilestone = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """The site visits, with what was sealed beside each reading."""
    from lineproof.access.site_visits import site_visit_records

    with site_visit_records(data, url, token) as records:
        rows = records.of(project, milestone)
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        f"{project} {milestone}: site visits".replace("  ", " "),
        ("Visit", "At", "Line", "Kind", "Who", "Read", "Beside what was sealed", "Note"),
        [cells for row in rows for cells in _cells(row)],
    )


def _cells(row: dict[str, Any]) -> list[tuple[str, ...]]:
    """A line for each reading, or one for a visit without any."""
    if row.get("withdrawn"):
        said = f"WITHDRAWN by {row['withdrawn']['author']}: {row['withdrawn']['reason']}"
        row = {**row, "note": "; ".join(filter(None, (said, row["note"])))}
    visit = (str(row["number"]), output.second(row["visited_at"]), row["line"], row["kind"])
    if not row["readings"]:
        return [(*visit, row["author"], "", "", row["note"])]
    return [
        (
            visit[0],
            output.second(it["read_at"]),
            *visit[2:],
            it["read_by"],
            _what(it),
            _sealed(it),
            "; ".join(filter(None, (row["note"], it["note"]))),
        )
        for it in row["readings"]
    ]


def _what(row: dict[str, Any]) -> str:
    return f"{row['machine']}/{row['signal']} {row['value']} {row['unit']}".strip()


def _sealed(row: dict[str, Any]) -> str:
    sealed = row["sealed"]
    is_told = sealed["agreement"] != "differs" or sealed["difference"] is not None
    said = _AGREEMENTS[sealed["agreement"]].format(**sealed) if is_told else "differs"
    if sealed["low"] is not None:
        said += f" (sealed: {sealed['low']:.12g} to {sealed['high']:.12g})"
    if sealed["late"]:
        said += ", by data that came in after it was entered"
    return said


def _reading(text: str, read_by: str) -> NewReading:
    """Raises InputError."""
    from api.records.site_visits import NewReading

    found = _READING.match(text.strip())
    if found is None:
        raise InputError(
            f"'{text}' is no reading",
            where="--reading",
            todo="Write it as in press/total_count=18204@2026-03-18T10:12.",
        )
    read_at, _, note = found["rest"].partition(" ")
    return NewReading(found["machine"], found["signal"], read_at, found["value"], read_by, note)
