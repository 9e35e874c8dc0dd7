"""Facts come back from CSV to the bit; what was not written so is refused."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from analytics.milestones.evidence import facts_digest
from domain.errors import InputError
from domain.frames import FACTS, UTC_US
from lineproof.dossier.facts_csv import facts_csv, read_facts_csv

TEXTS = (None, "", "a", 'say "x"', "a,b", "zeile\nzwei", "線", "�", " ", "null", "=1+1")


def facts(rng: random.Random, rows: int = 40) -> pl.DataFrame:
    def value(kind: pl.DataType | type[pl.DataType]) -> Any:
        if rng.random() < 0.2:
            return None
        if kind == pl.Float64:
            return rng.choice((0.0, -0.0, 0.1 + 0.2, 1e-300, 1e300, rng.random(), 1 / 3))
        if kind == pl.Int64:
            return rng.choice((0, -1, 2**62, rng.randrange(10**9)))
        if kind == UTC_US:
            return datetime(1999, 1, 1, tzinfo=UTC) + timedelta(microseconds=rng.randrange(10**15))
        return date(2026, 2, 28) if kind == pl.Date else rng.choice(TEXTS)

    content = {name: [value(kind) for _ in range(rows)] for name, kind in FACTS.items()}
    return pl.DataFrame(content, schema=FACTS)


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_lost(seed: int) -> None:
    made = facts(random.Random(seed))
    data = facts_csv(made)
    read = read_facts_csv(data, "facts/x.csv")
    assert read.schema == FACTS
    assert facts_digest(read) == facts_digest(made)
    assert facts_csv(made.sample(fraction=1.0, shuffle=True, seed=seed)) == data


def test_no_facts_are_facts() -> None:
    assert read_facts_csv(facts_csv(FACTS.to_frame()), "x").height == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data[:-5],
        lambda data: data + b"x",
        lambda data: data.replace(b"line,start", b"start,line", 1),
        lambda data: data.replace(b"2026-02-28", b"28.2.2026", 1),
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: b"\xff\xfe" + data,
    ],
)
def test_what_was_not_written_so_is_refused(change: Any) -> None:
    data = facts_csv(facts(random.Random(1)))
    with pytest.raises(InputError, match=r"facts/x\.csv"):
        read_facts_csv(change(data), "facts/x.csv")
