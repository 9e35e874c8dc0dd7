"""Tiles are named and filled as C2SP tlog-tiles says, whatever the size of the tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InputError
from domain.ledger.tiles import (
    TILE_WIDTH,
    Tile,
    bundle_bytes,
    bundles_of,
    is_within,
    parse_tile,
    tiles_of,
)

numbers = st.integers(0, 10**15)
tiles = st.builds(Tile, st.none() | st.integers(0, 63), numbers, st.integers(1, TILE_WIDTH))


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1234067), "tile/0/x001/x234/067"),  # the example of the specification
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 999), "tile/0/999"),
        (Tile(1, 1000, 17), "tile/1/x001/000.p/17"),
        (Tile(None, 0, 3), "tile/entries/000.p/3"),
    ],
)
def test_a_tile_has_a_path(tile: Tile, path: str) -> None:
    assert tile.path == path
    _, level, place = path.split("/", 2)
    assert parse_tile(level, place) == tile


@given(tiles)
def test_every_tile_is_found_by_its_path(tile: Tile) -> None:
    _, level, place = tile.path.split("/", 2)
    assert parse_tile(level, place) == tile


@pytest.mark.parametrize(
    ("level", "place"),
    [
        ("64", "000"), ("00", "000"), ("-1", "000"), ("", "000"), ("x", "000"), ("٣", "000"),
        ("Entries", "000"), ("0", ""), ("0", "0"), ("0", "0000"), ("0", "x000/000"),
        ("0", "001/000"), ("0", "x001"), ("0", "x001/x000"), ("0", "000.p/0"), ("0", "000.p/256"),
        ("0", "000.p/01"), ("0", "000.p/"), ("0", "000.p/3/"), ("0", "000.p/999"),
        ("0", "/000"), ("0", "000\n"),
        ("0", "../000"), ("0", "x001//000"), ("0", "00٣"), ("0", "x001/" * 6 + "000"),
    ],
)  # fmt: skip
def test_anything_else_names_none(level: str, place: str) -> None:
    with pytest.raises(InputError, match="no tile is named") as refused:
        parse_tile(level, place)
    assert refused.value.todo


def test_a_tree_of_70000_has_the_tiles_of_the_specification() -> None:
    found = list(tiles_of(70_000))
    full = [it for it in found if it.width == TILE_WIDTH]
    assert [sum(it.level == level for it in full) for level in (0, 1, 2)] == [273, 1, 0]
    assert [it for it in found if it.width < TILE_WIDTH] == [
        Tile(0, 273, 112),
        Tile(1, 1, 17),
        Tile(2, 0, 1),
    ]
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == []
    assert list(bundles_of(257)) == [Tile(None, 0), Tile(None, 1, 1)]


@given(st.integers(0, 200_000))
def test_tiles_have_every_leaf_once_and_nothing_more(size: int) -> None:
    found = list(tiles_of(size))
    assert sum(it.width for it in found if it.level == 0) == size
    for it in found:
        assert is_within(it, size)
        if it.width < TILE_WIDTH:
            assert not is_within(Tile(it.level, it.number, it.width + 1), size)


def test_a_bundle_has_each_entry_behind_its_length() -> None:
    assert bundle_bytes([]) == b""
    assert bundle_bytes([b"ab", b"", b"x" * 258]) == b"\0\2ab\0\0\1\2" + b"x" * 258
    assert len(bundle_bytes([b"x" * 65_535])) == 65_537
    with pytest.raises(OverflowError):
        bundle_bytes([b"x" * 65_536])
