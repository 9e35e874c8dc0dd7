"""Style rules as tests: sizes, docstrings, dead code. import-linter holds what imports what."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from source_tree import PACKAGES, ROOT, modules, name, tree

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70


@pytest.mark.parametrize("path", modules(*PACKAGES, "tests", "benchmarks"), ids=name)
def test_a_file_has_one_duty_and_so_few_lines(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= FILE_LINES_MAX, "split it by duty"


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=name)
def test_a_module_says_its_duty(path: Path) -> None:
    assert ast.get_docstring(tree(path)), "open it with its duty, its rules, what it must not know"


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=name)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= FUNCTION_LINES_MAX, f"{node.name}, line {node.lineno}: split it"


def test_there_is_no_dead_code() -> None:
    """Names that vulture cannot see being used, and why they are, are in unused_allowed.py."""
    allowed = ROOT / "tests" / "architecture" / "unused_allowed.py"
    found = subprocess.run(
        [
            sys.executable,
            "-m",
            "vulture",
            *PACKAGES,
            "tests",
            "benchmarks",
            str(allowed),
            "--exclude",
            "node_modules",
            "--min-confidence",
            "60",
            "--ignore-decorators",
            "@app.*,@router.*,@pytest.*,@field_validator,@model_validator,@cli.*,@given,@event.*,"
            "@routes.*,@users.*,@tokens.*",
            "--ignore-names",
            "test_*,model_config,upgrade,downgrade,revision,down_revision,branch_labels,depends_on",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    # Attributes and variables are fields that frameworks read; functions and classes are ours.
    dead = [
        line
        for line in found.stdout.splitlines()
        if re.search(r"unused (function|class|method|import|property)", line)
        and not line.startswith("tests/")
    ]
    assert not dead, f"remove it, or explain it in {allowed.name}:\n" + "\n".join(dead)


def test_nothing_tracked_names_this_machine_or_a_registry() -> None:
    hosts = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "deb.deb" + "ian.org"]
    for pattern in (*hosts, "/wo" + "rk/main", "/wo" + "rk/shared", "/wo" + "rk/.library"):
        found = subprocess.run(
            ["git", "grep", "-nIF", pattern], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert not found.stdout, f"remove it: {found.stdout}"
