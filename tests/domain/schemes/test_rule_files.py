"""The rule files: every figure has a source, and what is wrong in a file is said with its place."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from domain.errors import InputError
from domain.schemes.rule_files import read_scheme, schemes

TEXT = (resources.files("domain.schemes") / "rules" / "nifs.yaml").read_text(encoding="utf-8")


def test_the_five_schemes_are_there() -> None:
    assert [it.name for it in schemes()] == ["MPUPS", "NIAS", "NIFS", "NITTP", "RTH"]


def test_the_figures_are_those_of_their_sources() -> None:
    """By hand from the sources, a figure each."""
    by_name = {it.name: it for it in schemes()}
    eased = by_name["NIAS"].rules[-1]
    assert eased.limits.cost_min_hkd is not None
    assert eased.limits.cost_min_hkd.value == 150_000_000
    assert eased.limits.cost_min_hkd.source.is_excerpt, "only an excerpt of it was read"
    assert [int(it.people.value) for it in eased.head_counts] == [36, 10]
    assert [len(it.head_counts) for it in by_name["NIAS"].rules] == [1, 2]
    patents = next(it for it in by_name["NIFS"].rules[-1].eligible if it.name == "patents")
    assert patents.ceiling_hkd is not None
    assert patents.ceiling_hkd.value == 250_000
    training = by_name["NITTP"].rules[-1].training
    assert training is not None
    assert (training.company_year_hkd.value, float(training.attendance.value)) == (250_000, 0.7)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("source: three}", "source: four}", "there is no source 'four'"),
        ("since: 2020-07-27", "since: 2025-07-27", "not in the order of their days"),
        ("since: 2020-07-27", "since: 27 July", "since"),
        ("zh-Hans: 再工业化资助计划", "de: Plan", "needs a text in each of"),
        ("{is: 24, source", "{is: -24, source", "months"),
        ("{is: 24, source", "{is: many, source", "months"),
        ("months:", "month:", "Did you mean 'months'?"),
        ("dated: 2020-07-27", "dated: 2020", "dated"),
    ],
)
def test_what_is_wrong_in_a_rule_file_is_said(old: str, new: str, says: str) -> None:
    assert old in TEXT
    with pytest.raises(InputError, match=re.escape(says)) as error:
        read_scheme(TEXT.replace(old, new), "nifs.yaml")
    assert "nifs.yaml, line" in str(error.value)
