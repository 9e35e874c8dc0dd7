"""`profile list|show|browse|try`: device profiles."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import CheckFailedError
from lineproof import output
from lineproof.cli.commands.completion import profile_names
from lineproof.cli.commands.options import AsJson

if TYPE_CHECKING:
    from edge.browsing.trial import TrialReport

MachineUrl = Annotated[
    str, typer.Argument(help="The machine's address, as in opc.tcp://10.0.0.5:4840.")
]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--parameter", help="Of the profile, as in state=urn:v:State; may be repeated."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--setting", help="Of the connection, as in user=lineproof; may be repeated."),
]
Data = Annotated[Path, typer.Option(help="Where the program keeps its own OPC UA certificate.")]

app = typer.Typer(help="Device profiles.", no_args_is_help=True, rich_markup_mode=None)
ProfileName = Annotated[
    str,
    typer.Argument(
        help="A profile's name, or the path of a profile.yaml.", autocompletion=profile_names
    ),
]


@app.command("list")
def list_profiles(as_json: AsJson = False) -> None:
    """The profiles that come with the program."""
    from device_profiles.files import catalogue

    rows = [_row(name) for name in catalogue.names()]
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        "Device profiles",
        ("Profile", "Title", "Protocol", "Level", "Signals"),
        [
            (
                row["profile"],
                row["title"]["en"],
                row["protocol"],
                row["level"],
                ", ".join(row["signals"]),
            )
            for row in rows
        ],
    )


@app.command()
def show(name: ProfileName, as_json: AsJson = False) -> None:
    """What a profile reads, and which signals it makes of that."""
    document = _document(name)
    if as_json:
        output.print_json(document)
        return
    output.say(f"{document['profile']}: {document['title']['en']} ({document['level']})")
    for sentence in document["for_the_next_level"]:
        output.say(f"  For the next level: {sentence}.")
    for link in document["documentation"]:
        output.say(f"  See {link}")
    for caveat in document["caveats"]:
        output.say(" ".join(("  Note:", caveat["text"], caveat["link"])).rstrip())
    output.print_table(
        "Parameters",
        ("Parameter", "Default", "Meaning"),
        [
            (key, "required" if it["required"] else it["default"] or "", it["description"])
            for key, it in document["parameters"].items()
        ],
    )
    output.print_table(
        "Inputs",
        ("Input", "Read from"),
        [(key, "\n".join(places)) for key, places in document["inputs"].items()],
    )
    output.print_table(
        "Signals",
        ("Signal", "Made from"),
        [(key, ", ".join(inputs)) for key, inputs in document["signals"].items()],
    )
    for place in document["measurements"]:
        output.say(f"Each variable with one number below {place} is a measurement of its own.")


@app.command()
def browse(
    url: Annotated[
        str, typer.Argument(help="As in opc.tcp://10.0.0.5:4840, or mqtt://10.0.0.9:1883.")
    ],
    below: Annotated[
        str, typer.Option(help="Look below this node or topic alone, written as in a profile.")
    ] = "",
    settings: Settings = None,
    seconds: Annotated[
        float, typer.Option(help="How long to listen to a broker.", min=0.1, max=3_600)
    ] = 10.0,
    data: Data = Path("lineproof-browse"),
    as_json: AsJson = False,
) -> None:
    """What is there: the variables of an OPC UA server, or the topics of an MQTT broker."""
    from lineproof.browsing import look_at

    found = look_at(url, below, settings or (), seconds, data)
    if as_json:
        output.print_json([asdict(it) for it in found.values])
    else:
        is_heard = not url.startswith("opc.tcp")
        output.print_table(
            url,
            ("Topic" if is_heard else "Node", "Field", "Type", "Unit", "Value")
            + (("Messages a second",) if is_heard else ()),
            [
                (it.address, it.field, it.kind, it.unit, it.problem or it.example)
                + ((f"{it.per_s:.3g}",) if it.per_s is not None else ())
                for it in found.values
            ],
        )
    if found.left_out:
        output.note(found.left_out)
    if not found.values:
        output.note("Nothing is there.")


@app.command("try")
def try_profile(
    url: MachineUrl,
    name: ProfileName,
    parameters: Parameters = None,
    settings: Settings = None,
    seconds: Annotated[
        float, typer.Option(help="How long to read the machine.", min=0.1, max=86_400)
    ] = 10.0,
    data: Data = Path("lineproof-browse"),
    as_json: AsJson = False,
) -> None:
    """Read a machine by a profile for some seconds: raw and decoded values, and what is wrong."""
    from lineproof.browsing import try_out

    report = try_out(url, name, parameters or (), settings or (), seconds, data)
    if as_json:
        output.print_json(_trial_json(report))
    else:
        print_trial(report)
    if report.wrong:
        raise CheckFailedError(
            f"profile {name} does not fit this machine ({len(report.wrong)} faults)",
            todo="Mend the profile, its parameters or the connection, and try again.",
        )


def _trial_json(report: TrialReport) -> dict[str, Any]:
    document = asdict(report)
    for row, it in zip(document["inputs"], report.inputs, strict=True):
        row["time"] = it.time.isoformat() if it.time else None
    return document


def _without_namespaces(address: str) -> str:
    """`/{urn:v}Counters/{urn:v}Good` as `/Counters/Good`, for people who know the machine."""
    return re.sub(r"\{[^{}]*\}", "", address)


def _time(time: datetime | None) -> str:
    return "" if time is None else time.isoformat(timespec="milliseconds")


def print_trial(report: TrialReport) -> None:
    """As people read it."""
    output.print_table(
        "What the machine says",
        ("Input", "Address", "Value", "Time", "Quality"),
        [
            (it.input, _without_namespaces(it.address), it.value, _time(it.time), it.quality)
            for it in report.inputs
        ],
    )
    output.print_table(
        "What the profile makes of it",
        ("Signal", "Value", "Quality"),
        [(it.signal, it.value, it.quality) for it in report.signals],
    )
    for sentence in report.wrong:
        output.say(f"Wrong: {sentence}.")


def _row(name: str) -> dict[str, Any]:
    from api.documents.profiles import profile_row
    from device_profiles.files import catalogue
    from device_profiles.proving.check import check

    return profile_row(catalogue.read(name), check(name))


def _document(name: str) -> dict[str, Any]:
    from api.documents.profiles import profile_document
    from device_profiles.files import catalogue
    from device_profiles.proving.check import check

    return profile_document(catalogue.read(name), check(name))
