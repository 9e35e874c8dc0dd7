"""plant.yaml: what an integrator writes, to `domain.plant.Plant`.

Calendars, lines, orders and the reason tree have modules of their own; here they come together with
the company and the products. Says file, line and field of what is wrong. Reads no files and no
clock.
"""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from domain.plant import Confidential, CycleTimeChange, Plant, Product
from domain.texts import N_
from domain.yaml_text import Lines, load_yaml, validate_value
from store.files.calendars import CalendarFile, read_calendar
from store.files.fields import (
    NAME_LENGTH_MAX,
    Day,
    FileModel,
    Identifier,
    PositiveSeconds,
    Texts,
    plain_text,
    refuse_day_twice,
)
from store.files.lines import LineFile, check_line, read_line
from store.files.orders import OrderFile, OrderName, read_orders
from store.files.reasons import ReasonFile, read_reasons


class CompanyFile(FileModel):
    name: Texts
    business_registration: Annotated[str, Field(max_length=NAME_LENGTH_MAX)] = ""
    sector: Texts | None = None


class CycleTimeFile(FileModel):
    since: Annotated[Day, Field(alias="from")]
    ideal_cycle_time_s: PositiveSeconds


class ProductFile(FileModel):
    name: Texts | None = None
    ideal_cycle_time_s: PositiveSeconds
    ideal_cycle_times: list[CycleTimeFile] = Field(default_factory=list)


class PlantFile(FileModel):
    """plant.yaml, describes one plant: its calendars, products, lines and machines."""

    plant: Identifier
    timezone: str = "Asia/Hong_Kong"
    company: CompanyFile
    calendars: dict[Identifier, CalendarFile] = Field(default_factory=dict)
    products: dict[Identifier, ProductFile] = Field(default_factory=dict)
    reasons: dict[Identifier, ReasonFile] = Field(default_factory=dict)
    confidential: list[Confidential] = Field(default_factory=list)
    orders: dict[OrderName, OrderFile] = Field(default_factory=dict)
    lines: Annotated[dict[Identifier, LineFile], Field(min_length=1)]


def read_plant(text: str, file: str) -> Plant:
    """The text of a plant file as a Plant; `file` names it in errors.

    Raises InputError for the first thing wrong: one sentence with file, line and field.
    """
    value, lines = load_yaml(text, file)
    model = validate_value(PlantFile, value, lines)
    zone = _zone(model.timezone, lines)
    calendars = {
        name: read_calendar(name, calendar, zone, lines)
        for name, calendar in model.calendars.items()
    }
    for line_id, line in model.lines.items():
        check_line(line_id, line, calendars, model.products, lines)
    return Plant(
        id=model.plant,
        zone=zone,
        company=plain_text(model.company.name),
        business_registration=model.company.business_registration,
        sector=plain_text(model.company.sector or {}),
        products={name: _product(name, product, lines) for name, product in model.products.items()},
        lines={name: read_line(name, line, calendars) for name, line in model.lines.items()},
        reasons=read_reasons(model.reasons, lines),
        confidential=frozenset(model.confidential),
        orders=read_orders(model.orders, model.lines, model.products, zone, lines),
    )


def _zone(name: str, lines: Lines) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise lines.error(
            ("timezone",),
            N_("unknown time zone '%(name)s'"),
            N_("Write a name of the tz database, as in Asia/Hong_Kong."),
            {"name": name},
        ) from None


def _product(name: str, model: ProductFile, lines: Lines) -> Product:
    days = [change.since for change in model.ideal_cycle_times]
    refuse_day_twice(days, ("products", name, "ideal_cycle_times"), lines)
    return Product(
        id=name,
        name=plain_text(model.name or {"en": name}),
        ideal_cycle_time_s=model.ideal_cycle_time_s,
        changes=tuple(
            CycleTimeChange(change.since, change.ideal_cycle_time_s)
            for change in sorted(model.ideal_cycle_times, key=lambda change: change.since)
        ),
    )
