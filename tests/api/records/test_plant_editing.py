"""Texts of plant files from a page: all that is wrong, with its line, and none that is too long."""

from __future__ import annotations

from pathlib import Path

import pytest
from registered import NOW, PLANT, apply_plant

from api.records.plant_editing import (
    NOTE_MAX,
    PLANT_TEXT_MAX,
    looked_at,
    plant_in_force,
    save_plant,
    text_of_form,
)
from api.records.plant_limits import PlantLimits
from domain.errors import InputError
from store.registry.plant_saves import PlantSave
from store.registry.registry import Registry

LIMITS = PlantLimits(lambda _url: None, None)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    opened = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
    apply_plant(opened)
    return opened


def test_everything_that_is_wrong_is_told_with_its_line(registry: Registry) -> None:
    plant = registry.plants.all()[0].id
    bad = PLANT.replace("timezone:", "time_zone:", 1).replace("company:", "firm:", 1)
    wrong = looked_at(registry, plant, bad, LIMITS).wrong
    lines = {
        number for number, text in enumerate(bad.splitlines(), 1) if text[:5] in ("time_", "firm:")
    }
    assert lines <= {it.line for it in wrong}
    assert len(lines) == 2
    huge = looked_at(registry, plant, "#" * (PLANT_TEXT_MAX + 1), LIMITS)
    assert [it.line for it in huge.wrong] == [None]
    assert "more than 200,000 characters" in str(huge.wrong[0].error)
    assert "neither a plant file" in looked_at(registry, plant, "", LIMITS).wrong[0].error.what
    registry.close()


def test_what_was_saved_is_in_force(registry: Registry) -> None:
    plant = registry.plants.all()[0].id
    text = text_of_form(PLANT.replace("\n", "\r\n") + "# by hand")
    for note in ("", "x" * (NOTE_MAX + 1)):
        with pytest.raises(InputError):
            save_plant(registry, plant, text, PlantSave("ines", note, 1), NOW, LIMITS)
    assert plant_in_force(registry, plant)[0] == 1
    assert save_plant(registry, plant, text, PlantSave("ines", "why", 1), NOW, LIMITS)
    assert plant_in_force(registry, plant)[:2] == (2, f"{PLANT}# by hand\n")
    registry.close()
