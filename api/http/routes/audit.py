"""`GET audit`: who did what, when and from where; page by page, or all of it as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from api.http.audit_questions import AuditQuestion, AuditQuestionDep
from api.http.paging import PageDep, decode_cursor
from api.http.routes import PREFIX
from domain.errors import InputError
from store.registry.audit import entry_json

router = APIRouter(prefix=f"{PREFIX}/audit", tags=["audit"])
_COLUMNS = (
    "number", "at", "who", "address", "what", "place", "outcome", "count", "previous", "salt",
    "digest",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@")  # a spreadsheet would compute what begins so
_MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}


@router.get("", summary="Who did what, when and from where; the newest first")
def audit(
    asked: AuditQuestionDep,
    page: PageDep,
    format: Annotated[
        Literal["json", "csv", "ndjson"], Query(description="csv and ndjson: all, as a file")
    ] = "json",
) -> Response:
    if format != "json":
        lines = _csv(asked) if format == "csv" else _ndjson(asked)
        name = {"content-disposition": f'attachment; filename="audit.{format}"'}
        return StreamingResponse(lines, media_type=_MEDIA_TYPES[format], headers=name)
    before = None if page.cursor is None else _number(page.cursor)
    found = asked.audit.page(asked.wanted, before=before, limit=page.limit + 1)
    rows = [entry_json(it) for it in found[: page.limit]]
    return page.answer(rows, [rows[-1]["number"]] if len(found) > page.limit else None)


def _number(cursor: str) -> int:
    match decode_cursor(cursor):
        case [int(number)] if abs(number) < 2**62:
            return number
        case _:
            raise InputError("the cursor is of another list", where="cursor", todo="Leave it out.")


def _ndjson(asked: AuditQuestion) -> Iterator[bytes]:
    for entry in asked.audit.all(asked.wanted):
        yield orjson.dumps(entry_json(entry), option=orjson.OPT_APPEND_NEWLINE)


def _csv(asked: AuditQuestion) -> Iterator[str]:
    yield _row(list(_COLUMNS))
    for entry in asked.audit.all(asked.wanted):
        row = entry_json(entry)
        yield _row([_cell(row.get(it, "")) for it in _COLUMNS])


def _row(cells: list[Any]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
