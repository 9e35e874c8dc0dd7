"""What a process made by `command_line.run` does: it becomes `lineproof` with some arguments.

It is forked from a process that has loaded the program already, so it begins at once; for all
else it is a process as a user starts it. Imports nothing heavy: each such process loads it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
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
    "polars",
    "store.node.opening",
)


def command(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    output: Path,
    errors: Path,
) -> None:
    """Run the command in that environment and folder; what it prints goes into the two files."""
    for file, number in ((output, 1), (errors, 2)):
        with file.open("wb") as opened:
            os.dup2(opened.fileno(), number)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    tempfile.tempdir = None  # as the environment says it, not as the parent found it
    os.chdir(folder)
    sys.argv = ["lineproof", *arguments]
    from lineproof.cli.main import main

    main()
