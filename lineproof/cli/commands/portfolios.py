"""`portfolio`, `reminders`: all projects side by side, and what is due in them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from lineproof import output
from lineproof.cli.commands.options import AsJson, Lang, NodeUrl, OptionalDataDir, Token


class OpenDataForm(StrEnum):
    CSV = "csv"
    JSON = "json"
    IATI = "iati"


def portfolio(
    open_data: Annotated[
        OpenDataForm | None,
        typer.Option("--open-data", help="What of it is for everybody to read, in this form."),
    ] = None,
    organisation: Annotated[
        str, typer.Option("--organisation", help="Of IATI: the identifier of who reports.")
    ] = "HK-ITC",
    name: Annotated[
        str, typer.Option("--name", help="Of IATI: who reports.")
    ] = "Innovation and Technology Commission",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Where to write the open data."),
    ] = None,
    lang: Lang = "en",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """All projects: verdicts, money, who is waited for, measured output."""
    from lineproof.access.portfolios import portfolios

    with portfolios(data, url, token) as source:
        if open_data is not None:
            _give(source.open_data(open_data.value, organisation, name), out)
            return
        document = source.portfolio(lang)
    if as_json:
        output.print_json(document)
        return
    output.print_table(
        "Portfolio",
        ("Project", "Scheme", "Company", "Verdicts", "Grant HK$", "Disbursed HK$", "Open HK$",
         "Good items", "Waits for"),
        [_cells(row) for row in document["projects"]],
    )  # fmt: skip
    totals = document["totals"]
    output.say(
        f"Projects: {totals['projects']}, lines: {totals['lines']}. Granted HK$ "
        f"{output.number(totals['grant_hkd'])}, disbursed HK$ "
        f"{output.number(totals['disbursed_hkd'])}, open HK$ {output.number(totals['open_hkd'])}."
    )
    _say_not_computed(document)


def reminders(
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """What is due and what waits, what comes within 30 days, and what was told to whom.

    With --data the days are those of the schemes: those of a node's settings a node tells."""
    from lineproof.access.portfolios import portfolios

    with portfolios(data, url, token) as source:
        document = source.reminders()
    if as_json:
        output.print_json(document)
        return
    columns = ("Project", "Of", "What", "Waits for", "Day", "From")
    for title, name in (("What stands", "standing"), ("What comes", "coming")):
        rows = [(*_reminder(it), output.minute(it["stands_from"])) for it in document[name]]
        output.print_table(title, columns, rows)
    output.print_table(
        "Messages",
        ("At", "To", "State", "Tries", "Tells", "Error"),
        [
            (
                output.minute(it["created_at"]),
                it["recipient"],
                it["state"],
                str(it["tries"]),
                "; ".join(" ".join(_reminder(told)) for told in it["tells"]),
                it["error"],
            )
            for it in document["messages"]
        ],
    )


def _give(text: str, out: Path | None) -> None:
    from store.archive.blobs import storage_errors

    if out is None:
        typer.echo(text, nl=False)
        return
    with storage_errors(out):
        out.write_bytes(text.encode())
    output.say(f"{out} is written.")


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    verdicts = (f"{count} {status.replace('_', ' ')}" for status, count in row["verdicts"].items())
    waiting = (f"{it['milestone']}: {it['waits_for']}, {it['days']} days" for it in row["waiting"])
    return (
        row["project"],
        row["scheme"],
        row["company"],
        ", ".join(verdicts),
        *(output.number(row[name]) for name in ("grant_hkd", "disbursed_hkd", "open_hkd")),
        output.number(row["output"]["good_count"]),
        "; ".join(waiting),
    )


def _reminder(it: dict[str, Any]) -> tuple[str, str, str, str, str]:
    of = it["milestone"] or f"change request {it['change_request']}"
    return it["project"], of, it["kind"].replace("_", " "), it["waits_for"], it["day"]


def _say_not_computed(document: dict[str, Any]) -> None:
    if document["not_computed"]:
        output.say(f"Not computed, too many days: {', '.join(document['not_computed'])}.")
