"""Pure modules compute from their arguments alone: no clock, no chance, no file, no network.

Held are all modules of the packages `PACKAGES_HELD` except the few in `NOT_PURE`, so that a new
module is pure unless it is listed there. What they may import is a list too: a library that reads
the clock or opens a socket cannot come in unseen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from source_tree import ROOT, modules, name, tree

PACKAGES_HELD = ("domain", "analytics", "device_profiles")
NOT_PURE = {  # with what they read
    "device_profiles/files": "profile files",
    "domain/schemes/published.py": "the file beside it",
    "domain/schemes/rule_files.py": "the rule files beside it",
    "analytics/milestones/forecast.py": "draws from a fixed seed: the same facts, the same futures",
    "device_profiles/proving": "a profile's recording and panel readings",
}
MAY_IMPORT = frozenset(
    """
    __future__ abc base64 bisect collections contextlib dataclasses datetime decimal difflib
    enum fnmatch.fnmatchcase functools hashlib itertools jmespath json math operator re types typing
    unicodedata zoneinfo holidays numpy polars pydantic pydantic_core scipy.special
    statistics.NormalDist yaml domain analytics
    device_profiles.decoding device_profiles.drafting device_profiles.model
    """.split()  # noqa: SIM905  # names in lines read better
)
NO_CALLS = frozenset(
    """
    open print input exec eval __import__ breakpoint
    now utcnow today sleep
    read_text read_bytes write_text write_bytes fromfile tofile memmap loadtxt savetxt genfromtxt
    """.split()  # noqa: SIM905  # as above
)
NO_ATTRIBUTES = frozenset({"random", "environ"})  # np.random, os.environ
CLOCKS = frozenset({"now", "utcnow", "today"})
POLARS_FILES = ("read_", "scan_", "write_", "sink_")
NUMPY_FILES = frozenset({"load", "save", "savez", "savez_compressed"})
CHANCE = frozenset({"sample", "shuffle"})  # of polars: without a seed, another result each time


def pure_modules() -> list[Path]:
    impure = [ROOT / place for place in NOT_PURE]
    return [
        path
        for path in modules(*PACKAGES_HELD)
        if not any(path == place or place in path.parents for place in impure)
    ]


def impurities(text: ast.Module) -> Iterator[str]:
    """What a pure module must not have, with its line."""
    for node in ast.walk(text):
        for what in _of_node(node):
            yield f"line {getattr(node, 'lineno', 0)}: {what}"


def _of_node(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (it.name for it in node.names if not _may_import(it.name))
    elif isinstance(node, ast.ImportFrom):
        module = node.module or ""
        if not _may_import(module):
            yield from (
                f"{module}.{it.name}" for it in node.names if not _may_import(f"{module}.{it.name}")
            )
    elif isinstance(node, ast.Attribute):
        of = node.value.id if isinstance(node.value, ast.Name) else None
        if (
            node.attr in NO_ATTRIBUTES
            or (of in {"datetime", "date"} and node.attr in CLOCKS)
            or (of == "pl" and node.attr.startswith(POLARS_FILES))
            or (of == "np" and node.attr in NUMPY_FILES)
        ):
            yield ast.unparse(node)
    elif isinstance(node, ast.Call):
        yield from _of_call(node)


def _of_call(node: ast.Call) -> Iterator[str]:
    called = node.func.attr if isinstance(node.func, ast.Attribute) else None
    called = node.func.id if isinstance(node.func, ast.Name) else called or ""
    seeded = any(argument.arg == "seed" for argument in node.keywords)
    writes = isinstance(node.func, ast.Attribute) and called.startswith(("write_", "sink_"))
    if called in NO_CALLS or writes or (called in CHANCE and not seeded):
        yield f"{called}()"


def _may_import(module: str) -> bool:
    parts = module.split(".")
    return any(".".join(parts[:length]) in MAY_IMPORT for length in range(1, len(parts) + 1))


@pytest.mark.parametrize("path", pure_modules(), ids=name)
def test_a_pure_module_has_no_clock_no_chance_and_no_io(path: Path) -> None:
    """Take `now` or the number as an argument; do input and output in edge, collector, api, store;
    a library that is pure itself goes into MAY_IMPORT."""
    assert list(impurities(tree(path))) == []


def test_what_is_not_pure_is_there_and_reads_something() -> None:
    for place in NOT_PURE:
        found = [what for path in modules(place) for what in impurities(tree(path))]
        assert found, f"{place} is pure, or is gone: strike it from NOT_PURE"


@pytest.mark.parametrize(
    "text",
    [
        "import time",
        "import os",
        "from os import environ",
        "from pathlib import Path",
        "import socket",
        "import duckdb",
        "import logging",
        "import scipy.stats",
        "from device_profiles.files import schema",
        "from store.registry import tables",
        "x = open('a')",
        "x = path.read_text()",
        "x = datetime.now(UTC)",
        "field(default_factory=datetime.now)",
        "x = date.today()",
        "x = np.random.default_rng()",
        "x = np.load('a.npy')",
        "x = pl.read_csv('a.csv')",
        "frame.write_parquet('a')",
        "x = frame.sample(3)",
        "print('seen')",
    ],
)
def test_what_is_not_pure_is_seen(text: str) -> None:
    assert list(impurities(ast.parse(text)))


@pytest.mark.parametrize(
    "text",
    [
        "import numpy as np",
        "from scipy.special import ndtr",
        "from device_profiles.model.units import Unit",
        "from collections.abc import Iterable",
        "x = later(now)",
        "x = frame.sample(3, seed=1)",
        "x = datetime(2026, 1, 1)",
    ],
)
def test_what_is_pure_is_let_be(text: str) -> None:
    assert list(impurities(ast.parse(text))) == []
