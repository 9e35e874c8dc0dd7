"""Lists by cursor: every row once, whatever the page's size."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from api.http.paging import Page, decode_cursor, encode_cursor
from domain.errors import InputError

QUERY = b"line=a%20b"


def page(cursor: str | None, limit: int) -> Page:
    scope = {"type": "http", "server": ("node", 80), "path": "/rows", "headers": []}
    return Page(Request({**scope, "query_string": QUERY}), cursor, limit)


@given(st.integers(0, 30), st.integers(1, 12))
def test_every_row_comes_once(count: int, limit: int) -> None:
    rows, found, cursor = list(range(count)), [], None
    while True:
        answer = page(cursor, limit).of(rows)
        found += orjson.loads(answer.body)
        link = answer.headers.get("link")
        if link is None:
            break
        match = re.fullmatch(r'<(/rows\?.*)>; rel="next"', link)
        assert match is not None
        query = parse_qs(urlsplit(match[1]).query)
        assert query["line"] == ["a b"], "the rest of the question goes with it"
        (cursor,) = query["cursor"]
    assert found == rows


@given(st.lists(st.one_of(st.integers(-(2**40), 2**40), st.text(max_size=8)), max_size=4))
def test_a_cursor_keeps_its_key(key: list[Any]) -> None:
    assert decode_cursor(encode_cursor(key)) == key


@pytest.mark.parametrize("cursor", ["x", "????", "é", encode_cursor([])[:-1] + "!"])
def test_what_is_no_cursor_is_said(cursor: str) -> None:
    with pytest.raises(InputError, match="cursor"):
        page(cursor, 5).of([1, 2, 3])


@pytest.mark.parametrize("key", [["a"], [1, 2], [-1]])
def test_a_cursor_of_another_list_is_said(key: list[Any]) -> None:
    with pytest.raises(InputError, match="of another list"):
        page(encode_cursor(key), 5).of([1, 2, 3])
