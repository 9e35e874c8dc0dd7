"""Options that several commands share: one name and one meaning each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DataDir = Annotated[Path, typer.Option("--data", metavar="DIR", help="Data folder of the node.")]
OptionalDataDir = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Data folder of a node that is not running."),
]
NodeUrl = Annotated[
    str | None,
    typer.Option("--url", metavar="URL", help="Ask a running node instead of a data folder."),
]
Token = Annotated[
    str | None,
    typer.Option("--token", envvar="LINEPROOF_TOKEN", help="Token for --url.", show_envvar=True),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]
OptionalAuthor = Annotated[
    str,
    typer.Option("--author", metavar="NAME", help="Who says so; with --token: whose the token is."),
]
LineId = Annotated[str, typer.Option("--line", metavar="LINE", help="The line's id.")]
LineIds = Annotated[
    list[str] | None,
    typer.Option("--line", metavar="LINE", help="A line's id; may be repeated. None: all lines."),
]
Start = Annotated[
    str,
    typer.Option("--start", metavar="TIME", help="ISO 8601; without offset in the plant's zone."),
]
End = Annotated[str, typer.Option("--end", metavar="TIME", help="As --start; not included.")]
Lang = Annotated[str, typer.Option("--lang", help="Language of texts: en, zh-Hant, zh-Hans.")]
ProjectRef = Annotated[
    str, typer.Option("--project", metavar="REF", help="The project's reference.")
]
AsKnownAt = Annotated[
    str | None,
    typer.Option(
        "--as-known-at",
        metavar="TIME",
        help="Answer as then: by what had come in and was recorded up to that time.",
    ),
]
