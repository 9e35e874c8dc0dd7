"""The page about plant.yaml: its example is one, and names every field that there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from device_profiles.files import catalogue
from domain.plant import Plant
from domain.states import ReasonKind
from domain.yaml_text import load_yaml
from store.files.plant import read_plant
from store.files.schemas import schemas

PAGE = (Path(__file__).parents[2] / "docs" / "plant-file.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
TEXT = PAGE.replace(EXAMPLE, "")
SCHEMA = json.loads(schemas()["plant.schema.json"])
FIELDS = {
    field for model in (SCHEMA, *SCHEMA["$defs"].values()) for field in model.get("properties", {})
}


@pytest.fixture(scope="module")
def plant() -> Plant:
    return read_plant(EXAMPLE, "docs/plant-file.md")


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from keys(item)


def test_the_example_is_a_plant(plant: Plant) -> None:
    line = plant.lines["filler-1"]
    assert line.calendar is not None
    assert [change.since for change in line.calendar.changes] == [date(2026, 7, 1)]
    assert [item.kind for item in line.calendar.exceptions] == [
        "planned_down",
        "closed",
        "overtime",
    ]
    assert line.calendar.exceptions[0].author == "Chan Tai Man"
    assert plant.products["juice-330"].changes[0].ideal_cycle_time_s == 0.45
    assert plant.reasons["jam"].kind is ReasonKind.BREAKDOWN
    assert line.measurements["fill-weight"].target == 331.0


def test_the_examples_machines_have_profiles_that_take_their_parameters(plant: Plant) -> None:
    for machine in plant.lines["filler-1"].machines.values():
        if machine.profile != "import":
            assert catalogue.load(machine.profile, machine.parameters).digest


def test_the_example_uses_every_field() -> None:
    written, _ = load_yaml(EXAMPLE, "docs/plant-file.md")
    assert set(keys(written)) >= FIELDS


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_the_page_explains_every_field(field: str) -> None:
    assert f"`{field}`" in TEXT


def test_the_page_names_every_value_of_a_closed_list() -> None:
    lists = re.findall(r'"enum": \[(.*?)\]', json.dumps(SCHEMA))
    values = {value for found in lists for value in json.loads(f"[{found}]")}
    assert values - {"tue", "wed", "thu", "fri", "sat"} <= set(re.findall(r"`([\w-]+)`", TEXT))


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", PAGE))))
def test_its_links_lead_somewhere(target: str) -> None:
    assert (Path(__file__).parents[2] / "docs" / target).exists()
