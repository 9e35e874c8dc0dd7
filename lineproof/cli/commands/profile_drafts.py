"""`profile draft|new`: the begin of a profile, from a machine or from nothing."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import InputError
from domain.texts import one_line
from lineproof import output
from lineproof.cli.commands.completion import protocols
from lineproof.cli.commands.options import AsJson
from lineproof.cli.commands.profiles import Data, Settings

if TYPE_CHECKING:
    from lineproof.drafting import Draft

_Out = Annotated[
    Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write the profile.")
]
_Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


def draft(
    url: Annotated[
        str, typer.Argument(help="As in opc.tcp://10.0.0.5:4840, or mqtt://10.0.0.9:1883.")
    ],
    out: _Out = Path("profile.yaml"),
    plant: Annotated[
        Path | None, typer.Option("--plant", metavar="FILE", help="Also write a plant file here.")
    ] = None,
    below: Annotated[
        str, typer.Option(help="Look below this node or topic alone, written as in a profile.")
    ] = "",
    settings: Settings = None,
    seconds: Annotated[
        float, typer.Option(help="How long to watch the values move.", min=0.1, max=3_600)
    ] = 20.0,
    own: Annotated[
        bool, typer.Option("--own", help="A profile of its own, even where a packaged one fits.")
    ] = False,
    force: _Force = False,
    as_json: AsJson = False,
    data: Data = Path("lineproof-browse"),
) -> None:
    """Propose a profile for the machine at that address, each line with its reason.

    Where a packaged profile fits, the plant file's entry is written in place of a profile.
    """
    from lineproof.clock import utc_now
    from lineproof.drafting import Wanted, drafted_from

    for path in (out, *([plant] if plant else [])):
        _refuse_to_overwrite(path, force=force)
    wanted = Wanted(url, below, settings or (), seconds, data, own, str(out.absolute()))
    made = drafted_from(wanted, f"{utc_now():%Y-%m-%d}")
    written = []
    if made.profile is not None:
        written.append(_write(out, made.profile, "the profile"))
    if plant is not None or made.profile is None:
        written.append(_write(plant or out, made.plant, "the plant file"))
    if as_json:
        output.print_json({**_document(made), "written": written, "next": _next(made, url, out)})
        return
    _print_draft(made)
    for sentence in written:
        output.say(sentence)
    _say(_next(made, url, out))


def new(
    name: Annotated[
        str, typer.Argument(help="The profile's name, as in acme/press-7, or the machine's.")
    ],
    protocol: Annotated[
        str,
        typer.Option(
            help="opcua, mqtt-json or sparkplug-b.", metavar="PROTOCOL", autocompletion=protocols
        ),
    ] = "opcua",
    out: _Out = Path("profile.yaml"),
    force: _Force = False,
) -> None:
    """Write a commented profile to fill in; it loads as it is."""
    from device_profiles.drafting.skeleton import skeleton

    text = skeleton(name, protocol)
    _refuse_to_overwrite(out, force=force)
    output.say(_write(out, text, "the profile"))
    output.say(f"See whether it loads: lineproof profile check {out}")


def _refuse_to_overwrite(path: Path, *, force: bool) -> None:
    if path.exists() and not force:
        raise InputError(
            "there is a file already",
            where=str(path),
            todo="Name another one by --out, or write over it by --force.",
        )


def _write(path: Path, text: str, what: str) -> str:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{what} cannot be written ({error.strerror})",
            where=str(path),
            todo="Name a file in a folder that is there and that you may write into.",
        ) from None
    return f"Written: {what}, {path}"


def _print_draft(made: Draft) -> None:
    from device_profiles.drafting.proposing import name_of

    if made.fit is not None:
        fit = made.fit
        _say(f"The packaged profile {fit.profile.name} fits: {fit.why}.")
        _say(f"It reads {', '.join(fit.signals)}.")
        if fit.missing:
            _say(f"Not there: {', '.join(fit.missing)}.")
    else:
        output.print_table(
            "Proposed",
            ("Signal", "From", "Because"),
            [
                (it.signal, name_of(it.looked.value), "; ".join(it.reasons))
                for it in made.found.chosen
            ],
        )
        for sentence in made.found.undecided:
            _say(f"Not decided: {sentence}.")
    for sentence in made.notes:
        _say(f"Note: {sentence}")
    for sentence in made.ask:
        _say(f"Ask the vendor: {sentence}")


def _document(made: Draft) -> dict[str, Any]:
    """What was found; `fits` is null where no packaged profile does."""
    from device_profiles.drafting.proposing import name_of

    fit = made.fit
    return {
        "fits": None
        if fit is None
        else {
            "profile": fit.profile.name,
            "parameters": dict(fit.parameters),
            "why": fit.why,
            "signals": list(fit.signals),
            "missing": list(fit.missing),
        },
        "proposed": [
            {
                "signal": it.signal,
                "from": name_of(it.looked.value),
                "reasons": list(it.reasons),
                "unit": it.unit,
                "codes": None if it.codes is None else [asdict(code) for code in it.codes],
                "rivals": [name_of(other) for other in it.rivals],
            }
            for it in made.found.chosen
        ],
        "undecided": list(made.found.undecided),
        "others": [name_of(it) for it in made.found.others],
        "notes": list(made.notes),
        "ask": list(made.ask),
    }


def _say(text: str) -> None:
    """On one line, whatever the machine's names have in them."""
    output.say(one_line(text))


def _next(made: Draft, url: str, out: Path) -> str:
    """What to do with it, as a command."""
    topic = f" --setting topic={made.topic}" if made.topic else ""
    if made.fit is None:
        return (
            f"Write into {out} what each code means, then see it read: "
            f"lineproof profile try {url} {out}{topic}"
        )
    parameters = [f" --parameter {name}={value}" for name, value in made.fit.parameters.items()]
    given = "".join(parameters) + topic
    return f"See it read: lineproof profile try {url} {made.fit.profile.name}{given}"
