"""`handover`: what a shift of a line hands over, from a data folder or a running node."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from lineproof import output
from lineproof.cli.commands.options import AsJson, LineId, NodeUrl, OptionalDataDir, Token

_MADE = {
    "total_count": "Items made",
    "good_count": "Good items",
    "reject_count": "Rejected items",
}


def handover(
    line: LineId,
    shift: Annotated[
        str, typer.Option(metavar="TIME", help="A time within the shift; the present one without.")
    ] = "",
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """What a shift hands over: what was made, what stood, what is open, notes and signatures."""
    from lineproof.access.handovers import handover_document

    document = handover_document(data, url, token, line, shift)
    if as_json:
        output.print_json(document)
        return
    _print_figures(document)
    _print_stops(document)
    for note in document["notes"]:
        text = "(kept confidential)" if note["text"] is None else note["text"]
        output.say(f"Note {note['number']} by {note['author']}: {text}")
    for signed in document["signatures"]:
        side = "leaves" if signed["side"] == "leaving" else "takes over"
        output.say(f"{signed['author']} {side}, signed {output.minute(signed['signed_at'])}.")
    if not document["signatures"]:
        output.say("Nobody has signed it yet.")
    if document["changed"]:
        output.say("Since it was signed, its figures have changed: these are what is known now.")


def _print_figures(document: dict[str, Any]) -> None:
    figures = document["figures"]
    made, target, reasons = figures["made"], figures["target"], figures["reasons"]
    rows = [(word, output.number(made[name])) for name, word in _MADE.items() if name in made]
    rows.append(("OEE %", _percent(made.get("oee"))))
    if target is not None:
        rows.append(("Target by now", output.number(target["good_count_now"])))
        rows.append(("Target by the end", output.number(target["good_count"])))
    rows.append(("Stops without a reason", f"{reasons['missing']} of {reasons['asking']}"))
    rows += [
        (f"Not heard: {it['machine']} (s)", output.number(it["unknown_s"]))
        for it in figures["machines"]
        if it["unknown_s"]
    ]
    rows.append(("Corrections that wait", str(figures["open"]["waiting_corrections"])))
    output.print_table(
        f"{document['line']}: shift {document['shift']}, {output.minute(document['start'])} to "
        f"{output.minute(document['end'])}",
        ("What", "Amount #"),
        rows,
        caption=f"As known of the time until {output.minute(figures['until'])}.",
    )


def _print_stops(document: dict[str, Any]) -> None:
    output.print_table(
        "What stood longest",
        ("From", "Lasted s", "State", "Reason"),
        [
            (
                output.second(it["start"]),
                output.number(it["duration_s"]),
                it["state"],
                it["reason"] or "",
            )
            for it in document["figures"]["stops"]["longest"]
        ],
    )


def _percent(share: float | None) -> str:
    return output.number(None if share is None else share * 100, 1)
