"""What a forked process does first: it becomes one that a user started, with its own output.

It is forked from a process that has loaded the program already, so it begins at once; for all
else it is a process as a user starts it. Imports nothing heavy: each such process loads it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

# What most commands load, and what takes long to load. Loaded only: polars computes and duckdb
# opens files in the forked process, because a fork does not take threads with it.
PRELOADED = (
    "alembic.command",
    "api.app",
    "api.queries.lines",
    "collector.facts.keeper",
    "httpx",
    "lineproof.cli.main",
    "lineproof.run.node",
    "polars",
    "store.node.opening",
)


def begin(
    work: Callable[..., None],
    arguments: Sequence[object],
    environment: Mapping[str, str],
    folder: Path,
    output: Path,
    errors: Path,
) -> None:
    """Do the work in that environment and folder; what is printed goes to the end of the files."""
    for file, number in ((output, 1), (errors, 2)):
        with file.open("ab") as opened:
            os.dup2(opened.fileno(), number)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    tempfile.tempdir = None  # as the environment says it, not as the parent found it
    os.chdir(folder)
    work(*arguments)


def lineproof(*words: str) -> None:
    """`lineproof` with these words as its arguments."""
    sys.argv = ["lineproof", *words]
    from lineproof.cli.main import main

    main()
