"""Style rules as tests: sizes, docstrings, purity, dead code. Imports are held by import-linter."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "lineproof",
    "api",
    "edge",
    "collector",
    "analytics",
    "store",
    "device_profiles",
    "domain",
)
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70

# What a pure module must not touch, with what to do instead.
PURE = ("domain", "analytics", "device_profiles/decoding")
BANNED_IMPORTS = {
    "time": "take `now` as an argument",
    "random": "take the number as an argument",
    "secrets": "take the number as an argument",
    "socket": "do I/O in edge, collector, api or store",
    "subprocess": "do I/O in edge, collector, api or store",
    "pathlib": "do I/O in edge, collector, api or store",
    "os": "do I/O in edge, collector, api or store",
    "asyncio": "do I/O in edge, collector, api or store",
}
BANNED_CALLS = {
    "now": "take `now` as an argument",
    "utcnow": "take `now` as an argument",
    "today": "take `now` as an argument",
    "open": "do I/O in edge, collector, api or store",
}


def modules(*roots: str) -> list[Path]:
    found: list[Path] = []
    for root in roots:
        path = ROOT / root
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return found


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@pytest.mark.parametrize("path", modules(*PACKAGES, "tests", "benchmarks"), ids=name)
def test_a_file_has_one_duty_and_so_few_lines(path: Path) -> None:
    if "node_modules" in path.parts:
        pytest.skip("not ours")
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


@pytest.mark.parametrize("path", modules(*PURE), ids=name)
def test_a_pure_module_has_no_clock_no_chance_and_no_io(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                assert alias.name.split(".")[0] not in BANNED_IMPORTS, where(node, alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.module.split(".")[0] not in BANNED_IMPORTS, where(node, node.module)
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else None
            called = node.func.id if isinstance(node.func, ast.Name) else called
            assert called not in BANNED_CALLS, where(node, str(called))


def where(node: ast.stmt | ast.expr, what: str) -> str:
    mend = BANNED_IMPORTS.get(what.split(".")[0]) or BANNED_CALLS.get(what, "")
    return f"line {node.lineno}: {what} in a pure module; {mend}"


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
            "@app.*,@router.*,@pytest.*,@field_validator,@model_validator,@cli.*,@given,@event.*",
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
