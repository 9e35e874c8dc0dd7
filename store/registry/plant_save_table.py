"""The table of who saved a plant file: of versions that a person saved, and no file gave.

Rules: as in `store.registry.tables`; rows are only ever added.
"""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint

from store.registry.tables import metadata

# `number`: of the version in plant_versions; `began_with`: which one its author began with.
plant_saves = Table(
    "plant_saves",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("plant", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("began_with", Integer, nullable=False),
    Column("author", String, nullable=False),
    Column("note", Text, nullable=False),
    UniqueConstraint("plant", "number", name="one_row_a_plant_save"),
)
