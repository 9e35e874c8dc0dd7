"""Amounts and texts that no plant has: each is refused with its field, whatever model it is in.

Every number and every text of the files that people write is found in the models themselves, so a
field that is added later without a limit fails here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import spoilt
from pydantic import BaseModel

from device_profiles.files import schema
from domain.errors import InputError
from domain.yaml_text import FILE_LENGTH_MAX, load_yaml
from store.files.fields import NOTE_LENGTH_MAX, FileModel
from store.files.grant import GrantFile, read_grant
from store.files.plant import PlantFile, read_plant

EXAMPLES = Path(__file__).parent / "examples"
PLANT = (EXAMPLES / "plant.yaml").read_text(encoding="utf-8")
GRANT = (EXAMPLES / "grant.yaml").read_text(encoding="utf-8")
MODELS: tuple[Any, ...] = (PlantFile, GrantFile, schema.ProfileFile)


def fields_of(part_of: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every part of a JSON Schema that says what type it is."""
    if isinstance(part_of, dict):
        if isinstance(part_of.get("type"), str):
            yield path, part_of
        for key, part in part_of.items():
            yield from fields_of(part, f"{path}/{key}")
    elif isinstance(part_of, list):
        for index, part in enumerate(part_of):
            yield from fields_of(part, f"{path}/{index}")


@pytest.mark.parametrize("model", MODELS, ids=lambda it: it.__name__)
def test_every_number_has_a_least_and_a_most(model: Any) -> None:
    numbers = [
        (path, it)
        for path, it in fields_of(model.model_json_schema())
        if it["type"] in ("number", "integer")
    ]
    assert numbers
    open_ended = [
        path
        for path, it in numbers
        if "maximum" not in it or not {"minimum", "exclusiveMinimum"} & it.keys()
    ]
    assert open_ended == []


@pytest.mark.parametrize(
    "base", [FileModel, schema.ParameterRef.__base__], ids=["plant", "profile"]
)
def test_every_part_of_a_file_limits_its_texts(base: type[BaseModel]) -> None:
    parts = base.__subclasses__()
    assert len(parts) > 10
    for part in (base, *parts):
        assert part.model_config.get("str_max_length") == NOTE_LENGTH_MAX
        assert part.model_config.get("allow_inf_nan") is False


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        ("plant: tko-foods", f"plant: {'x' * 101}", "plant", "more than 100 characters"),
        ("en: Juice 330 ml", f"en: {'x' * 201}", "products.juice-330.name.en", "more than 200"),
        ("reason: annual overhaul", f"reason: {'x' * 2001}", "reason", "more than 2000"),
        ("ideal_cycle_time_s: 0.5", "ideal_cycle_time_s: 1e300", "ideal_cycle_time_s", "less than"),
        ("ideal_cycle_time_s: 0.5", "ideal_cycle_time_s: 1e-9", "ideal_cycle_time_s", "too small"),
        ("ideal_cycle_time_s: 0.5", "ideal_cycle_time_s: -1", "ideal_cycle_time_s", "greater than"),
        ("ideal_cycle_time_s: 0.5", "ideal_cycle_time_s: .inf", "ideal_cycle_time_s", "finite"),
        ("ideal_cycle_time_s: 0.5", f"ideal_cycle_time_s: {'9' * 90}", "ideal_cycle", "less than"),
        ("minor_stop_s: 120", "minor_stop_s: 1e12", "minor_stop_s", "less than"),
        ('start: "2026-03-02T07:00"', 'start: "0001-01-01T00:00"', "start", "time of any plant"),
        ('start: "2026-03-02T07:00"', 'start: "9999-12-31T23:59"', "start", "time of any plant"),
    ],
)  # fmt: skip
def test_what_is_beyond_a_plant_is_told(old: str, new: str, field: str, message: str) -> None:
    text = spoilt.changed(PLANT, old, new)
    with pytest.raises(InputError, match=message) as told:
        read_plant(text, "plant.yaml")
    assert field in str(told.value)
    assert len(str(told.value)) < 400


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("approved_cost_hkd: 54000000", "approved_cost_hkd: 1e300", "less than"),
        ("approved_cost_hkd: 54000000", "approved_cost_hkd: -5", "greater than"),
        ("good_units: 10000", "good_units: .nan", "finite"),
        ("production_days: 20", "production_days: 99999999999", "less than"),
        ("months: 24", "months: 1000000", "less than"),
        ("start: 2025-02-01", "start: 0001-01-01", "time of any plant"),
        ("end: 2027-01-31", "end: 9999-12-31", "time of any plant"),
    ],
)
def test_what_is_beyond_a_grant_is_told(old: str, new: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_grant(spoilt.changed(GRANT, old, new), "grant.yaml")


@pytest.mark.parametrize(
    "value",
    [".inf", ".nan", "1e300", "{null: 1, a: 2}", "{1: 2}", "!!binary aGk=",
     f"'{'x' * 2001}'", "[[[[[[[1]]]]]]]", "!!set {a}", "!!timestamp 2026-01-01"],
)  # fmt: skip
def test_terms_that_a_person_attests_are_plain(value: str) -> None:
    with pytest.raises(InputError):
        read_grant(_attested(value), "grant.yaml")


@pytest.mark.parametrize("value", ["5", "text", "[1, two, {three: 3.5}]", "null", "2026-01-01"])
def test_and_otherwise_free(value: str) -> None:
    project = read_grant(_attested(value), "grant.yaml")
    assert project.milestones[-1].terms_digest


def _attested(value: str) -> str:
    title = "title: {en: People}"
    terms = f"terms: {{kind: headcount, told: {value}}}"
    return f'{GRANT.rstrip()}\n  - {{id: M99, clause: "9", due: 2027-01-31, {title}, {terms}}}\n'


def test_a_file_that_never_ends_or_is_too_long() -> None:
    with pytest.raises(InputError, match=r"line 1: .*an alias stands inside of what it repeats"):
        load_yaml("a: &x [*x]", "x.yaml")
    with pytest.raises(InputError, match=f"more than {FILE_LENGTH_MAX} characters"):
        load_yaml("#" * 2_000_001, "x.yaml")
