"""The page of limits says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.http import bodies, password_check
from api.http.lanes import Lanes
from api.queries.prices import LIMITS, SAMPLES_MAX
from lineproof.run import connection
from store.archive import packed_documents as packed
from store.registry.project_work import attachments

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


def test_the_table_of_requests_is_that_of_the_code() -> None:
    assert f"a batch | {bodies.BYTES_MAX >> 10} KiB, else 413 |" in PAGE
    more = f"for each {bodies.BYTES_A_SECOND_MIN:,} bytes that have come, else 408"
    assert f"| {bodies.TIME_S:.0f} s, and a second more {more} |" in PAGE
    assert f"and {connection.HEAD_S:.0f} s since the connection" in PAGE
    assert f"between | {connection.TAKING_S:.0f} s |" in PAGE


def test_how_many_may_wait_to_sign_in_is_that_of_the_code() -> None:
    assert f"and {password_check.WAITING_MAX} may wait for it" in PAGE


def test_the_limits_of_documents_are_those_of_the_code() -> None:
    rows = {
        "an attached document": attachments.DOCUMENT_MAX_BYTES,
        "what a packed one (XLSX, DOCX, ODT, ODS) becomes, unpacked": packed.UNPACKED_MAX,
        "the list of its parts": packed._DIRECTORY_MAX,
        "a document packed within it": packed._INNER_MAX,
    }
    for row, limit in rows.items():
        assert f"| {row} | {limit:,} bytes |" in PAGE
