"""JSON Schemas of plant.yaml and grant.yaml, for editors that check while one writes.

`python -m store.files.schemas` writes them beside this module; a test holds them fresh.
"""

from __future__ import annotations

import json
from pathlib import Path

from store.files.fields import FileModel
from store.files.grant import GrantFile
from store.files.plant import PlantFile

FOLDER = Path(__file__).parent


def schemas() -> dict[str, str]:
    """File name to JSON text."""
    models: dict[str, type[FileModel]] = {
        "plant.schema.json": PlantFile,
        "grant.schema.json": GrantFile,
    }
    return {
        name: json.dumps(
            {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                **model.model_json_schema(by_alias=True),
            },
            indent=1,
            ensure_ascii=False,
        )
        + "\n"
        for name, model in models.items()
    }


if __name__ == "__main__":
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
