"""`spc`: a measurement's control chart and capability, from a data folder or a running node."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from lineproof import output
from lineproof.cli.commands.options import (
    AsJson,
    AsKnownAt,
    End,
    Lang,
    LineId,
    NodeUrl,
    OptionalDataDir,
    Start,
    Token,
)

_SPREAD = {"xbar-r": "Range", "xbar-s": "s", "individuals": "Moving range"}
_INDICES = {
    "cp": "within subgroups",
    "cpk": "within subgroups",
    "pp": "all values",
    "ppk": "all values",
    "cm": "longest run",
    "cmk": "longest run",
}


def spc(
    line: LineId,
    measurement: Annotated[
        str, typer.Option("--measurement", metavar="NAME", help="As plant.yaml names it.")
    ],
    start: Start,
    end: End,
    chart: Annotated[
        str | None,
        typer.Option(help="xbar-r, xbar-s or individuals; default by the subgroup size."),
    ] = None,
    interval_s: Annotated[
        float | None,
        typer.Option("--interval-s", help="Subgroups of so many seconds, not of a number."),
    ] = None,
    baseline_start: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Limits from this window instead of the charted data."),
    ] = None,
    baseline_end: Annotated[
        str | None, typer.Option(metavar="TIME", help="End of that window; not included.")
    ] = None,
    rules: Annotated[str, typer.Option(help="western-electric or nelson.")] = "nelson",
    lang: Lang = "en",
    as_known_at: AsKnownAt = None,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Control chart, violated rules and capability of a measurement."""
    from api.queries.measurements import ChartQuestion
    from lineproof.access.figures import answers

    question = ChartQuestion(chart, interval_s, baseline_start, baseline_end, rules, lang)
    with answers(data, url, token, as_known_at) as source:
        document = source.control_chart(line, measurement, start, end, question)
    if as_json:
        output.print_json(document)
        return
    _print_subgroups(document)
    _print_violations(document)
    _print_limits(document)
    _print_capability(document)
    for sentence in document["notes"]:
        output.say(sentence)


def _print_subgroups(document: dict[str, Any]) -> None:
    spread = _SPREAD[document["chart"]]
    broken: dict[int, list[str]] = {}
    for found in document["violations"]:
        what = f" ({spread.lower()})" if found["panel"] == "dispersion" else ""
        broken.setdefault(found["subgroup"], []).append(found["rule"] + what)
    unit = f" in {document['unit']}" if document["unit"] else ""
    output.print_table(
        f"{document['line']}: {document['measurement']}{unit}, {document['chart']} chart",
        ("No #", "From", "Values #", "Product", "Order", "Mean #",
         f"{spread} #", "Violates"),
        [
            (
                str(row["number"]),
                output.second(row["start"]),
                str(row["n"]) if row["complete"] else f"{row['n']} (incomplete)",
                row["product"] or "",
                row["order"] or "",
                _figure(row["mean"]),
                _figure(row["dispersion"] and row["dispersion"]["value"]),
                ", ".join(broken.get(row["number"], [])),
            )
            for row in document["subgroups"]
        ],
    )  # fmt: skip


def _print_violations(document: dict[str, Any]) -> None:
    if not document["violations"]:
        return
    output.print_table(
        "Violations",
        ("Rule", "Subgroups", "Time", "What"),
        [
            (
                found["rule"],
                str(found["subgroup"])
                if found["first"] == found["subgroup"]
                else f"{found['first']}–{found['subgroup']}",
                output.second(found["time"]),
                found["sentence"],
            )
            for found in document["violations"]
        ],
    )


def _print_limits(document: dict[str, Any]) -> None:
    limits = document["limits"]
    if limits is None:
        return
    baseline = limits["baseline"]
    source = (
        f"from {output.second(baseline['start'])} to {output.second(baseline['end'])}"
        if baseline
        else "from the charted data"
    )
    panels = {"location": "mean", "dispersion": _SPREAD[document["chart"]].lower()}
    differ = any(limits[panel]["upper"] is None for panel in panels)
    output.print_table(
        f"Control limits {source}, subgroups: {limits['subgroups']}",
        ("Panel", "Lower #", "Centre #", "Upper #"),
        [
            (name, *(_figure(limits[panel][each]) for each in ("lower", "center", "upper")))
            for panel, name in panels.items()
        ],
        caption="A dash: the limit differs by subgroup, since their sizes do." if differ else "",
    )


def _print_capability(document: dict[str, Any]) -> None:
    found = document["capability"]
    limits = f"LSL {_figure(document['lower_limit'])}, USL {_figure(document['upper_limit'])}"
    output.print_table(
        f"Capability, {limits} {document['unit']}".rstrip(),
        ("Index", "Spread of", "Value #", "95 % from #", "95 % to #", "Missing because"),
        [
            (
                name.capitalize(),
                spread,
                _figure(found[name]),
                *(_figure(bound) for bound in found[f"{name}_interval"] or (None, None)),
                found["missing"].get(name, ""),
            )
            for name, spread in _INDICES.items()
        ],
        caption=f"Mean {_figure(found['mean'])}, σ within {_figure(found['sigma_within'])}, "
        f"σ of all {_figure(found['sigma_overall'])}, values: {found['n']}.",
    )


def _figure(value: float | None) -> str:
    """Five significant digits: limits and means differ in the last of them."""
    return output.NOTHING if value is None else f"{value:.5g}"
