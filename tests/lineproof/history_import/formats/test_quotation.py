"""Quotation marks in rows: taken as they are, or told; no row is ever swallowed."""

from __future__ import annotations

import doctest

import pytest

from lineproof.history_import.formats import quotation
from lineproof.history_import.formats.quotation import (
    Fault,
    MarkError,
    OpenTextError,
    fields,
    mended,
)


def test_the_example_in_its_docstring() -> None:
    assert doctest.testmod(quotation).failed == 0


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('a,cap 12" jam', ["a", 'cap 12" jam']),
        ('a,12"', ["a", '12"']),
        ('a,"12"" jam, left"', ["a", '12" jam, left']),
        ('a, "jam" ,b', ["a", "jam", "b"]),
        ('a,"",', ["a", "", ""]),
        ("a,,", ["a", "", ""]),
    ],
)
def test_fields_of_a_row(line: str, found: list[str]) -> None:
    assert fields(line, ",") == found


def test_what_is_not_clear_is_no_row() -> None:
    with pytest.raises(MarkError, match='"hot" film'):
        fields('a,"hot" film,b', ",")
    with pytest.raises(OpenTextError):
        fields('a,"jam', ",")


def test_a_text_over_several_lines_keeps_the_rows_after_it_on_their_lines() -> None:
    done, rest = kept('1,"jam\nat ""cutter"""\n2,x\n')
    assert (done, rest) == ('1,"jam\nat ""cutter"""\n\n2,x\n', "")


def test_a_text_that_goes_on_in_the_next_block_waits_for_it() -> None:
    assert kept('1,x"\n2,"jam\n', is_end=False) == ('1,"x"""\n', '2,"jam\n')


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('1,"cap jam\n2,x\n3,"film torn\n', 7, "before line 8, which looks like a row"),
        ('1,"\n2,x\n3,"\n', 7, "before line 8"),
        ('1,x\n2,"jam\n', 8, "never ends"),
        ('1,"hot" film\n', 7, "not doubled"),
        ('1,"' + "more\n" * 300, 7, "within 200 lines"),
    ],
)
def test_rows_that_would_be_swallowed_are_told(text: str, line: int, what: str) -> None:
    found = mended(text, 7, ",", 2, is_end=True)
    assert isinstance(found, Fault)
    assert found.line == line
    assert what in found.what


def kept(text: str, *, is_end: bool = True) -> tuple[str, str]:
    found = mended(text, 7, ",", 2, is_end=is_end)
    assert not isinstance(found, Fault), found
    return found
