"""The `orders:` of plant.yaml: what is to be made on which line, and when.

Times without offset are in the plant's zone. Reads no files and no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import StringConstraints

from domain.errors import did_you_mean
from domain.plant import PlannedOrder
from domain.yaml_text import Lines
from store.files.fields import (
    NAME_LENGTH_MAX,
    FileModel,
    Identifier,
    LocalTime,
    PositiveNumber,
    read_window,
)

OrderName = Annotated[str, StringConstraints(min_length=1, max_length=NAME_LENGTH_MAX)]
_LENGTH_MAX = timedelta(days=366)


class OrderFile(FileModel):
    line: Identifier
    product: Identifier | None = None
    quantity: PositiveNumber
    start: LocalTime
    end: LocalTime


def read_orders(
    models: Mapping[str, OrderFile],
    line_ids: Collection[str],
    products: Collection[str],
    zone: ZoneInfo,
    lines: Lines,
) -> dict[str, PlannedOrder]:
    """The orders by their names. Raises InputError with file, line and field."""
    return {name: _order(name, it, line_ids, products, zone, lines) for name, it in models.items()}


def _order(
    name: str,
    model: OrderFile,
    line_ids: Collection[str],
    products: Collection[str],
    zone: ZoneInfo,
    lines: Lines,
) -> PlannedOrder:
    path = ("orders", name)
    for what, named, known in (
        ("line", model.line, line_ids),
        ("product", model.product, products),
    ):
        if named is not None and named not in known:
            raise lines.error(
                (*path, what),
                f"the {what} '{named}' is not in this file",
                did_you_mean(named, list(known)) or f"Add it under '{what}s'.",
            )
    window = read_window("order", model.start, model.end, zone, path, lines)
    if window.end - window.start > _LENGTH_MAX:
        raise lines.error(
            (*path, "end"),
            f"the order lasts longer than {_LENGTH_MAX.days} days",
            "Correct one of the two times, or make it several orders.",
        )
    return PlannedOrder(name, model.line, model.quantity, window, model.product)
