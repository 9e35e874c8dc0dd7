"""The page of limits says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.http.lanes import Lanes
from api.queries.prices import LIMITS, SAMPLES_MAX

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")
NUMBERS = re.findall(r"^\| (.+?) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|$", PAGE, re.MULTILINE)
LANES = re.findall(r"^\| `(\w+)` \| .+? \| ([\d,]+) \| ([\d,]+) \|$", PAGE, re.MULTILINE)


def test_the_table_of_prices_is_that_of_the_code() -> None:
    said = [tuple(int(number.replace(",", "")) for number in row[1:]) for row in NUMBERS]
    assert said == [(it.quick_days, it.days, it.rows) for it in LIMITS.values()]
    assert f"{SAMPLES_MAX:,} are the most" in PAGE


@pytest.mark.parametrize(("place", "kind"), list(enumerate(LIMITS)))
def test_each_row_names_its_question(place: int, kind: str) -> None:
    words = {"correction": "correction", "freeze": "freezing"}
    assert words.get(kind, kind) in NUMBERS[place][0]


async def test_the_table_of_lanes_is_that_of_the_code() -> None:
    lanes = Lanes()
    said = [(name, int(threads), int(may.replace(",", ""))) for name, threads, may in LANES]
    assert said == [(it.name, it.threads, it.waiting_max) for it in lanes.each]
    await lanes.close()
