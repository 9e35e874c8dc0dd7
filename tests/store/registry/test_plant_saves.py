"""Versions that people saved: what they began with, and whether a file was overtaken by them."""

from __future__ import annotations

from pathlib import Path

import pytest
from registered import LATER, PLANT, apply_plant, save_plant

from domain.errors import NotFoundError
from store.registry.plant_saves import ChangedMeanwhileError, PlantSave
from store.registry.registry import Registry
from store.registry.versions import text_digest


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "registry.sqlite", tmp_path / "documents")


def test_of_two_who_began_with_one_version_the_second_is_refused(registry: Registry) -> None:
    apply_plant(registry)
    plant = registry.plants.all()[0].id
    one, other = (PlantSave(it, "why", 1) for it in ("ines", "ivan"))
    assert save_plant(registry, "one", one)
    with pytest.raises(ChangedMeanwhileError, match="version 2 of this plant file was saved"):
        save_plant(registry, "other", other, LATER)
    assert save_plant(registry, "one", PlantSave("ivan", "the same", 2)) == []
    versions = registry.plant_saves.versions(plant)
    assert [(it.number, it.save) for it in versions] == [(2, one), (1, None)]
    assert registry.plant_saves.text(plant, 1) == PLANT
    with pytest.raises(NotFoundError, match="has no version 3"):
        registry.plant_saves.text(plant, 3)
    for asked in (registry.plant_saves.latest, lambda it: registry.plant_saves.text(it, 1)):
        with pytest.raises(NotFoundError, match="there is no plant 'nope'"):
            asked("nope")
    assert list(registry.recorded.faults()) == []
    registry.close()


def test_a_file_is_overtaken_while_it_is_the_last_that_was_applied(registry: Registry) -> None:
    apply_plant(registry)
    plant, digest = registry.plants.all()[0].id, text_digest(PLANT)
    assert not registry.plant_saves.is_overtaken(plant, digest)
    save_plant(registry, "one", PlantSave("ines", "why", 1))
    assert registry.plant_saves.is_overtaken(plant, digest)
    assert not registry.plant_saves.is_overtaken(plant, text_digest("another"))
    apply_plant(registry, f"{PLANT}# changed\n")
    assert not registry.plant_saves.is_overtaken(plant, digest)
    registry.close()
