"""Corrections in a registry on a real SQLite file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from registered import NOW, let_in, quantity, withdrawal

from domain.corrections import Correction
from domain.errors import BusyError, InputError, NotFoundError
from store.registry.registry import Registry

REGISTRIES = ("sqlite", "postgresql")


def test_a_correction_comes_back_as_it_was(
    registry: Registry, tmp_path: Path, registry_place: Path | str
) -> None:
    first, other = quantity("a"), quantity("b", line="packer-1")
    registry.record.correction(first, let_in)
    registry.record.correction(other, let_in)
    registry.close()
    again = Registry(registry_place, tmp_path / "documents")
    assert again.records.corrections("filler-1") == [first]
    assert again.records.correction("b") == other
    assert again.records.corrections("filler-9") == []
    with pytest.raises(NotFoundError, match="there is no correction 'c'"):
        again.records.correction("c")
    again.close()


def test_the_check_sees_what_was_recorded_and_its_refusal_leaves_nothing(
    registry: Registry,
) -> None:
    first = quantity("a")
    registry.record.correction(first, let_in)
    seen: list[object] = []

    def refuse(earlier: Sequence[Correction]) -> None:
        seen.extend(earlier)
        raise InputError("no")

    with pytest.raises(InputError, match="no"):
        registry.record.correction(quantity("b"), refuse)
    assert seen == [first]
    assert registry.records.corrections("filler-1") == [first]


def test_an_id_is_taken_once(registry: Registry) -> None:
    registry.record.correction(quantity("a"), let_in)
    with pytest.raises(BusyError, match="Nothing was changed"):
        registry.record.correction(quantity("a"), let_in)
    assert len(registry.records.corrections("filler-1")) == 1


def test_of_two_registries_on_one_database_the_slower_is_told_to_look_again(
    tmp_path: Path, registry_place: Path | str
) -> None:
    """Two processes check at the same moment, see nothing, and write what contradicts."""
    if not isinstance(registry_place, Path):
        pytest.skip("on PostgreSQL writers take turns, so nobody comes between")
    one, two = (Registry(registry_place, tmp_path / "documents") for _ in range(2))

    def meanwhile(_earlier: Sequence[Correction]) -> None:
        two.record.correction(quantity("b"), let_in)

    with pytest.raises(BusyError, match="at the same moment"):
        one.record.correction(quantity("a"), meanwhile)
    assert [it.id for it in one.records.corrections("filler-1")] == ["b"]
    two.record.correction(withdrawal(quantity("b"), NOW), let_in)
    assert [it.id for it in one.records.corrections("filler-1")] == ["b", "no-b"], (
        "though b was read"
    )
    assert one.facts_basis.line_corrections("filler-1").in_force == ()
    one.close()
    two.close()
