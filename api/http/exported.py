"""Tables as the answer to a request: a file of the format that it asks for.

What is asked for is checked before any work. The tables are read, and a CSV file is written, in the
lane of long questions, whatever their price, so that no export is before a quick question; what is
dearer to make is made by a process of its own meanwhile. All of it ends when the client leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from starlette.requests import Request
from starlette.responses import Response

from api.exports import chart_files, csv_file, tables_pdf, workbook
from api.exports.maker_process import MakerProcess
from api.exports.tables import Tables
from api.http.lanes import Lanes, while_there
from api.http.long_answers import LongAnswer
from api.i18n import language_named
from api.queries.prices import Price
from domain.errors import InputError

FileFormat = Literal["csv", "xlsx", "pdf", "png", "svg"]
FILE_FORMATS: tuple[FileFormat, ...] = get_args(FileFormat)
_MEDIA_TYPES = {
    "csv": csv_file.CSV_TYPE,
    "xlsx": workbook.WORKBOOK_TYPE,
    "pdf": tables_pdf.PDF_TYPE,
    "png": "image/png",
    "svg": "image/svg+xml",
}
_PROCESS = MakerProcess()  # begun when somebody asks for a file that it makes


@dataclass(frozen=True, slots=True)
class AskedFile:
    """A format; which of the tables for CSV, which of the charts for a picture ("": the first)."""

    format: FileFormat
    name: str


def asked_file(request: Request) -> AskedFile:
    """From `format`, and `table` or `chart`, of the query string. Raises InputError."""
    given = request.query_params.get("format", "")
    for format_ in FILE_FORMATS:
        if given == format_:
            of = "chart" if format_ in ("png", "svg") else "table"
            return AskedFile(format_, request.query_params.get(of, ""))
    raise InputError(
        f"there is no export as '{given}'",
        where="format",
        todo=f"Use one of {', '.join(FILE_FORMATS)}.",
    )


async def exported(
    request: Request, lanes: Lanes, asked: AskedFile, price: Price, read: Callable[[], Tables]
) -> Response:
    """The file of the tables that `read` reads. Raises TooDearError, ComeAgainError,
    ClientDisconnect, InputError."""
    price.check()

    def made() -> tuple[Tables, LongAnswer]:
        tables = read()
        return tables, LongAnswer.of_parts(_parts(tables, asked), _MEDIA_TYPES[asked.format])

    tables, answer = await while_there(request, lanes.long.run(made))
    name = f"{tables.file_name}.{asked.format}"
    return answer.response(
        {
            "content-disposition": f'attachment; filename="{name}"',
            "content-language": tables.language,
            "cache-control": "no-store",
        }
    )


def _parts(tables: Tables, asked: AskedFile) -> Iterable[bytes]:
    zone, tag = tables.zone, tables.language
    if asked.format == "csv":
        return csv_file.csv_parts(tables.table(asked.name), zone, language_named(tag))
    if asked.format == "xlsx":
        return [_PROCESS.make(workbook.workbook, tables)]
    if asked.format == "pdf":
        return [_PROCESS.make(chart_files.pdf_with_charts, tables)]
    drawn = chart_files.chart_svg if asked.format == "svg" else chart_files.chart_png
    return [_PROCESS.make(drawn, tables.chart(asked.name), zone, tag)]
