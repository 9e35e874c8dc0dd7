"""What a program is: another line of it is another program."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from dask_workers import other_program

from collector.workers.program import program_identity


def test_another_line_is_another_program(tmp_path: Path) -> None:
    other_program(tmp_path)
    ask = "from collector.workers.program import program_identity as it; print(it())"
    said = subprocess.run(
        [sys.executable, "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.strip()
    mine = program_identity()
    assert said.split()[0] == mine.split()[0] == version("lineproof")
    assert said.split()[1] != mine.split()[1]
    assert f"polars {version('polars')}" in mine
