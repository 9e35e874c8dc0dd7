"""What a device's payload says, as a JSON document. Pure.

One field that is not written as JSON demands must not cost the others: a bare word in the place of
a value (`nan`, `-inf`, `.5`, `007`, `N/A`) or nothing at all becomes NaN, which no rule takes for a
number or a code. Bytes that are no UTF-8 become replacement characters, and line breaks within
texts are taken. What is not a document even then is refused, with a reason that has no positions,
so that it can be counted.
"""

from __future__ import annotations

import json
import re
from typing import Any

# Texts first, so that nothing inside them is taken for a bare word.
_PARTS = re.compile(r'"(?:\\.|[^"\\])*"|[^\s,:\[\]{}"]+|:(?=\s*[,}])', re.DOTALL)
_LITERAL = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null", re.ASCII)


def document_of(payload: bytes, *, nul_ended: bool, plain: bool) -> Any:
    """The document; `nul_ended`: without NUL characters at its end; `plain`: what is no JSON is a
    text. Raises ValueError for a payload that is no document."""
    if nul_ended:
        payload = payload.rstrip(b"\x00")
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        text = payload.decode("utf-8", "replace")
    try:
        document = json.loads(_PARTS.sub(_mended, text), strict=False)
        if not isinstance(document, dict | list):  # the whole of it was one bare word
            raise json.JSONDecodeError("Expecting value", text, 0)
    except json.JSONDecodeError as error:
        if plain:
            return text.strip()
        raise ValueError(f"the message is no JSON: {error.msg}") from None
    except ValueError:  # a whole number of thousands of digits
        raise ValueError("the message is no JSON: a number is too long") from None
    except RecursionError:
        raise ValueError("the message is no JSON: it is nested too deeply") from None
    return document


def _mended(part: re.Match[str]) -> str:
    text = part[0]
    if text == ":":
        return ":NaN"
    return text if text[0] == '"' or _LITERAL.fullmatch(text) else "NaN"
