"""Every wrong file becomes one sentence with file, line, field and what to do."""

from __future__ import annotations

import time
from datetime import date
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, field_validator

from domain.errors import InputError
from domain.yaml_text import FILE_LENGTH_MAX, load_yaml, validate


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Kpi(Strict):
    kind: Literal["kpi"]
    metric: str


class Document(Strict):
    kind: Literal["document"]
    document: str


class Line(Strict):
    due: date
    calendar: str | None = None
    holidays: str | list[date] = "none"
    state: Literal["on", "off"] = "on"
    terms: Annotated[Kpi | Document, Field(discriminator="kind")] | None = None

    @field_validator("calendar")
    @classmethod
    def _lower(cls, value: str | None) -> str | None:
        if value is not None and not value.islower():
            raise ValueError(f"'{value}' must be in lower case")
        return value


class Plant(Strict):
    plant: str
    lines: Annotated[dict[str, Line], Field(min_length=1)]


GOOD = """\
plant: tko
lines:
  filler-1:
    due: 2026-03-02
    calendar: two-shift
    holidays: [2026-01-01]
    state: off
    terms: {kind: kpi, metric: oee}
"""


def error_of(text: str) -> str:
    with pytest.raises(InputError) as caught:
        validate(Plant, text, "plant.yaml")
    return str(caught.value)


def said_of(text: str) -> str:
    """What is said of the file; its name when all is well."""
    try:
        validate(Plant, text, "plant.yaml")
    except InputError as error:
        return str(error)
    return "plant.yaml"


def test_a_good_file_is_read() -> None:
    plant = validate(Plant, GOOD, "plant.yaml")
    assert plant.lines["filler-1"].due == date(2026, 3, 2)
    assert plant.lines["filler-1"].terms == Kpi(kind="kpi", metric="oee")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "calendar: two",
            "calender: two",
            "plant.yaml, line 5: field 'lines.filler-1.calender': unknown key. "
            "Did you mean 'calendar'?",
        ),
        (
            "metric: oee",
            "metrik: oee",
            "plant.yaml, line 8: field 'lines.filler-1.terms.metrik': unknown key. "
            "Did you mean 'metric'? (1 more problem in this file.)",
        ),
        (
            "kind: kpi",
            "kind: kpy",
            "plant.yaml, line 8: field 'lines.filler-1.terms.kind': "
            "must be one of 'kpi', 'document', not 'kpy'. Did you mean 'kpi'?",
        ),
        (
            "kind: kpi, ",
            "",
            "plant.yaml, line 8: field 'lines.filler-1.terms.kind': missing. Add it.",
        ),
        (
            "state: off",
            "state: of",
            "plant.yaml, line 7: field 'lines.filler-1.state': must be 'on' or 'off', not 'of'. "
            "Did you mean 'off'?",
        ),
        (
            "calendar: two-shift",
            "calendar: Two",
            "plant.yaml, line 5: field 'lines.filler-1.calendar': 'Two' must be in lower case",
        ),
        (
            "    due: 2026-03-02\n",
            "",
            "plant.yaml, line 3: field 'lines.filler-1.due': missing. Add it.",
        ),
        ("plant: tko", "plant: [tko]", "plant.yaml, line 1: field 'plant': a list should be a"),
        (
            "plant: tko",
            "plant: tko\nplant: kwun-tong",
            "plant.yaml, line 2: not valid YAML: the key 'plant' was given in line 1.",
        ),
        ("  filler-1:", "\tfiller-1:", "plant.yaml, line 3: not valid YAML: found character '\\t'"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old: str, new: str, message: str) -> None:
    assert old in GOOD
    assert error_of(GOOD.replace(old, new, 1)).startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "{a: 1, a: 2}",
        "b: {a: 1, a: 2}",
        "- {a: 1, 'a': 2}",
        '{a: 1, "\\x61": 2}',
        "{a: 1, !!str a: 2}",
        "{1: x, '1': y}",
        "{1: x, 0x1: y}",
        "{1: x, 1.0: y}",
        "{true: x, 'true': y}",
        "{~: x, null: y}",
        "{.nan: x, .nan: y}",
        "!!set {a, a}",
        "? a\n: 1\n? a\n: 2",
        "x: &x {a: 1, a: 2}\ny: *x",
        "a: {b: {c: 1, d: 2, c: 3}}",
    ],
)
def test_a_key_given_twice_is_told_however_it_is_written(text: str) -> None:
    with pytest.raises(InputError, match=r"x.yaml, line \d: .*the key '.*' was given in line \d"):
        load_yaml(text, "x.yaml")


@pytest.mark.parametrize("text", ["{a: {b: 1}, c: {b: 1}}", "[{a: 1}, {a: 1}]", "{a: 1, A: 2}"])
def test_the_same_key_in_two_places_is_none_given_twice(text: str) -> None:
    assert load_yaml(text, "x.yaml")[0]


@pytest.mark.parametrize(
    "text",
    [
        "a: !!int x",
        "a: !!int ''",
        "a: !!float y",
        "a: !!bool maybe",
        "a: !!binary zz",
        "a: !!timestamp 2026-99-99",
        "a: !!omap 5",
        f"a: {'9' * 5000}",
        f"a: 0x{'f' * 5000}",
        "a: !!int 1:30",
        "a: !!int " + "1:" * 400_000 + "1",  # to the base of 60, it would take hours
        "a: !!int 0b1",
        "[" * 5000,
        "a: &x {b: *x}",
        "a: \x00",
        "\ud800",
        "a: *b",
        "? [1]\n: 2",
        "--- 1\n--- 2",
    ],
)
def test_what_cannot_be_read_is_one_sentence(text: str) -> None:
    with pytest.raises(InputError, match=r"x.yaml.*: not valid YAML: ") as told:
        load_yaml(text, "x.yaml")
    assert len(str(told.value)) < 400


def bomb(first: str, step: str, levels: int = 30) -> str:
    """A file of some lines, each of which repeats the one before ten times."""
    lines = [f"x0: &x0 {first}"]
    for level in range(1, levels):
        repeated = [f"*x{level - 1}"] * 10
        inside = ", ".join(step.format(key, it) for key, it in enumerate(repeated))
        lines.append(f"x{level}: &x{level} " + ("{%s}" if ":" in step else "[%s]") % inside)
    return "\n".join(lines)


BOMBS = {
    "lists": bomb("lol", "{1}"),
    "mappings": bomb("lol", "k{0}: {1}"),
    "a long text": f"x: &x {'l' * (FILE_LENGTH_MAX // 100)}\ny: [{'*x, ' * 200}]",
    "an empty text": bomb("''", "{1}"),
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_few_aliases_do_not_stand_for_billions_of_values(text: str) -> None:
    with pytest.raises(InputError, match=r"x.yaml, line \d+: .*with what its aliases repeat, the "):
        load_yaml(text, "x.yaml")


def test_aliases_may_repeat_what_a_person_would_repeat() -> None:
    text = "a: &a {b: [1, 2]}\nc: [*a, *a]\nd: {e: *a}"
    assert load_yaml(text, "x.yaml")[0]["c"] == [{"b": [1, 2]}] * 2


def test_a_file_is_read_up_to_a_length() -> None:
    with pytest.raises(InputError, match=r"^x.yaml: the file has more than 1000000 characters"):
        load_yaml(" " * (FILE_LENGTH_MAX + 1), "x.yaml")


def test_of_very_many_problems_the_first_is_told_soon() -> None:
    text = "".join(f"k{number}: 1\n" for number in range(20_000))
    began_s = time.process_time()
    told = error_of(text)
    assert time.process_time() - began_s < 5
    assert told.startswith("plant.yaml, line 1: field 'k0': unknown key")
    assert "(20001 more problems in this file.)" in told


@pytest.mark.parametrize("text", ["", "- plant", "plant"])
def test_what_is_no_mapping_is_said_plainly(text: str) -> None:
    assert error_of(text).startswith("plant.yaml, line 1: must be keys with values, not ")


def test_what_must_not_be_empty_is_said_plainly() -> None:
    assert error_of("plant: p\nlines: {}") == (
        "plant.yaml, line 2: field 'lines': must not be empty"
    )


def test_yaml_1_1_surprises_stay_text() -> None:
    value, _ = load_yaml("{a: off, b: no, c: 07:00, d: 0123, e: 2026-01-01, f: <<}", "x.yaml")
    assert value == {"a": "off", "b": "no", "c": "07:00", "d": "0123", "e": "2026-01-01", "f": "<<"}


def test_numbers_truth_and_nothing_are_read_as_such() -> None:
    value, _ = load_yaml("{a: 12, b: -0.5, c: 1e3, d: true, e: null, f: .inf, g: 0x1F}", "x.yaml")
    expected = {"a": 12, "b": -0.5, "c": 1000.0, "d": True, "e": None, "f": float("inf"), "g": 31}
    assert value == expected
    assert isinstance(value["a"], int)


def test_however_long_keys_and_values_are_the_sentence_is_short() -> None:
    long = "Xy" * 2_000
    for text in (
        GOOD.replace("calendar: two-shift", f"calendar: {long}"),
        GOOD.replace("calendar: two-shift", f"{long}: 1"),
        GOOD.replace("state: off", f"state: {long}"),
    ):
        assert len(error_of(text)) < 800


def test_a_tag_cannot_run_code() -> None:
    with pytest.raises(InputError, match="could not determine a constructor"):
        load_yaml("a: !!python/object/apply:os.system [ls]", "x.yaml")


def test_lines_of_absent_keys_are_those_of_their_parent() -> None:
    _, lines = load_yaml(GOOD, "plant.yaml")
    assert lines.at(("lines", "filler-1", "holidays", 0)) == 6
    assert lines.at(("lines", "filler-1", "nothing", "here")) == 3
    assert str(lines.error(("lines", "x"), "unknown line", "Name one of filler-1.")) == (
        "plant.yaml, line 2: field 'lines.x': unknown line. Name one of filler-1."
    )


@given(st.text(max_size=60))
def test_no_text_makes_anything_but_an_input_error(text: str) -> None:
    assert said_of(text).startswith("plant.yaml")


@given(st.text(alphabet=st.sampled_from("abc:-[]{}&*!?|>'\"%@`#, \n\t0123456789.~<="), max_size=40))
def test_no_yaml_punctuation_makes_anything_but_an_input_error(text: str) -> None:
    assert said_of(text).startswith("plant.yaml")
