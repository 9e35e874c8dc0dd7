"""`attest`: figures with documents that no machine measures: money, people trained and employed."""

from __future__ import annotations

import getpass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import InputError
from lineproof import output
from lineproof.cli.commands.options import AsJson, DataDir, ProjectRef

if TYPE_CHECKING:
    from domain.attested_figures import AttestedFigure
    from store.node.opening import Stores

app = typer.Typer(
    help="Figures with documents: money spent and paid, people trained and employed.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
AttestedBy = Annotated[str | None, typer.Option("--by", help="Who attests it; default: this user.")]


@app.command("add")
def attest_figure(
    data: DataDir,
    project: ProjectRef,
    kind: Annotated[
        str,
        typer.Option(help="expenditure, disbursement, refund, training or headcount."),
    ],
    amount: Annotated[str, typer.Option(help="HKD, or people.")],
    day: Annotated[
        str, typer.Option(metavar="DAY", help="When it was paid, the training ended, or counted.")
    ],
    file: Annotated[Path, typer.Argument(help="The document that shows it.")],
    category: Annotated[
        str, typer.Option(help="Of an expenditure, as the scheme's rule names it (scheme show).")
    ] = "",
    payer: Annotated[
        str, typer.Option(help="Of an expenditure: 'company', or the name of who paid instead.")
    ] = "",
    milestone: Annotated[str, typer.Option(metavar="ID", help="The milestone's id.")] = "",
    comment: Annotated[str, typer.Option("--comment", help="What there is to say.")] = "",
    by: AttestedBy = None,
    as_json: AsJson = False,
) -> None:
    """Attest a figure, and attach the document that shows it."""
    from domain.attested_figures import AttestedFigure, AttestedKind
    from domain.errors import did_you_mean
    from lineproof.cli.commands.documents import read_document
    from lineproof.clock import utc_now
    from store.node.opening import open_stores

    kinds = [it.value for it in AttestedKind if it is not AttestedKind.WITHDRAWAL]
    if kind not in kinds:
        raise InputError(f"'{kind}' cannot be attested", todo=did_you_mean(kind, kinds))
    content, now, author = read_document(file), utc_now(), by or getpass.getuser()
    with open_stores(data, must_exist=True) as stores:
        figure = AttestedFigure(
            project=project,
            number=0,
            kind=AttestedKind(kind),
            attested_at=now,
            attested_by=author,
            comment=comment,
            amount=_amount(amount),
            day=_day(day),
            milestone=milestone,
            category=category,
            payer=payer,
        )
        _finish(stores, stores.registry.attest.add(figure, file.name, content), as_json)


@app.command("withdraw")
def withdraw_figure(
    data: DataDir,
    project: ProjectRef,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The figure's number.")],
    comment: Annotated[str, typer.Option("--comment", help="Why.")],
    by: AttestedBy = None,
    as_json: AsJson = False,
) -> None:
    """Withdraw a figure and say why; both stay in the list."""
    from domain.attested_figures import AttestedFigure, AttestedKind
    from lineproof.clock import utc_now
    from store.node.opening import open_stores

    with open_stores(data, must_exist=True) as stores:
        withdrawal = AttestedFigure(
            project=project,
            number=0,
            kind=AttestedKind.WITHDRAWAL,
            attested_at=utc_now(),
            attested_by=by or getpass.getuser(),
            comment=comment,
            withdraws=number,
        )
        _finish(stores, stores.registry.attest.withdraw(withdrawal), as_json)


@app.command("list")
def list_figures(data: DataDir, project: ProjectRef, as_json: AsJson = False) -> None:
    """What was attested of a project, withdrawals and what they withdraw too."""
    from store.node.opening import open_stores

    with open_stores(data, must_exist=True) as stores:
        registry = stores.registry
        registry.projects.by_reference(project)
        rows = [_document(stores, it) for it in registry.attested.of_project(project)]
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        f"Attested figures of {project}",
        ("Number", "Kind", "Amount", "Day", "Category", "Payer", "Milestone", "By", "Comment"),
        [_row(it) for it in rows],
    )


def _row(row: dict[str, Any]) -> list[str]:
    said = ("amount", "day", "category", "payer", "milestone", "attested_by", "comment")
    kind = row["kind"] if row["withdraws"] is None else f"withdraws {row['withdraws']}"
    return [str(row["number"]), kind, *(row[it] or "" for it in said)]


def _finish(stores: Stores, figure: AttestedFigure, as_json: bool) -> None:
    row = _document(stores, figure)
    if figure.withdraws is None:
        said = f"{row['kind']} of {row['amount']} on {row['day']}"
    else:
        said = f"figure {figure.withdraws} withdrawn"
    stores.registry.audit.tell_change(f"project {figure.project}", f"attested {figure.number}")
    if as_json:
        output.print_json(row)
    else:
        output.say(f"{figure.project}: {said}, entered as number {figure.number}.")


def _document(stores: Stores, figure: AttestedFigure) -> dict[str, Any]:
    from api.documents.milestones import attested_json

    plant = stores.registry.projects.by_reference(figure.project).plant
    zone = next(it.zone for it in stores.registry.plants.all() if it.id == plant)
    return attested_json(figure, zone)


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise InputError(
            f"'{text}' is no amount", where="--amount", todo="Write a number, as in 1250000.50."
        ) from None


def _day(text: str) -> Any:
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"'{text}' is no day", where="--day", todo="Write it as in 2026-03-31."
        ) from None
