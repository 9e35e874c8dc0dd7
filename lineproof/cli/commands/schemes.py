"""`scheme list|show`: the rules of the funding schemes, each figure with its source."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import InputError, NotFoundError, did_you_mean
from lineproof import output
from lineproof.cli.commands.options import AsJson

if TYPE_CHECKING:
    from domain.schemes.rules import RuleNumber, Scheme, SchemeRule, Source

app = typer.Typer(help="Rules of the funding schemes.", no_args_is_help=True, rich_markup_mode=None)
_Name = Annotated[str, typer.Argument(help="A scheme, as in NIFS.")]
_Day = Annotated[
    str | None,
    typer.Option("--on", metavar="DAY", help="The rule of that day of approval; default the last."),
]


@app.command("list")
def list_schemes(as_json: AsJson = False) -> None:
    """Every rule of every scheme, and since when it holds."""
    from domain.schemes.rule_files import schemes

    rules = [rule for scheme in schemes() for rule in scheme.rules]
    if as_json:
        output.print_json([_document(it) for it in rules])
        return
    output.print_table(
        "Funding schemes",
        ("Scheme", "Name", "Since", "Known until", "Government : company", "Ceiling HK$"),
        [
            (
                it.scheme,
                it.title["en"],
                it.since.isoformat(),
                _day_text(it.until or it.known_until),
                f"{it.matching.government} : {it.matching.company}",
                _text(_number(it.limits.project_hkd)) if it.limits.project_hkd else "",
            )
            for it in rules
        ],
    )


@app.command("show")
def show_scheme(name: _Name, on: _Day = None, as_json: AsJson = False) -> None:
    """A scheme's rule, each figure with its source."""
    rule = _rule(name, on)
    document = _document(rule)
    if as_json:
        output.print_json(document)
        return
    output.say(f"{rule.scheme}: {rule.title['en']}, rule since {rule.since}.")
    output.print_table(
        "Figures",
        ("What", "Figure", "Source", "Dated"),
        [
            (
                key.replace("_", " "),
                _text(it["is"]),
                _source_text(it["source"]),
                it["source"]["dated"],
            )
            for key, it in document["figures"].items()
        ],
    )
    for key, title in (("eligible", "Counts"), ("not_eligible", "Does not count")):
        if document[key]:
            output.say(f"{title}: {', '.join(it['title']['en'] for it in document[key])}.")
    if document["smart_points"]:
        points = ", ".join(it["title"]["en"] for it in document["smart_points"])
        output.say(f"A smart line shows: {points}.")


def _rule(name: str, on: str | None) -> SchemeRule:
    """Raises NotFoundError, InputError."""
    from domain.schemes.rule_files import schemes
    from domain.schemes.rules import scheme_named

    found: Scheme | None = scheme_named(schemes(), name)
    if found is None:
        names = [it.name for it in schemes()]
        raise NotFoundError(f"there is no scheme '{name}'", todo=did_you_mean(name, names))
    if on is None:
        return found.rules[-1]
    try:
        day = date.fromisoformat(on)
    except ValueError:
        raise InputError(f"'{on}' is no day", todo="Write it as in 2025-01-15.") from None
    rule = found.on(day)
    if rule is None:
        known = ", ".join(
            f"{it.since} to {_day_text(it.until or it.known_until) or 'now'}" for it in found.rules
        )
        raise InputError(
            f"no rule of {found.name} is known for {day}", todo=f"Rules are known for: {known}."
        )
    return rule


def _document(rule: SchemeRule) -> dict[str, Any]:
    return {
        "scheme": rule.scheme,
        "since": rule.since.isoformat(),
        "until": _day_text(rule.until) or None,
        "known_until": _day_text(rule.known_until) or None,
        "title": rule.title,
        "figures": {
            name: {"is": value, "source": _source(source)} for name, value, source in _figures(rule)
        },
        **{
            key: [
                {"name": it.name, "title": it.title, "source": _source(it.source)} for it in items
            ]
            for key, items in (
                ("eligible", rule.eligible),
                ("not_eligible", rule.not_eligible),
                ("smart_points", rule.smart_points),
            )
        },
    }


def _figures(rule: SchemeRule) -> list[tuple[str, int | float | str, Source]]:
    """Name, value, source: in the order in which they matter."""
    limits, office, training = rule.limits, rule.office, rule.training
    matching = rule.matching
    named: list[tuple[str, RuleNumber | None]] = [
        ("project_ceiling_hkd", limits.project_hkd),
        ("company_ceiling_hkd", limits.company_hkd),
        ("projects_at_a_time", limits.projects_at_a_time),
        ("least_cost_hkd", limits.cost_min_hkd),
        ("least_of_company_hkd", limits.company_min_hkd),
        ("months", limits.months),
        *((f"{it.name}_ceiling_hkd", it.ceiling_hkd) for it in rule.eligible),
    ]
    for it in rule.head_counts:
        what = it.title["en"].lower().replace(" ", "_")
        named += [(what, it.people), (f"{what}_monthly_hkd", it.monthly_hkd)]
    if training is not None:
        named += [
            ("company_ceiling_a_financial_year_hkd", training.company_year_hkd),
            ("courses_an_employee_a_year", training.courses_a_year),
            ("least_attendance", training.attendance),
            ("report_within_months", training.report_months),
        ]
    named += [
        ("papers_are_kept_for_years", office.retention_years),
        ("two_persons_decide_from_hkd", office.two_persons_from_hkd),
        ("on_track_from_probability", office.on_track_from),
        ("told_to_somebody_else_after_days", office.escalate_after_days),
        ("reminded_days_before_due", office.remind_before_days),
        ("reminded_of_what_waits_after_days", office.remind_waiting_after_days),
    ]
    shares = f"{matching.government} : {matching.company}"
    return [
        ("government_to_company", shares, matching.source),
        *((name, _number(it), it.source) for name, it in named if it is not None),
    ]


def _source(source: Source) -> dict[str, Any]:
    return {"title": source.title, "dated": source.dated.isoformat(), "excerpt": source.is_excerpt}


def _source_text(source: dict[str, Any]) -> str:
    note = " (only an excerpt was read: check before money depends on it)"
    return f"{source['title']}{note if source['excerpt'] else ''}"


def _number(figure: RuleNumber) -> int | float:
    is_whole = figure.value == int(figure.value)
    return int(figure.value) if is_whole else float(figure.value)


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str) else f"{value:,}"


def _day_text(day: date | None) -> str:
    return "" if day is None else day.isoformat()
