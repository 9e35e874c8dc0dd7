"""What the Government published, each with its source; and what such a file must not say."""

from __future__ import annotations

from datetime import date

import pytest

from domain.errors import InputError
from domain.schemes.published import published, read_published
from domain.schemes.rule_files import schemes


def test_figures_have_their_source_and_day() -> None:
    first, later, target = published().schemes["NIFS"]
    assert (first.on, first.lines and first.lines.value) == (date(2024, 12, 31), 90)
    assert first.lines is not None
    assert first.lines.is_least
    assert first.grant_hkd is not None
    assert (first.grant_hkd.value, first.grant_hkd.is_least) == (365_000_000, False)
    assert first.source.title == "Hong Kong Yearbook 2024, chapter 16"
    assert later.source.is_excerpt
    assert (target.is_target, target.lines and target.lines.value) == (True, 130)


def test_of_schemes_that_have_rules() -> None:
    assert set(published().schemes) <= {it.name for it in schemes()}


def test_the_blueprint_has_eight_indicators_over_four_years() -> None:
    of = published().indicators
    assert (of.years, len(of.rows)) == ((2016, 2022, 2027, 2032), 8)
    assert all(set(it.title) == {"en", "zh-Hant", "zh-Hans"} for it in of.rows)
    assert of.rows[-1].values == (0.012, 0.01, 0.015, 0.05)


GOOD = """
sources:
  book: {title: A book, dated: 2024-12-31}
schemes:
  NIFS:
    - {on: 2024-12-31, lines: {is: 90}, source: book}
indicators:
  source: book
  years: [2016, 2022]
  rows:
    - {title: {en: One}, unit: number, values: [1, 2]}
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("source: book}", "source: paper}", "there is no source 'paper'"),
        ("values: [1, 2]", "values: [1]", "1 values for 2 years"),
        ("is: 90", "is: -1", "lines"),
        ("unit: number", "unit: apples", "unit"),
        ("on: 2024-12-31", "on: soon", "on"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(old: str, new: str, says: str) -> None:
    read_published(GOOD, "published.yaml")
    with pytest.raises(InputError, match=says) as refused:
        read_published(GOOD.replace(old, new), "published.yaml")
    assert "published.yaml, line" in str(refused.value)
