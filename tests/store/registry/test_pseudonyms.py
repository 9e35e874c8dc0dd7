"""Codes in place of names: the same each time, others elsewhere, and not to be guessed."""

from __future__ import annotations

import re
from pathlib import Path

from store.registry.registry import Registry

NAMES = ["陳大文", "chan", "Chan Siu Ming", "chan ", "", "\ud800"]


def opened(folder: Path) -> Registry:
    folder.mkdir(exist_ok=True)
    return Registry(folder / "registry.sqlite", folder / "documents")


def test_a_name_has_one_code_in_a_plant_and_another_in_the_next(tmp_path: Path) -> None:
    first = opened(tmp_path)
    codes = [first.pseudonyms.of(plant, name) for plant in ("tko", "yl") for name in NAMES]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch("Person [A-Z2-7]{6}", it) for it in codes)
    again = opened(tmp_path).pseudonyms
    assert [again.of(plant, name) for plant in ("tko", "yl") for name in NAMES] == codes


def test_another_registry_has_other_codes(tmp_path: Path) -> None:
    """So that nobody finds a name by trying names at a registry of his own."""
    one, other = (opened(tmp_path / it).pseudonyms for it in ("a", "b"))
    assert one.of("tko", "chan") != other.of("tko", "chan")
