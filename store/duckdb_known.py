"""What a DuckDB store knew of a line at an earlier time: the batches received up to then.

The marks that make reading fast say nothing of when, so this reads the line's samples of one
batch set as they lie; it is for questions about the past, not for every page. Knows nothing of
corrections.
"""

from __future__ import annotations

from datetime import datetime

from domain.frames import HISTORY, LineHistory, check
from store.content import MACHINE_SPANS, line_history
from store.duckdb_file import DuckDBFile, query_frame

_KNOWN = "batch IN (SELECT id FROM batches WHERE received <= $4)"
# Every sample of a neighbour's microsecond: contradictions are settled by content, later.
_SAMPLES = f"""
WITH known AS (
    SELECT machine, signal, time, value, text, quality,
        CASE WHEN time < $2 THEN -1 WHEN time >= $3 THEN 1 ELSE 0 END AS side
    FROM samples WHERE line = $1 AND {_KNOWN}
)
SELECT machine, signal, time, value, text, quality FROM known
QUALIFY side = 0
    OR (side = -1 AND time = max(time) OVER (PARTITION BY machine, signal, side))
    OR (side = 1 AND time = min(time) OVER (PARTITION BY machine, signal, side))
"""
_SPANS = f"""
SELECT machine, "start", "end" FROM spans
WHERE line = $1 AND "end" >= $2 AND "start" <= $3 AND {_KNOWN}
"""


def known_history(
    file: DuckDBFile, line: str, start: datetime, end: datetime, known_at: datetime
) -> LineHistory:
    """Like the store's history, of the batches received up to `known_at` alone."""
    values = (line, start, end, known_at)
    with file.snapshot() as cursor:
        samples = query_frame(cursor, _SAMPLES, values)
        spans = query_frame(cursor, _SPANS, values)
    return line_history(
        line,
        start,
        end,
        check(samples, HISTORY, "samples"),
        check(spans, MACHINE_SPANS, "spans"),
    )
