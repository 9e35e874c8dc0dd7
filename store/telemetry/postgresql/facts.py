"""Facts in PostgreSQL: of each line under one specification, which is a derivation.

A replacement is one transaction that holds the lines' rows in `lines` until it ends, so of two
keepers that replace facts of the same line one waits for the other. Knows nothing of samples or of
what makes facts dirty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import polars as pl

from domain.frames import FACT_SUMS, FACTS, UTC_US, check
from domain.time import Window
from store.telemetry.fact_sums import sums_of
from store.telemetry.frames import FACT_KEYS
from store.telemetry.postgresql.database import Frames, PostgresDatabase
from store.telemetry.postgresql.schema import KEPT_FACTS
from store.telemetry.postgresql.shares import KeeperShares
from store.telemetry.protocol import CalendarPeriod, LineFacts

_TOLD = 128  # replacements of a line of which it is told which windows they replaced
_REPLACED = pl.Schema({"line": pl.String(), "number": pl.Int64(), "start": UTC_US, "end": UTC_US})


class PostgresFacts:
    """Thread-safe."""

    def __init__(self, database: PostgresDatabase, shares: KeeperShares) -> None:
        self._database = database
        self._shares = shares

    def replace(self, made: Sequence[LineFacts]) -> None:
        """See the protocol; the facts lie inside their windows."""
        made = sorted(made, key=lambda it: it.line)  # everybody takes the lines in this order
        with self._database.transaction() as frames:
            _cleared(frames, made)
            self._shares.check(frames, [it.line for it in made])
            derivations, anew = _derivations(frames, {it.line: it.spec for it in made})
            inside = [(derivations[it.line], window) for it in made for window in it.windows]
            frames.do(
                "DELETE FROM facts USING unnest({of}::integer[], {starts}::timestamptz[], "
                "{ends}::timestamptz[]) AS anew(its, low, high) "
                'WHERE derivation = its AND "start" >= low AND "end" <= high',
                of=[of for of, _ in inside],
                starts=[window.start for _, window in inside],
                ends=[window.end for _, window in inside],
            )
            facts = pl.concat([it.facts for it in made])
            of = np.array([derivations[it.line] for it in made], dtype=np.int32)
            rows = np.repeat(of, [it.facts.height for it in made])
            frames.insert(
                "facts",
                facts.select(pl.Series("derivation", rows), *map(pl.col, KEPT_FACTS.names())),
            )
            numbers = _counted(frames, [it.line for it in made if it.windows or it.line in anew])
            windows: list[tuple[str, int, datetime | None, datetime | None]] = []
            for it in made:
                if it.line in anew:
                    windows.append((it.line, numbers[it.line], None, None))
                else:
                    windows += [(it.line, numbers[it.line], w.start, w.end) for w in it.windows]
            frames.insert("replaced", pl.DataFrame(windows, _REPLACED, orient="row"))
            frames.do(
                "DELETE FROM replaced USING lines WHERE replaced.line = lines.line "
                "AND lines.line = ANY({lines}::text[]) AND number <= lines.facts - {told}",
                lines=[it.line for it in made], told=_TOLD,
            )  # fmt: skip

    def replaced_since(self, line: str, number: int) -> list[Window] | None:
        """See the protocol."""
        found = self._database.rows(
            "SELECT facts - {number} AS behind, NULL::timestamptz AS start, NULL::timestamptz AS "
            '"end" FROM lines WHERE line = {line} UNION ALL '
            'SELECT NULL, "start", "end" FROM replaced WHERE line = {line} AND number > {number}',
            line=line, number=number,
        )  # fmt: skip
        behind = next((behind for behind, *_ in found if behind is not None), 0)
        windows = [window for behind, *window in found if behind is None]
        if behind > _TOLD or any(start is None for start, _ in windows):
            return None
        return [Window(start, end) for start, end in windows]

    def read(
        self, specs: Mapping[str, str], start: datetime, end: datetime
    ) -> dict[str, pl.DataFrame]:
        """FACTS of each line made under its specification, of slices inside [start, end)."""
        found = self._found(specs, start, end).partition_by("line", as_dict=True, include_key=True)
        none = FACTS.to_frame()
        return {line: found.get((line,), none).sort(FACT_KEYS) for line in specs}

    def sums(
        self, specs: Mapping[str, str], start: datetime, end: datetime, period: CalendarPeriod
    ) -> pl.DataFrame:
        """See the protocol."""
        facts = self._found(specs, start, end)
        return FACT_SUMS.to_frame() if facts.is_empty() else sums_of(facts, period)

    def _found(self, specs: Mapping[str, str], start: datetime, end: datetime) -> pl.DataFrame:
        """FACTS of the lines, as they lie."""
        if not specs:
            return FACTS.to_frame()
        columns = ", ".join(f'facts."{name}"' for name in KEPT_FACTS.names())
        found = self._database.frame(
            f"SELECT line, {columns} FROM facts JOIN derivations ON derivations.id = derivation "
            "JOIN unnest({lines}::text[], {specs}::text[]) AS asked(its_line, its_spec) "
            "ON its_line = line AND its_spec = spec "
            'WHERE "start" >= {start} AND "end" <= {end}',
            lines=list(specs), specs=list(specs.values()), start=start, end=end,
        )  # fmt: skip
        return check(found.cast(FACTS), FACTS, "facts")


def _cleared(frames: Frames, made: Sequence[LineFacts]) -> None:
    """The marks that the facts follow are cleared; the lines' rows are held from here on."""
    frames.do(
        "INSERT INTO lines (line, cleared) SELECT * FROM "
        "unnest({lines}::text[], {clear}::bigint[]) ON CONFLICT (line) "
        "DO UPDATE SET cleared = greatest(lines.cleared, excluded.cleared)",
        lines=[it.line for it in made],
        clear=[it.clear for it in made],
    )


def _counted(frames: Frames, lines: Sequence[str]) -> dict[str, int]:
    """The number of this replacement for each of the lines."""
    rows = frames.read(
        "UPDATE lines SET facts = facts + 1 WHERE line = ANY({lines}::text[]) "
        "RETURNING line, facts",
        lines=lines,
    ).rows()
    return dict(rows)


def _derivations(frames: Frames, specs: Mapping[str, str]) -> tuple[dict[str, int], set[str]]:
    """The number of each line's derivation, and of which lines it is a new one. Facts of other
    specifications of these lines are gone."""
    rows = frames.read(
        "SELECT line, spec, id FROM derivations WHERE line = ANY({lines}::text[])",
        lines=list(specs),
    ).rows()
    known = {line: number for line, spec, number in rows if specs[line] == spec}
    stale = [number for line, spec, number in rows if specs[line] != spec]
    if stale:
        frames.do("DELETE FROM facts WHERE derivation = ANY({stale}::integer[])", stale=stale)
        frames.do("DELETE FROM derivations WHERE id = ANY({stale}::integer[])", stale=stale)
    new = {line for line in specs if line not in known}
    for line in new:
        (known[line],) = frames.read(
            "INSERT INTO derivations (line, spec) VALUES ({line}, {spec}) RETURNING id",
            line=line, spec=specs[line],
        )["id"]  # fmt: skip
    return known, new
