"""Which addresses an administrator may write into a file."""

from __future__ import annotations

import pytest

from store.node.web_addresses import is_web_address


@pytest.mark.parametrize(
    "address",
    ["http://tsa.example", "https://tsa.example/tsr", "http://10.0.0.7:8080/w", "http://[::1]:1/"],
)
def test_http_with_a_host_is_one(address: str) -> None:
    assert is_web_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "", "tsa.example", "ftp://x", "file:///etc/passwd", "https://", "http://x:0", "http://x:99999",
        "http://[::1", "http://x/?a=b", "http://x/#a", "http://me@x", "http://me:secret@x",
        "http://x /a", "http://x/\u200e",
    ],
)  # fmt: skip
def test_anything_else_is_none(address: str) -> None:
    assert not is_web_address(address)
