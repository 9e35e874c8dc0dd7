"""Style rules as tests: sizes, docstrings, dead code. import-linter holds what imports what."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

from source_tree import PACKAGES, ROOT, modules, name, tree

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70


def test_a_file_has_one_duty_and_so_few_lines() -> None:
    long = []
    for path in modules(*PACKAGES, "tests", "benchmarks"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        long += [f"{name(path)}: {lines} lines"] if lines > FILE_LINES_MAX else []
    assert long == [], "split it by duty"


def test_a_module_says_its_duty() -> None:
    silent = [name(path) for path in modules(*PACKAGES) if not ast.get_docstring(tree(path))]
    assert silent == [], "open it with its duty, its rules, what it must not know"


def test_a_function_fits_on_a_screen() -> None:
    long = [
        f"{name(path)}, line {node.lineno}: {node.name}"
        for path in modules(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (node.end_lineno or node.lineno) - node.lineno >= FUNCTION_LINES_MAX
    ]
    assert long == [], "split it"


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
