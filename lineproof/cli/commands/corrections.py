"""`correct`, `corrections`, `freeze`, `frozen`: what people say of a line's time."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from domain.corrections import OF_ANOTHER, CorrectionKind
from domain.errors import InputError
from lineproof import output
from lineproof.cli.commands.options import (
    AsJson,
    AsKnownAt,
    LineId,
    NodeUrl,
    OptionalDataDir,
    Token,
)

_KINDS = ", ".join(kind.value for kind in CorrectionKind if kind not in OF_ANOTHER)
Author = Annotated[str, typer.Option("--author", metavar="NAME", help="Who says so.")]
Comment = Annotated[str, typer.Option("--comment", help="Why, in a few words.")]


Order = Annotated[str | None, typer.Option("--order", help="order: of the plan; empty: none.")]
Product = Annotated[str | None, typer.Option("--product", help="order: if not that of the plan.")]
UntilStopEnds = Annotated[
    bool, typer.Option("--until-stop-ends", help="reason: of a stop that goes on; without --end.")
]
Withdrawn = Annotated[
    str | None, typer.Option("--withdraw", metavar="ID", help="A correction that no longer holds.")
]


def correct(
    author: Author,
    line: Annotated[
        str | None, typer.Option("--line", metavar="LINE", help="The line's id.")
    ] = None,
    kind: Annotated[str | None, typer.Option("--kind", help=f"{_KINDS}.")] = None,
    start: Annotated[
        str | None, typer.Option("--start", metavar="TIME", help="ISO 8601; plant's zone.")
    ] = None,
    end: Annotated[
        str | None,
        typer.Option("--end", metavar="TIME", help="As --start; not included; a split has none."),
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="ID", help="Of the plant's reason tree.")
    ] = None,
    element: Annotated[
        str | None,
        typer.Option("--element", help="quantity: a counter role; figure: a KPI's input."),
    ] = None,
    amount: Annotated[
        float | None, typer.Option("--amount", help="quantity, figure: how much there was.")
    ] = None,
    withdraw: Withdrawn = None,
    order: Order = None,
    product: Product = None,
    until_stop_ends: UntilStopEnds = False,
    comment: Comment = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Record a correction beside what was measured, or withdraw one; nothing is overwritten."""
    from api.records.corrections import Draft
    from lineproof.access.records import line_records

    with line_records(data, url, token) as records:
        if withdraw is not None:
            others = (line, kind, start, end, reason, element, amount, order, product)
            if until_stop_ends or any(value is not None for value in others):
                raise InputError(
                    "a withdrawal has an id, an author and a comment",
                    where="--withdraw",
                    todo="Leave the other options out.",
                )
            document = records.withdraw(withdraw, author, comment)
        else:
            draft = Draft(
                kind=_needed(kind, "--kind", f"Give {_KINDS}; or --withdraw with an id."),
                author=author,
                start=start,
                end=end,
                reason=reason,
                element=element,
                amount=amount,
                comment=comment,
                until_stop_ends=until_stop_ends,
                order=order,
                product=product,
            )
            named = _needed(line, "--line", "Name the line that is corrected.")
            document = records.correct(named, draft)
    if as_json:
        output.print_json(document)
    else:
        output.say(_recorded(document))


def corrections(
    line: LineId,
    as_known_at: AsKnownAt = None,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Every correction of a line in the order of recording, withdrawn ones too."""
    from lineproof.access.records import line_records

    with line_records(data, url, token) as records:
        rows = records.corrections(line, as_known_at)
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        f"{line}: corrections",
        ("Id", "Kind", "From", "To", "What", "Author", "Recorded", "Holds", "Comment"),
        [
            (
                row["id"],
                row["kind"],
                output.second(row["start"]),
                output.second(row["end"]),
                what_it_says(row),
                row["author"] or output.NOTHING,
                output.second(row["recorded_at"]),
                _holds(row),
                row["comment"] or "",
            )
            for row in rows
        ],
    )


def freeze(
    line: LineId,
    start: Annotated[
        str, typer.Option("--start", metavar="DAY", help="The first day, or a full hour.")
    ],
    end: Annotated[
        str,
        typer.Option(
            "--end", metavar="DAY", help="The last day, included; or a full hour, not included."
        ),
    ],
    author: Author,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Freeze a period as it was accepted: its figures never change from then on."""
    from lineproof.access.records import line_records

    with line_records(data, url, token) as records:
        document = records.freeze(line, start, end, author)
    if as_json:
        output.print_json(document)
    else:
        output.say(
            f"{line} is frozen from {document['start']} to {document['end']} as it is now (facts "
            f"{document['facts_digest']}). Later changes are shown beside."
        )


def frozen(
    line: LineId,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """The frozen periods of a line."""
    from lineproof.access.records import line_records

    with line_records(data, url, token) as records:
        rows = records.frozen(line)
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        f"{line}: frozen periods",
        ("From", "To", "Accepted by", "Frozen", "Digest of the facts"),
        [
            (
                output.second(row["start"]),
                output.second(row["end"]),
                row["author"],
                output.second(row["frozen_at"]),
                row["facts_digest"],
            )
            for row in rows
        ],
    )


def _needed(value: str | None, option: str, todo: str) -> str:
    if value is None:
        raise InputError("an option is missing", where=option, todo=todo)
    return value


def _recorded(document: dict[str, Any]) -> str:
    if document["withdraws"] and document["waiting"]:
        return f"The withdrawal {document['id']} of {document['withdraws']} waits for approval."
    if document["withdraws"]:
        return f"{document['withdraws']} is withdrawn (by {document['id']})."
    waits = "; it waits for approval" if document["waiting"] else ""
    stretch = output.second(document["start"])
    if document["end"] != document["start"]:
        stretch += f" to {output.second(document['end'])}"
    what = f"{document['line']}: {document['kind']} of {stretch}"
    return f"{what} is recorded as {document['id']}{waits}."


def _holds(row: dict[str, Any]) -> str:
    decision = row["decision"]
    if row["waiting"] or (decision and not decision["approved"]):
        return "waits" if row["waiting"] else "refused"
    return "yes" if row["in_force"] else "no"


def what_it_says(row: dict[str, Any]) -> str:
    """The reason, the amount, what is made, or of which correction it speaks."""
    if row["kind"] == CorrectionKind.ORDER.value:
        order = "no order" if row["order"] == "" else row["order"]
        return " · ".join(filter(None, (order, row["product"])))
    if row["element"]:
        return f"{row['element']} = {row['amount']:g}"
    return str(row["reason"] or row["withdraws"] or row["decides"] or "")
