"""A table as CSV (RFC 4180): UTF-8 with a mark at the beginning, by which Excel knows it.

Numbers are written to the last digit, times in ISO 8601 with the plant's offset. A text that a
spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection); numbers
never do. What has no sign is written as its code, as on terminals.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from api.exports.tables import Table, Value, heading
from api.i18n import Language
from domain.texts import harmless_lines
from store.work import piece

CSV_TYPE = "text/csv; charset=utf-8"
_ROWS = 500  # at a time: between two such parts it may end
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # also those as wide as Chinese characters
_MARK = "\ufeff"


def csv_parts(table: Table, zone: ZoneInfo, language: Language) -> Iterator[bytes]:
    """The file, some rows at a time."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\r\n")
    lines.write(_MARK)
    writer.writerow([_text(heading(it, zone, language)) for it in table.columns])
    for first in range(0, len(table.rows), _ROWS):
        with piece():
            for row in table.rows[first : first + _ROWS]:
                writer.writerow([_cell(it, zone) for it in row])
            yield lines.getvalue().encode()
            lines.seek(0)
            lines.truncate()
    yield lines.getvalue().encode()


def _cell(value: Value, zone: ZoneInfo) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    return value.isoformat() if isinstance(value, date) else repr(value)


def _text(text: str) -> str:
    harmless = harmless_lines(text)
    return f"'{harmless}" if harmless.lstrip().startswith(_FORMULA) else harmless
