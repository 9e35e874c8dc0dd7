"""KPI rows a page at a time: each page reads the part of the window that it shows.

So a window that is too dear as a whole is answered in pages. A cursor is [number of the method,
start of the next row]: the rows of a method in the order of time, then those of the next one. The
part that a page reads is as long as its rows, and a little longer; what the end of the part may
have cut is left to the next page. Rows by product, and one row of all, have no order of time: they
are made whole, and a cursor is a position.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from analytics.kpi.periods import check_period
from analytics.kpi.row_columns import KpiRow
from analytics.methods import registry
from api.queries.kpis import KpiQuestion, kpi_rows
from api.queries.lines import Queries
from api.queries.prices import IN_TIME, LIMITS, Price, days_of_rows, kpis_price
from domain.errors import InputError
from domain.time import Window, instant, micros


@dataclass(frozen=True, slots=True)
class KpiPage:
    """What a page asks: `part` of the window, the rows of the method of that number, from that
    position on."""

    line: str
    whole: Window
    part: Window
    by: str | None
    methods: tuple[str, ...]
    method: int
    position: int
    limit: int

    def price(self, queries: Queries) -> Price:
        """Of this page alone."""
        return kpis_price(queries, self.line, self.part, self.by, self.methods)

    def rows(self, queries: Queries) -> tuple[list[KpiRow], list[int] | None]:
        """The page's rows, and the cursor of the page that follows, if one does."""
        question = KpiQuestion(self.line, self.part, self.by)
        (found,) = kpi_rows(queries, [question], self.methods, capability=True)
        if self.by not in IN_TIME:
            end = self.position + self.limit
            return found[self.position : end], [end] if end < len(found) else None
        rows = [it for it in found if it.method == self.methods[self.method]]
        is_last = self.part.end >= min(self.whole.end, queries.now())
        if not is_last:  # what the part's end cut belongs to the next page
            rows = [it for it in rows if it.window.end < self.part.end]
        given = _whole_periods(rows, self.limit)
        if given < len(rows):
            return rows[:given], [self.method, micros(rows[given].window.start)]
        if not is_last:
            ends = (it.window.start for it in found if it.window.end >= self.part.end)
            return rows, [self.method, micros(min(ends, default=self.part.end))]
        if self.method + 1 < len(self.methods):
            return rows, [self.method + 1, micros(self.whole.start)]
        return rows, None


def kpi_page(
    queries: Queries,
    question: KpiQuestion,
    method: Sequence[str],
    cursor: list[Any] | None,
    limit: int,
) -> KpiPage:
    """The page behind the cursor. Raises NotFoundError, InputError."""
    by, whole, methods = question.by, question.window, tuple(registry.chosen(method))
    check_period(by)
    _, line = queries.line(question.line)
    if by not in IN_TIME:
        position = 0 if cursor is None else _number(cursor, 1)[0]
        return KpiPage(question.line, whole, whole, by, methods, 0, position, limit)
    number, start_us = (0, micros(whole.start)) if cursor is None else _number(cursor, 2)
    if number >= len(methods) or not micros(whole.start) <= start_us < micros(whole.end):
        raise _of_another_list()
    start = instant(start_us)
    length = timedelta(days=min(days_of_rows(line, by, limit), LIMITS["kpis"].days))
    end = whole.end if whole.end - start <= length else start + length
    return KpiPage(question.line, whole, Window(start, end), by, methods, number, 0, limit)


def _whole_periods(rows: Sequence[KpiRow], limit: int) -> int:
    """How many rows of the first are a page: rows of one start are not torn apart."""
    if len(rows) <= limit:
        return len(rows)
    given = limit
    while given and rows[given].window.start == rows[given - 1].window.start:
        given -= 1
    if given:
        return given
    return sum(it.window.start == rows[0].window.start for it in rows)


def _number(cursor: list[Any], length: int) -> list[int]:
    if len(cursor) != length or not all(type(it) is int for it in cursor) or cursor[0] < 0:
        raise _of_another_list()
    return cursor


def _of_another_list() -> InputError:
    return InputError("the cursor is of another list", where="cursor", todo="Leave it out.")
