"""Forms with a file: whatever the pieces in which they come, and whatever else comes instead."""

from __future__ import annotations

import itertools

import httpx
import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from api.http.form_parts import form_parts
from domain.errors import InputError

FILE = ("帳目 1.pdf", b"\r\n--x\r\n" + bytes(range(256)), "application/pdf")
MADE = httpx.Request("POST", "http://x", data={"kind": "帳目"}, files={"file": FILE})
TYPE, BODY = MADE.headers["content-type"], MADE.read()


def asked(pieces: list[bytes], kind: str = TYPE) -> Request:
    left = list(pieces)

    async def receive() -> Message:
        body = left.pop(0) if left else b""
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    headers = [(b"content-type", kind.encode())]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


async def told(request: Request) -> tuple[dict[str, bytes], str | None, bytes]:
    """The fields; name and bytes of the file."""
    fields, name, data = {}, None, b""
    async for part in form_parts(request):
        if part.file_name is None:
            fields[part.name] = part.data
        else:
            name, data = part.file_name, data + part.data
    return fields, name, data


@given(st.lists(st.integers(0, len(BODY)), max_size=6))
async def test_it_is_the_same_in_whatever_pieces_it_comes(cuts: list[int]) -> None:
    ends = sorted([0, *cuts, len(BODY)])
    pieces = [BODY[a:b] for a, b in itertools.pairwise(ends)]
    assert await told(asked(pieces)) == ({"kind": "帳目".encode()}, FILE[0], FILE[1])


@given(st.integers(0, len(BODY) - 4))
async def test_a_form_that_breaks_off_is_none(end: int) -> None:
    with pytest.raises(InputError, match="no form with a file"):
        await told(asked([BODY[:end]]))


@pytest.mark.parametrize(
    "kind",
    ["", "application/json", "multipart/form-data", "multipart/mixed; boundary=x", "a;b;c="],
)
async def test_another_body_is_none(kind: str) -> None:
    with pytest.raises(InputError, match="no form with a file"):
        await told(asked([BODY], kind))


@given(st.binary(max_size=300))
async def test_rubbish_is_told_as_such(data: bytes) -> None:
    with pytest.raises(InputError):
        await told(asked([b"--x\r\n" + data], "multipart/form-data; boundary=x"))


@pytest.mark.parametrize(
    ("data", "files", "says"),
    [
        ({}, [("a", FILE), ("b", FILE)], "one file at a time"),
        ({str(it): "x" for it in range(30)}, [("a", FILE)], "too many parts"),
        ({"kind": "x" * 3000}, [("a", FILE)], "too long"),
    ],
)
async def test_more_than_a_page_sends_is_refused(
    data: dict[str, str], files: list[tuple[str, tuple[str, bytes, str]]], says: str
) -> None:
    made = httpx.Request("POST", "http://x", data=data, files=files)
    with pytest.raises(InputError, match=says):
        await told(asked([made.read()], made.headers["content-type"]))


async def test_a_name_that_is_no_text_is_refused() -> None:
    body = BODY.replace(b'filename="', b'filename="\xff')
    with pytest.raises(InputError, match="no form with a file"):
        await told(asked([body]))
