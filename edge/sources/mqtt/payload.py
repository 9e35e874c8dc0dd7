"""What a device's payload says, as a document. Pure.

One field that is not written as JSON demands must not cost the others: a bare word in the place of
a value (`nan`, `-inf`, `.5`, `007`, `N/A`) or nothing at all becomes NaN, which no rule takes for a
number or a code. Bytes that are no UTF-8 become replacement characters, and line breaks within
texts are taken. What is not a document even then is refused, with a reason that has no positions,
so that it can be counted.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from device_profiles.model.addresses import MqttAddress, PayloadForm

# Larger than any Sparkplug birth certificate: one of 10,000 metrics has about 0.6 MB.
PAYLOAD_MAX_BYTES = 2_000_000
TOO_LARGE = f"the message is larger than {PAYLOAD_MAX_BYTES} bytes"
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


def by_form(addresses: Iterable[MqttAddress]) -> dict[PayloadForm | None, list[MqttAddress]]:
    """Those that are read of one document stand together."""
    groups: dict[PayloadForm | None, list[MqttAddress]] = {}
    for address in addresses:
        groups.setdefault(address.form, []).append(address)
    return groups


def document_reader(
    form: PayloadForm | None, addresses: Sequence[MqttAddress]
) -> Callable[[bytes], Any]:
    """What makes of a payload the document that these addresses, all of one form, are read of;
    None, where all that they read is the topic. It raises ValueError."""
    reading = [address for address in addresses if address.needs_document]
    if not reading:
        return lambda _: None
    nul_ended = any(address.nul_ended for address in reading)
    if form is not None:
        return partial(of_form, form=form, nul_ended=nul_ended)
    is_plain = all(address.plain for address in reading)
    return partial(document_of, nul_ended=nul_ended, plain=is_plain)


def of_form(payload: bytes, form: PayloadForm, *, nul_ended: bool) -> Any:
    """The document of a payload that is no JSON: a text without the white space around it, or a
    list of rows, which are objects by the names of their columns. Raises ValueError for what is not
    of that form."""
    text = (payload.rstrip(b"\x00") if nul_ended else payload).decode("utf-8-sig", "replace")
    if form.kind == "text":
        return text.strip()
    try:
        lines = list(
            csv.reader(io.StringIO(text, newline=""), delimiter=form.separator, strict=True)
        )
    except csv.Error as error:
        raise ValueError(f"the message is no csv: {error}") from None
    rows = [[cell.strip() for cell in line] for line in lines if any(cell.strip() for cell in line)]
    names: list[str] = []
    if form.header and rows:
        names = rows.pop(0)
        doubled = [name for name in names if name and names.count(name) > 1]
        if doubled:
            raise ValueError("the message's header has a name twice")
    return [_named(row, names) for row in rows]


def _named(row: list[str], names: list[str]) -> dict[str, str]:
    numbered = {str(place): cell for place, cell in enumerate(row, 1)}
    return {**numbered, **{name: cell for name, cell in zip(names, row, strict=False) if name}}


def _mended(part: re.Match[str]) -> str:
    text = part[0]
    if text == ":":
        return ":NaN"
    return text if text[0] == '"' or _LITERAL.fullmatch(text) else "NaN"
