"""KPI rows as tables for people: of one method, or of several side by side."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from lineproof import output

_RATIOS = (("A %", "availability"), ("E %", "effectiveness"), ("Q %", "quality_ratio"),
           ("OEE %", "oee"))  # fmt: skip
_CAPTION = "Low and high: all unknown time at its worst and at its best."
_RESTATED = ("total_count", "good_count", "availability", "effectiveness", "quality_ratio", "oee",
             "oee_low", "oee_high", "coverage", "energy_kwh")  # fmt: skip
# What a time class is to OEE; an unknown second may still be anything.
_MEANS = {
    "production": "production",
    "setup": "loss",
    "delay": "loss",
    "down": "loss",
    "maintenance": "loss",
    "planned_down": "not planned",
    "not_planned": "not planned",
    "unknown": "unknown",
}


def print_kpis(rows: list[dict[str, Any]]) -> None:
    """The rows of `lineproof kpi`, one table; of several methods what differs, in sentences."""
    if not rows:
        output.say("There is nothing in this window.")
    elif len(_methods(rows)) == 1:
        _print_one(rows)
        if "APT" not in rows[0]["time_elements"]:
            _print_elements(rows)
    else:
        _print_side_by_side(rows)
    _print_restated(rows)


def _print_one(rows: list[dict[str, Any]]) -> None:
    columns = ("From", "To", "Key", "Total #", "Good #", *(name for name, _ in _RATIOS), "Low %",
               "High %", "Coverage %", "Energy kWh", "Flags")  # fmt: skip
    output.print_table(
        f"{rows[0]['line']} ({rows[0]['method']})",
        columns,
        [
            (
                *_period(row),
                output.number(row["total_count"]),
                output.number(row["good_count"]),
                *(output.percent(row[field]) for _, field in _RATIOS),
                output.percent(row["oee_low"]),
                output.percent(row["oee_high"]),
                output.percent(row["coverage"]),
                output.number(row["energy_kwh"], 1),
                ", ".join(row["flags"]),
            )
            for row in rows
        ],
        caption=_CAPTION,
    )


def _print_elements(rows: list[dict[str, Any]]) -> None:
    """The time elements of a method that has its own, as SEMI E10 states."""
    names = list(rows[0]["time_elements"])
    output.print_table(
        f"{rows[0]['line']}: time by {rows[0]['method']}",
        ("From", "To", "Key", *(f"{name.replace('_', ' ')} s" for name in names)),
        [
            (*_period(row), *(output.number(row["time_elements"][name], 1) for name in names))
            for row in rows
        ],
    )


def _print_side_by_side(rows: list[dict[str, Any]]) -> None:
    """Each period once; under each figure one column for each method."""
    names = _methods(rows)
    of_method = [list(found) for _, found in groupby(rows, key=lambda row: row["method"])]
    figures = (*_RATIOS, ("Low %", "oee_low"), ("High %", "oee_high"))
    columns = [
        "From", "To", "Key",
        *(f"{name}\n{title}" for title, _ in figures for name in names),
        "Coverage %",
    ]  # fmt: skip
    output.print_table(
        f"{rows[0]['line']}: {' beside '.join(names)}",
        columns,
        [
            (
                *_period(beside[0]),
                *(output.percent(row[field]) for _, field in figures for row in beside),
                output.percent(beside[0]["coverage"]),
            )
            for beside in zip(*of_method, strict=True)
        ],
        caption=_CAPTION,
    )
    for row in rows:
        if "differs_from" in row:
            _say_difference(row)


def _say_difference(row: dict[str, Any]) -> None:
    moved, other = row["differs_from"]["moved"], row["differs_from"]["method"]
    start, end, _ = _period(row)
    if not moved:
        output.say(f"{start} to {end}: {row['method']} puts every second where {other} does.")
    for change in moved:
        seconds = output.number(change["seconds"], 0 if change["seconds"].is_integer() else 1)
        before, after = _words(change["from"], change["to"])
        output.say(
            f"{start} to {end}: {change['from']} {seconds.replace(',', ' ')} s: "
            f"{before} by {other}, {after} by {row['method']}"
        )


def _print_restated(rows: list[dict[str, Any]]) -> None:
    """Main figures of frozen periods that later data or corrections would change."""
    changed = [
        (
            *_period(row),
            row["method"],
            name,
            _figure(row[name]),
            _figure(row["restated"][name]),
            output.minute(row["restated"]["since"]),
        )
        for row in rows
        if "restated" in row
        for name in _RESTATED
        if row[name] != row["restated"][name]
    ]
    if changed:
        output.print_table(
            "Frozen figures that would be others now",
            ("From", "To", "Key", "Method", "Figure", "Accepted #", "Now #", "Stands since"),
            changed,
            caption="The accepted figures stand; --json has all of those that would change.",
        )
    pieces = [(it["start"], it["end"]) for row in rows for it in row.get("not_frozen", ())]
    for start, end in dict.fromkeys(pieces):
        output.say(
            f"{output.minute(start)} to {output.minute(end)} is a part of a frozen hour, which "
            "was accepted as a whole: what is known now."
        )


def _figure(value: float | None) -> str:
    """Six digits of a count or ratio."""
    return output.NOTHING if value is None else f"{value:.6g}"


def _words(before: str, after: str) -> tuple[str, str]:
    """What the two classes mean; their names where they mean the same."""
    words = _MEANS[before], _MEANS[after]
    return words if words[0] != words[1] else (before, after)


def _methods(rows: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(row["method"] for row in rows))


def _period(row: dict[str, Any]) -> tuple[str, str, str]:
    return output.minute(row["start"]), output.minute(row["end"]), str(row.get("key") or "")
