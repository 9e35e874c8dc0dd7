"""A text that somebody saved goes the way of files: the same checks, and nothing half changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from registered import NOW, PLANT, apply_grant, apply_plant

from api.records.applied_files import apply_given, check_given, given_file
from domain.errors import InputError
from store.registry.plant_saves import PlantSave
from store.registry.registry import Registry

SAVE = PlantSave("ines", "why", 1)


def test_a_saved_text_is_checked_as_a_file_is(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
    apply_plant(registry)
    apply_grant(registry)
    plant = registry.plants.all()[0]
    funded = registry.projects.all()[0].lines[0]
    without = PLANT.replace(f"  {funded}:", "  other-line:", 1).replace(
        f"line: {funded}", "line: other-line"
    )
    with pytest.raises(InputError, match=rf"the line '{funded}' is gone.*Nothing was changed\."):
        apply_given(registry, [given_file(without, "plant.yaml")], NOW, SAVE)
    assert len(registry.plant_saves.versions(plant.id)) == 1
    changed = given_file(PLANT.replace("timezone: Asia/Hong_Kong", "timezone: Asia/Macau"), "p")
    check_given([changed])
    assert apply_given(registry, [changed], NOW, SAVE) == [f"plant {plant.id}: zone changed"]
    saves = [it.save for it in registry.plant_saves.versions(plant.id)]
    assert saves == [SAVE, None]
    registry.close()


def test_a_text_that_is_neither() -> None:
    with pytest.raises(InputError, match="neither a plant file nor a grant file"):
        given_file("a: b", "plant.yaml")
