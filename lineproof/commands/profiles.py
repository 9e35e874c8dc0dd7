"""`profile list|show|check`: device profiles."""

from __future__ import annotations

import typer

app = typer.Typer(help="Device profiles.", no_args_is_help=True, rich_markup_mode=None)
