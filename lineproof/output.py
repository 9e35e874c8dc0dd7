"""What a command prints: one JSON document, or tables for people; progress on standard error.

Standard output carries the data and nothing else, so that `--json` can always be piped on. A text
from outside (a name, a cell of a file) is shown as it is: it moves no terminal's cursor, and square
brackets in it are no style.
Rich is imported by the functions that draw with it: help does without.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import typer

from domain.texts import harmless_lines, is_space

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID
    from rich.text import Text

_COLOUR = {
    "met": "green",
    "on_track": "green",
    "pending": "cyan",
    "at_risk": "yellow",
    "not_met": "red",
    "not_provable": "magenta",
}
NOTHING = "–"
_PIPE_WIDTH = 200  # characters of a table where nobody looks at a terminal


def say(text: str) -> None:
    """One line on standard output, for people."""
    typer.echo(harmless_lines(text))


def note(text: str) -> None:
    """One line on standard error: warnings and what else is not the data."""
    typer.echo(harmless_lines(text), err=True)


def print_json(document: Any) -> None:
    """The one JSON document of a command."""
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    for it in set(text) - {"\n"}:
        if not it.isprintable() and not is_space(it):
            text = text.replace(it, json.dumps(it)[1:-1])
    typer.echo(text)


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str | Text]], *, caption: str = ""
) -> None:
    """A table on standard output; columns whose name ends in a unit or sign align right."""
    from rich.table import Table

    table = Table(
        title=styled(title, "table.title"),
        caption=styled(caption, "table.caption") if caption else None,
        title_justify="left",
    )
    for column in columns:
        right = column.endswith((" s", " %", " h", "kWh", "#"))
        header = styled(column, "")
        table.add_column(header, justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(styled(it, "") if isinstance(it, str) else it for it in row))
    _console().print(table)


def percent(ratio: float | None) -> str:
    """71.3, or a dash where there is no value."""
    return NOTHING if ratio is None else f"{ratio * 100:.1f}"


def number(value: float | None, digits: int = 0) -> str:
    return NOTHING if value is None else f"{value:,.{digits}f}"


def second(iso: str) -> str:
    """2026-03-02 07:00:00, of a time in ISO 8601."""
    return iso[:19].replace("T", " ")


def minute(iso: str) -> str:
    """2026-03-02 07:00, of the same."""
    return second(iso)[:16]


def status(name: str) -> Text:
    """A verdict's status, coloured on a terminal."""
    return styled(name.replace("_", " "), _COLOUR.get(name, ""))


def styled(text: str, style: str) -> Text:
    """Text of a table's cell in a style of Rich, which shows on a terminal only."""
    from rich.text import Text

    return Text(harmless_lines(text), style=style)


def progress_bar() -> Progress:
    """A progress bar on standard error; silent where that is no terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),  # or it leaves an empty line there
    )


class Steps:
    """Steps of a long work as bars of `progress`: what is done, how much, of how much."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, total: int | None) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total)
        self._progress.update(self._tasks[what], completed=done, total=total)


def _console() -> Console:
    """Wide where nobody's terminal limits it, so that a pipe gets whole rows."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=_PIPE_WIDTH)
