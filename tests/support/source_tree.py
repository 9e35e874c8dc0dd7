"""The program text as tests of the architecture read it: its packages, modules and syntax trees."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

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
INSTALLED = {"node_modules", ".peers"}  # folders of what others wrote


def modules(*roots: str) -> list[Path]:
    """Every module below these folders, and these files, in order."""
    found: list[Path] = []
    for root in roots:
        path = ROOT / root
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return [path for path in found if not INSTALLED & set(path.parts)]


def name(path: Path) -> str:
    """The path as people write it: analytics/kpi/formulas/sums.py."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def is_private(word: str) -> bool:
    """One underscore in front; two stand for Python's own names."""
    return word.startswith("_") and not word.startswith("__") and word != "_"


def own_tests(path: Path) -> Path:
    """Where the tests of a module are."""
    return ROOT / "tests" / path.parent.relative_to(ROOT) / f"test_{path.name}"


def computes(text: ast.Module) -> bool:
    """Whether a function has a body besides its docstring and `...`."""
    return any(
        not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Constant)
        for node in ast.walk(text)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in node.body
    )
