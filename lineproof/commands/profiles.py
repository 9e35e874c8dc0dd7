"""`profile list|show|check`: device profiles."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof import output
from lineproof.commands.options import AsJson

app = typer.Typer(help="Device profiles.", no_args_is_help=True, rich_markup_mode=None)
_Name = Annotated[str, typer.Argument(help="A profile's name, or the path of a profile.yaml.")]


@app.command("list")
def list_profiles(as_json: AsJson = False) -> None:
    """The profiles that come with the program."""
    from device_profiles import catalogue

    rows = [_summary(name) for name in catalogue.names()]
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        "Device profiles",
        ("Profile", "Title", "Protocol", "Level", "Signals"),
        [
            (row["profile"], row["title"]["en"], row["protocol"], row["level"],
             ", ".join(row["signals"]))
            for row in rows
        ],
    )  # fmt: skip


@app.command()
def show(name: _Name, as_json: AsJson = False) -> None:
    """What a profile reads and which signals it makes of that."""
    from device_profiles import catalogue

    model = catalogue.read(name)
    document = {
        "profile": model.name,
        "vendor": model.vendor,
        "model": model.model,
        "title": model.title.model_dump(by_alias=True),
        "protocol": model.protocol,
        "level": _level(name),
        "documentation": list(model.documentation),
        "caveats": list(model.caveats),
        "parameters": {
            key: parameter.model_dump() for key, parameter in model.parameters.items()
        },
        "inputs": {
            key: [source.model_dump(exclude_defaults=True) for source in item.sources]
            for key, item in model.inputs.items()
        },
        "signals": {
            key: rule.model_dump(by_alias=True, exclude_defaults=True)
            for key, rule in model.signals.items()
        },
    }
    if as_json:
        output.print_json(document)
    else:
        _print_profile(document)
