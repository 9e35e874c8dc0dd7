"""The tree as static files that anybody can mirror (C2SP tlog-tiles).

A *hash tile* has up to 256 hashes that stand beside one another at a height of the tree that is a
multiple of eight, an *entry bundle* the up to 256 leaves below a tile of level 0. What is full
never changes; of each level the last one may be partial, and is named by its width as well:

    tile/0/x001/x234/067        hashes of the leaves 315921152 to 315921407
    tile/1/000.p/17             17 hashes, each of 256 leaves
    tile/entries/000.p/3        the leaves 0 to 2, each behind its length in two bytes
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.errors import InputError

TILE_WIDTH = 256
TILE_LEVELS = 8  # levels of the tree in one of tiles
ENTRIES = "entries"
_LEVEL_MAX = 63
_LENGTH_BYTES = 2  # before each entry, the highest first
_PLACE = re.compile(r"((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?\Z")


@dataclass(frozen=True, slots=True)
class Tile:
    """`level` None: a bundle of entries. `number`: which of its level, from 0; `width`: how many
    hashes or entries it has."""

    level: int | None
    number: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Behind the log's prefix.

        >>> Tile(0, 1234067).path, Tile(None, 0, 3).path
        ('tile/0/x001/x234/067', 'tile/entries/000.p/3')
        """
        groups = [f"{self.number % 1000:03}"]
        rest = self.number // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03}")
            rest //= 1000
        part = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{ENTRIES if self.level is None else self.level}/{'/'.join(groups)}{part}"


def parse_tile(level: str, place: str) -> Tile:
    """The tile at `tile/<level>/<place>`. Raises InputError where no tile is named so."""
    found = _PLACE.match(place)
    if found is not None and (level == ENTRIES or (level.isascii() and level.isdigit())):
        number = int("".join(it.removeprefix("x") for it in found[1].split("/")))
        width = int(found[2]) if found[2] else TILE_WIDTH
        tile = Tile(None if level == ENTRIES else int(level), number, width)
        fits = (tile.level or 0) <= _LEVEL_MAX and (width < TILE_WIDTH or not found[2])
        if fits and tile.path == f"tile/{level}/{place}":
            return tile
    raise InputError(
        f"no tile is named 'tile/{level[:20]}/{place[:60]}'",
        todo="Write it as in tile/0/x001/067 or tile/entries/000.p/3 (C2SP tlog-tiles).",
    )


def tiles_of(size: int) -> Iterator[Tile]:
    """The hash tiles of a tree of `size` leaves."""
    level = 0
    while size:
        yield from (Tile(level, number) for number in range(size // TILE_WIDTH))
        if size % TILE_WIDTH:
            yield Tile(level, size // TILE_WIDTH, size % TILE_WIDTH)
        size, level = size // TILE_WIDTH, level + 1


def bundles_of(size: int) -> Iterator[Tile]:
    """The entry bundles of a tree of `size` leaves: as its tiles of level 0."""
    for tile in tiles_of(size):
        if tile.level == 0:
            yield Tile(None, tile.number, tile.width)


def is_within(tile: Tile, size: int) -> bool:
    """Whether a tree of `size` leaves has all that the tile has."""
    there = size >> (TILE_LEVELS * (tile.level or 0))
    return tile.number * TILE_WIDTH + tile.width <= there


def bundle_bytes(entries: Sequence[bytes]) -> bytes:
    """Each entry behind its length. Raises OverflowError for one of more than 65,535 bytes."""
    return b"".join(len(it).to_bytes(_LENGTH_BYTES, "big") + it for it in entries)
