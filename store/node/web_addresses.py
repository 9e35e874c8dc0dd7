"""Addresses of others that an administrator writes into a file."""

from __future__ import annotations

from urllib.parse import urlsplit


def is_web_address(address: str) -> bool:
    """Whether it is http or https with a host, without a name, password, question or fragment.

    >>> is_web_address("http://10.0.0.7:8080/tsr"), is_web_address("file:///etc/passwd")
    (True, False)
    """
    try:
        parts = urlsplit(address)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of the port, or of brackets
        return False
    is_text = address.isprintable() and " " not in address
    more = parts.query or parts.fragment or parts.username or parts.password
    return is_one and is_text and not more
