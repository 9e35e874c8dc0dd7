"""Which plants there are, whose a line is, and the versions of a plant's file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from registered import HOUR, LATER, NOW, PLANT, apply_plant
from spoilt import changed

from domain.errors import InputError
from store.files.plant import read_plant
from store.registry.registry import Registry, RegistryReader

REGISTRIES = ("sqlite", "postgresql")


def test_a_plant_is_there_after_it_was_applied(
    registry: Registry, tmp_path: Path, registry_place: Path | str
) -> None:
    assert registry.plants.all() == []
    assert apply_plant(registry) == ["plant tko-foods: new, with line filler-1"]
    registry.close()
    again = Registry(registry_place, tmp_path / "documents")
    assert again.plants.all() == [read_plant(PLANT, "p")]
    assert again.plants.of_line("filler-1").id == "tko-foods"
    again.close()


def test_a_changed_plant_is_a_new_version_beside_the_old(registry: Registry) -> None:
    apply_plant(registry)
    slower = changed(PLANT, "ideal_cycle_time_s: 1.0", "ideal_cycle_time_s: 1.5")
    assert apply_plant(registry, slower, LATER) == ["line filler-1: ideal_cycle_time_s changed"]
    assert apply_plant(registry, slower + "# note\n", LATER) == [
        "plant tko-foods: the text changed, its meaning did not"
    ]
    assert registry.plants.of_line("filler-1").lines["filler-1"].ideal_cycle_time_s == 1.5
    history = registry.plants.history("tko-foods")
    assert [(v.number, v.applied_at) for v in history] == [(1, NOW), (2, LATER), (3, LATER)]
    assert len({version.digest for version in history}) == 3


def test_two_plants_keep_their_lines_apart(registry: Registry) -> None:
    apply_plant(registry)
    second = changed(PLANT, "plant: tko-foods", "plant: yuen-long")
    with pytest.raises(
        InputError, match=r"p\.yaml, line 15: .*'tko-foods' has a line of that name already"
    ):
        apply_plant(registry, second)
    assert [plant.id for plant in registry.plants.all()] == ["tko-foods"]
    apply_plant(registry, changed(second, "  filler-1:\n", "  filler-2:\n"))
    assert [plant.id for plant in registry.plants.all()] == ["tko-foods", "yuen-long"]
    assert registry.plants.of_line("filler-2").id == "yuen-long"


def test_a_view_has_the_plant_of_its_time(registry: Registry) -> None:
    slower = PLANT.replace("ideal_cycle_time_s: 1.0", "ideal_cycle_time_s: 1.5", 1)
    assert slower != PLANT
    for written, at in ((PLANT, NOW), (slower, NOW + HOUR)):
        registry.apply.plant(written, read_plant(written, "p.yaml"), at)

    def cycle_time_s(known: RegistryReader) -> float | None:
        return known.plants.of_line("filler-1").lines["filler-1"].ideal_cycle_time_s

    assert cycle_time_s(registry) == 1.5
    assert cycle_time_s(registry.as_known_at(NOW + HOUR)) == 1.5
    assert cycle_time_s(registry.as_known_at(NOW + HOUR - timedelta(microseconds=1))) == 1.0
    assert cycle_time_s(registry.as_known_at(NOW - HOUR)) == 1.0, "the first one, before any"
