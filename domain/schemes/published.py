"""What the Government published of its schemes as a whole, and its Blueprint's indicators.

They stand in `published.yaml`, each with its source and date. A portfolio shows them beside what it
knows of its own projects; nothing is computed from them. Read once; no other file, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from domain.plant import Text
from domain.schemes.rules import Source
from domain.yaml_text import Lines, load_yaml, validate_value

Unit = Literal["share", "hkd", "number", "decimal"]
_Day = Annotated[date, BeforeValidator(lambda it: date.fromisoformat(str(it)))]


@dataclass(frozen=True, slots=True)
class PublishedNumber:
    """`is_least`: "over" or "at least" so many."""

    value: int
    is_least: bool


@dataclass(frozen=True, slots=True)
class PublishedFigures:
    """Of a scheme as a whole on a day, or what it aims at by then. Amounts in HKD; None: not
    said."""

    on: date
    is_target: bool
    projects: PublishedNumber | None
    lines: PublishedNumber | None
    people: PublishedNumber | None
    grant_hkd: PublishedNumber | None
    source: Source


@dataclass(frozen=True, slots=True)
class Indicator:
    """`values`: one for each of the years; shares as fractions."""

    title: Text
    unit: Unit
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Indicators:
    """The reference indicators of the Blueprint."""

    years: tuple[int, ...]
    rows: tuple[Indicator, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Published:
    """`schemes`: by the scheme's name, in the order of days."""

    schemes: Mapping[str, tuple[PublishedFigures, ...]]
    indicators: Indicators


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _SourceFile(_Model):
    title: str
    dated: _Day
    excerpt: bool = False


class _NumberFile(_Model):
    is_: Annotated[int, Field(alias="is", ge=0)]
    more: bool = False


class _FiguresFile(_Model):
    on: _Day
    is_target: bool = False
    projects: _NumberFile | None = None
    lines: _NumberFile | None = None
    people: _NumberFile | None = None
    grant_hkd: _NumberFile | None = None
    source: str


class _IndicatorFile(_Model):
    title: dict[str, str]
    unit: Unit
    values: tuple[float, ...]


class _IndicatorsFile(_Model):
    source: str
    years: tuple[int, ...]
    rows: tuple[_IndicatorFile, ...]


class _PublishedFile(_Model):
    sources: dict[str, _SourceFile]
    schemes: dict[str, list[_FiguresFile]]
    indicators: _IndicatorsFile


@cache
def published() -> Published:
    """What comes with the program."""
    file = resources.files("domain.schemes") / "published.yaml"
    return read_published(file.read_text(encoding="utf-8"), "published.yaml")


def read_published(text: str, file: str) -> Published:
    """The text of such a file. Raises InputError for the first thing wrong, with file, line and
    field."""
    value, lines = load_yaml(text, file)
    model = validate_value(_PublishedFile, value, lines)
    sources = {name: Source(it.title, it.dated, it.excerpt) for name, it in model.sources.items()}
    years = model.indicators.years
    for number, row in enumerate(model.indicators.rows):
        if len(row.values) != len(years):
            raise lines.error(
                ("indicators", "rows", number, "values"),
                f"{len(row.values)} values for {len(years)} years",
                "Give one for each year.",
            )
    schemes = {
        name: tuple(
            _figures(it, _source(sources, it.source, ("schemes", name, number, "source"), lines))
            for number, it in enumerate(figures)
        )
        for name, figures in model.schemes.items()
    }
    indicators = Indicators(
        years,
        tuple(Indicator(it.title, it.unit, it.values) for it in model.indicators.rows),
        _source(sources, model.indicators.source, ("indicators", "source"), lines),
    )
    return Published(schemes, indicators)


def _source(
    sources: Mapping[str, Source], name: str, path: tuple[str | int, ...], lines: Lines
) -> Source:
    if name not in sources:
        raise lines.error(path, f"there is no source '{name}'", f"Write one of {sorted(sources)}.")
    return sources[name]


def _figures(it: _FiguresFile, source: Source) -> PublishedFigures:
    def number(told: _NumberFile | None) -> PublishedNumber | None:
        return None if told is None else PublishedNumber(told.is_, told.more)

    return PublishedFigures(
        it.on,
        it.is_target,
        number(it.projects),
        number(it.lines),
        number(it.people),
        number(it.grant_hkd),
        source,
    )
