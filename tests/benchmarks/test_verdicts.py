"""The benchmark of verdicts at a small part of its size: projects have verdicts on their facts."""

from __future__ import annotations

from pathlib import Path

import verdicts

_HOURS = 24


def test_a_project_is_judged() -> None:
    found = verdicts.one_project(days=2)
    assert found.facts >= 2 * _HOURS
    assert found.ratio > 1.0


def test_many_projects_are_judged_from_the_store(tmp_path: Path) -> None:
    """Or the benchmark ends the program."""
    assert verdicts.many_projects(tmp_path, projects=2, days=2).facts >= 2 * 2 * _HOURS
