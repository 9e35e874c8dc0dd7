"""Messages of rows of columns, as loggers send them:

    2026-03-02T10:00:00;6;1204

Only what is surely so is taken for it: the same number of columns in each row, numbers among them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from device_profiles.model.addresses import PayloadForm
from edge.sources.mqtt.payload import of_form

_SEPARATORS: Final = (";", "\t", "|", ",")  # a comma last: it may be a decimal mark
_COLUMNS_MAX = 100
_LENGTH_MAX = 100_000  # bytes of a message that are looked at
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?", re.ASCII)


def csv_form(payload: bytes) -> PayloadForm | None:
    """How the columns are separated, and whether the first row names them; None: it has none.

    >>> csv_form(b"10:00;6;1204")
    PayloadForm(kind='csv', separator=';', header=False)
    >>> csv_form(b"state,good\\n6,1204")
    PayloadForm(kind='csv', separator=',', header=True)
    >>> csv_form(b"12,5") is None, csv_form(b"ready; steady") is None
    (True, True)
    """
    if len(payload) > _LENGTH_MAX:
        return None
    for separator in _SEPARATORS:
        form = PayloadForm("csv", separator)
        try:
            rows = [list(row.values()) for row in of_form(payload, form, nul_ended=True)]
        except ValueError:
            continue
        columns = {len(row) for row in rows}
        if len(columns) != 1 or not 2 <= columns.pop() <= _COLUMNS_MAX:
            continue
        if separator == "," and len(rows) == 1 and len(rows[0]) == 2 and ":" not in rows[0][0]:
            continue  # a number with a decimal comma, or a sentence, but no time before its value
        if _numbers(rows[-1]):
            return PayloadForm("csv", separator, header=_is_header(rows))
    return None


def named_columns(fields: Sequence[tuple[str, Any]], form: PayloadForm) -> list[tuple[str, Any]]:
    """Each column once: by its name where the first row has names, else by its number."""
    if not form.header:
        return list(fields)
    return [(pointer, value) for pointer, value in fields if not pointer[1:].isdecimal()]


def _numbers(row: Sequence[str]) -> int:
    return sum(_NUMBER.fullmatch(cell) is not None for cell in row)


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    first = rows[0]
    is_named = all(first) and len(set(first)) == len(first)
    return len(rows) > 1 and is_named and not _numbers(first)
