"""The lines of a floor by the halls that they stand in. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.i18n import Language
from api.queries.live import Live
from domain.plant import text_in


@dataclass(frozen=True, slots=True)
class Hall:
    """`name` "": of lines whose hall nobody named."""

    name: str
    lives: tuple[Live, ...]


def by_hall(lives: Sequence[Live], language: Language) -> list[Hall]:
    """Halls in the order of the plants' files, each with its lines in theirs; lines without a hall
    last. Where lines of several plants are there, a hall is called by its plant as well."""
    plants = {live.plant for live in lives}
    groups: dict[str, list[Live]] = {}
    for live in lives:
        name = text_in(live.hall, language.tag)
        if name and len(plants) > 1:
            name = f"{name} · {live.plant}"
        groups.setdefault(name, []).append(live)
    named = sorted(groups.items(), key=lambda group: not group[0])  # those without stay last
    return [Hall(name, tuple(found)) for name, found in named]
