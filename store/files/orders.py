"""The `orders:` of plant.yaml: what is to be made on which line, and when.

Times without offset are in the plant's zone. Reads no files and no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import StringConstraints

from domain.plant import PlannedOrder
from domain.texts import N_
from domain.yaml_text import Lines
from store.files.fields import (
    NAME_LENGTH_MAX,
    FileModel,
    Identifier,
    LocalTime,
    PositiveNumber,
    not_in_file,
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
        (N_("line"), model.line, line_ids),
        (N_("product"), model.product, products),
    ):
        if named is not None and named not in known:
            raise not_in_file((*path, what), what, named, known, lines)
    window = read_window(N_("order"), model.start, model.end, zone, path, lines)
    if window.end - window.start > _LENGTH_MAX:
        raise lines.error(
            (*path, "end"),
            N_("the order lasts longer than %(days)s days"),
            N_("Correct one of the two times, or make it several orders."),
            {"days": _LENGTH_MAX.days},
        )
    return PlannedOrder(name, model.line, model.quantity, window, model.product)
