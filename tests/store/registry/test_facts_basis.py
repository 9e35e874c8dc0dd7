"""What stored facts must follow, and how far they do."""

from __future__ import annotations

from pathlib import Path

from registered import HOUR, NOW, let_in, quantity, withdrawal

from domain.corrections import LineCorrections
from store.registry.registry import Registry

REGISTRIES = ("sqlite", "postgresql")


def test_what_facts_do_not_follow_yet_is_remembered(
    registry: Registry, tmp_path: Path, registry_place: Path | str
) -> None:
    """A crash between the computing and the word of it repeats the work, never skips it."""
    first, second = quantity("a"), quantity("b", NOW + HOUR)
    assert registry.facts_basis.corrected_lines() == frozenset()
    registry.record.correction(first, let_in)
    assert registry.facts_basis.line_corrections("filler-1") == LineCorrections(
        (first,), (first,), 1
    )
    registry.facts_basis.mark_applied("filler-1", 1)
    registry.record.correction(second, let_in)
    registry.record.correction(withdrawal(first, NOW + HOUR), let_in)
    registry.close()
    again = Registry(registry_place, tmp_path / "documents")
    found = again.facts_basis.line_corrections("filler-1")
    assert found.in_force == (second,)
    assert [it.id for it in found.not_yet_applied] == ["b", "no-a"]
    again.facts_basis.mark_applied("filler-1", found.last)
    assert again.facts_basis.line_corrections("filler-1").not_yet_applied == ()
    assert again.facts_basis.corrected_lines() == {"filler-1"}
    again.close()
