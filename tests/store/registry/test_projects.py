"""Which projects there are, their versions and those of their terms."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from registered import GRANT, LATER, NOW, apply_grant, apply_plant
from spoilt import changed

from domain.errors import InputError, NotFoundError
from store.files.grant import read_grant
from store.registry.registry import Registry


def test_a_project_is_there_after_it_was_applied(registry: Registry) -> None:
    apply_plant(registry)
    assert apply_grant(registry) == [
        "project NIFS-2025-017: new, with milestones M1, M2, M3, M4, M5, M6"
    ]
    assert apply_grant(registry, now=LATER) == []
    assert registry.projects.all() == [read_grant(GRANT, "g")]
    assert registry.projects.by_reference("NIFS-2025-017").milestones[0].id == "M1"
    with pytest.raises(NotFoundError, match="Did you mean 'NIFS-2025-017'"):
        registry.projects.by_reference("NIFS-2025-018")


def test_terms_have_a_history_of_their_own(registry: Registry) -> None:
    apply_plant(registry)
    apply_grant(registry)
    eased = changed(GRANT, "target: 0.65", "target: 0.60")
    assert apply_grant(registry, eased, LATER) == ["milestone M2: terms changed"]
    extended = changed(eased, "due: 2026-03-31", "due: 2026-04-30")
    assert apply_grant(registry, extended, LATER) == ["milestone M2: due changed"]
    without = extended[: extended.index("  - {id: M6")]
    assert apply_grant(registry, without, LATER) == ["milestone M6: removed"]
    digests = [read_grant(written, "g").milestones[1].terms_digest for written in (GRANT, eased)]
    history = registry.projects.terms_history("NIFS-2025-017", "M2")
    assert [(v.number, v.digest, v.applied_at) for v in history] == [
        (1, digests[0], NOW),
        (2, digests[1], LATER),
    ]
    assert len(registry.projects.terms_history("NIFS-2025-017", "M1")) == 1
    assert len(registry.projects.terms_history("NIFS-2025-017", "M6")) == 1
    assert len(registry.projects.history("NIFS-2025-017")) == 4


def test_one_project_is_found_without_reading_the_others(
    registry: Registry, tmp_path: Path
) -> None:
    """So that ten thousand verdicts do not read ten thousand projects each."""
    apply_plant(registry)
    apply_grant(registry)
    apply_grant(registry, changed(GRANT, "NIFS-2025-017", "NIFS-2025-018"), LATER)
    assert [it.reference for it in registry.projects.all()] == ["NIFS-2025-017", "NIFS-2025-018"]
    registry.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "registry.sqlite")) as other, other:
        guards = other.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in guards:
            other.execute(f'DROP TRIGGER "{name}"')
        other.execute("UPDATE project_versions SET text = '?' WHERE owner = 'NIFS-2025-018'")
    opened = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
    try:
        assert opened.projects.by_reference("NIFS-2025-017") == read_grant(GRANT, "g")
        assert opened.attachments.of_project("NIFS-2025-017") == []
        with pytest.raises(InputError):
            opened.projects.all()
    finally:
        opened.close()
