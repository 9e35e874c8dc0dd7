"""The published JSON Schemas are those of the models."""

from __future__ import annotations

import json

from store.files.schemas import FOLDER, schemas


def test_the_published_schemas_are_fresh() -> None:
    for name, text in schemas().items():
        published = (FOLDER / name).read_text(encoding="utf-8")
        assert published == text, f"{name} is stale: run python -m store.files.schemas"


def test_the_schemas_close_every_part_that_the_contract_closes() -> None:
    plant = json.loads(schemas()["plant.schema.json"])
    assert plant["additionalProperties"] is False
    assert set(plant["required"]) == {"plant", "company", "lines"}
    assert "class" in plant["$defs"]["ExceptionFile"]["properties"]
