"""Base64 in lines of text: of several ways to write the same bytes only the standard one counts.

So nobody makes another text of the same meaning out of a signed one (RFC 4648, sections 3.5 and 4).
"""

from __future__ import annotations

from base64 import b64decode, b64encode

_DIGITS_MAX = 19  # of a number that fits into 63 bits


def to_base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes | None:
    """The bytes; None where the text is not how they are written.

    >>> from_base64("AAE="), from_base64("AAF="), from_base64("AAE")
    (b'\\x00\\x01', None, None)
    """
    try:
        data = b64decode(text.encode("ascii"), validate=True)
    except ValueError:  # of the alphabet, of the padding, or no ASCII
        return None
    return data if to_base64(data) == text else None


def from_decimal(text: str) -> int | None:
    """A number as it is written in checkpoints and proofs: digits without leading zeroes.

    >>> from_decimal("0"), from_decimal("12"), from_decimal("012"), from_decimal("1_2")
    (0, 12, None, None)
    """
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS_MAX:
        return None
    return int(text) if str(int(text)) == text else None
