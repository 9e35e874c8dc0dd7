"""`check …`: which milestones to check more closely, by risk and by a random sample."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from lineproof import output
from lineproof.cli.commands.options import (
    AsJson,
    Lang,
    NodeUrl,
    OptionalAuthor,
    OptionalDataDir,
    ProjectRef,
    Token,
)

app = typer.Typer(
    help="Milestones to check more closely.", no_args_is_help=True, rich_markup_mode=None
)
SampleNumber = Annotated[int, typer.Option("--sample", metavar="NUMBER", help="The sample.")]


@app.command("risks")
def list_risks(
    scheme: Annotated[str, typer.Option("--scheme", help="Of this scheme alone.")] = "",
    lang: Lang = "en",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Submitted milestones, those with most reasons for a check first."""
    from lineproof.access.portfolios import portfolios

    with portfolios(data, url, token) as source:
        document = source.risks(scheme, lang)
    if as_json:
        output.print_json(document)
        return
    output.print_table(
        "Submitted milestones by risk",
        ("Project", "Milestone", "State", "Points", "Reasons"),
        [
            (
                it["project"],
                it["milestone"],
                it["state"].replace("_", " "),
                f"{it['score']:g}",
                "; ".join(f"{why['points']:g}: {why['says']}" for why in it["reasons"]),
            )
            for it in document["milestones"]
        ],
        caption="Points are no probability: no error rate follows from them.",
    )
    if document["not_computed"]:
        output.say(f"Not computed, too many days: {', '.join(document['not_computed'])}.")


@app.command("samples")
def list_samples(
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Random samples, what was drawn, and the error rate once all of it was looked at."""
    from lineproof.access.portfolios import portfolios

    with portfolios(data, url, token) as source:
        rows = source.samples()
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        "Samples",
        ("Sample", "Scheme", "From", "To", "Public value", "Drawn", "Errors", "Rate", "Between"),
        [_cells(it) for it in rows],
    )
    for it in rows:
        _say_drawn(it)


@app.command("announce")
def announce(
    scheme: Annotated[str, typer.Option("--scheme", help="The scheme to draw of.")],
    start: Annotated[str, typer.Option("--start", metavar="DAY", help="First day of the period.")],
    end: Annotated[str, typer.Option("--end", metavar="DAY", help="Its last day.")],
    public_value: Annotated[
        str, typer.Option("--public-value", help="What everybody will know on --known-on.")
    ],
    known_on: Annotated[str, typer.Option("--known-on", metavar="DAY", help="After today.")],
    rate: Annotated[float | None, typer.Option(help="The error rate that is expected.")] = None,
    margin: Annotated[float | None, typer.Option(help="To within how much.")] = None,
    confidence: Annotated[float | None, typer.Option(help="As in 0.95.")] = None,
    author: OptionalAuthor = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Announce a sample. Nothing of it can be changed later."""
    from api.records.audit_samples import NewSample
    from domain.audit_samples import USUAL_PRECISION, Precision
    from lineproof.access.portfolios import portfolios

    usual = USUAL_PRECISION
    precision = Precision(
        usual.rate if rate is None else rate,
        usual.margin if margin is None else margin,
        usual.confidence if confidence is None else confidence,
    )
    new = NewSample(scheme, start, end, public_value, known_on, author, precision)
    with portfolios(data, url, token) as source:
        document = source.announce(new)
    if as_json:
        output.print_json(document)
        return
    output.say(
        f"Sample {document['number']} is announced: {document['size']} of "
        f"{len(document['population'])} milestones will be drawn once '{public_value}' is known."
    )


@app.command("seed")
def enter_seed(
    sample: SampleNumber,
    value: Annotated[str, typer.Option("--value", help="What the public value was.")],
    author: OptionalAuthor = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Enter what the public value was: the draw follows."""
    from lineproof.access.portfolios import portfolios

    with portfolios(data, url, token) as source:
        document = source.seed(sample, value, author)
    if as_json:
        output.print_json(document)
    else:
        _say_drawn(document)


@app.command("result")
def enter_result(
    sample: SampleNumber,
    project: ProjectRef,
    milestone: Annotated[str, typer.Option("--milestone", metavar="ID", help="A drawn one.")],
    error: Annotated[
        bool, typer.Option("--error/--no-error", help="Whether too much was paid, or paid at all.")
    ],
    amount: Annotated[
        str, typer.Option("--amount", metavar="HKD", help="Of an error, if it is known.")
    ] = "",
    note: Annotated[str, typer.Option("--note", help="What was found.")] = "",
    author: OptionalAuthor = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Enter what came of a drawn milestone; the last result counts, earlier ones stay."""
    from api.records.audit_samples import NewResult
    from lineproof.access.portfolios import portfolios

    new = NewResult(project, milestone, error, author, amount, note)
    with portfolios(data, url, token) as source:
        document = source.result(sample, new)
    if as_json:
        output.print_json(document)
    else:
        _say_drawn(document)


def _cells(it: dict[str, Any]) -> tuple[str, ...]:
    rate = it["error_rate"]
    between = "" if rate["low"] is None else f"{rate['low']:.3g} to {rate['high']:.3g}"
    return (
        str(it["number"]),
        it["scheme"],
        it["start"],
        it["end"],
        it["public_value"],
        f"{rate['looked_at']} of {rate['drawn']} looked at",
        str(rate["errors"]),
        "" if rate["value"] is None else f"{rate['value']:.3g}",
        between,
    )


def _say_drawn(it: dict[str, Any]) -> None:
    if it["seed"] is None:
        output.say(f"Sample {it['number']} is not drawn: '{it['public_value']}' is not entered.")
        return
    told = (f"{row['project']} {row['milestone']}: {_result(row['result'])}" for row in it["drawn"])
    output.say(f"Sample {it['number']}: {'; '.join(told)}.")


def _result(result: dict[str, Any] | None) -> str:
    if result is None:
        return "to be looked at"
    if not result["is_error"]:
        return "no error"
    amount = result["amount_hkd"]
    return "error" if amount is None else f"error of HK$ {output.number(amount, 2)}"
