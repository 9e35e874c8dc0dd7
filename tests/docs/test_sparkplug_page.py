"""docs/sparkplug.md: every statement of the specification is told, with tests that exist."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter

import yaml
from peers import ROOT, require_shared_data

from edge.sources.sparkplug.settings import sparkplug_settings

PAGE = (ROOT / "docs" / "sparkplug.md").read_text(encoding="utf-8")
STATEMENTS = PAGE.partition("## The statements of the specification")[2]
TESTS = ROOT / "tests" / "edge" / "sources" / "sparkplug"


def test_the_tests_that_it_names_are_there() -> None:
    there = {
        it.name
        for path in TESTS.glob("test_*.py")
        for it in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(it, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    named = set(re.findall(r"`(test_\w+)`", STATEMENTS))
    assert named
    assert named <= there


def test_every_statement_is_told_once() -> None:
    path = require_shared_data("sparkplug/assertions.csv")
    with path.open(encoding="utf-8", newline="") as file:
        statements = [row["id"] for row in csv.DictReader(file)]
    told = Counter(re.findall(r"`([a-z]+-[a-z0-9-]+)`", STATEMENTS))
    assert told == Counter(dict.fromkeys(statements, 1))


def test_the_connection_that_it_shows_can_be_used() -> None:
    shown = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert shown is not None
    connection = yaml.safe_load(shown[1])["filler"]["connection"]
    settings = sparkplug_settings(connection, "")
    assert (settings.node.group, settings.device) == ("plant-1", "filler")
