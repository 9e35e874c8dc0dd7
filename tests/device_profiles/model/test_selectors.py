"""Where a value stands: JSON Pointers, paths, and JMESPath within limits."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest

from device_profiles.model.selectors import MISSING, check_selector, selected

DOCUMENT: dict[str, Any] = {
    "values": [{"id": "a", "v": 1}, {"id": "b", "v": 2}],
    "a-b": {"c": [1, 2]},
    "none": None,
    "/x": 3,
}


@pytest.mark.parametrize(
    ("selector", "value"),
    [
        ("/values/1/v", 2),
        ("/~1x", 3),
        ("values[1].v", 2),
        ("values[-1].v", 2),
        ('"a-b".c[0]', 1),
        ("none", None),
        ("none.x", MISSING),
        ("values[2].v", MISSING),
        ("values[-3]", MISSING),
        ("values.v", MISSING),
        ("[0]", MISSING),
        ("values[?id=='b'].v | [0]", 2),
        ("values[?id=='c'].v | [0]", MISSING),
        ("max_by(values, &v).id", "b"),
        ("sum(values[].v)", 3),
        ("values[?v > `1`] | [0].id", "b"),
        ("values[?contains(id, 'b')].v | [0]", 2),
        ("not_null(nothing, values[0].v)", 1),
        ("sum(values)", MISSING),  # of objects
        ("ceil(none)", MISSING),
    ],
)
def test_what_a_selector_chooses(selector: str, value: Any) -> None:
    assert selected(DOCUMENT, check_selector(selector)) == value


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("em:0", "neither a JSON Pointer (RFC 6901), as in /em:0, nor a JMESPath expression"),
        ("a[", "nor a JMESPath"),
        ("$.a", "nor a JMESPath"),
        (".a", "nor a JMESPath"),
        ('"a\\x"', "nor a JMESPath|no name in quotation marks"),
        ("[a, b]", "[a, b] makes new ones"),
        ("{x: a}", "{a: b} makes new ones"),
        ("join(',', a)", "the function 'join' is none of"),
        ("map(&a, b)", "the function 'map'"),
        ("to_string(@)", "the function 'to_string'"),
        ("a[?b == `[1, 2]`]", "no lists, no objects"),
        ("'producing'", "is none of the machine"),
        ("state || 'producing'", "is none of the machine"),
        ("not_null(state, 'producing')", "is none of the machine"),
        ("a[*].not_null(`1`)", "is none of the machine"),
        ("a" * 501, "at most 500 characters"),
        ("a[?b]" + ".c[?d]" * 40, "costs too much"),
        ("a[?" * 25 + "b" + "]" * 25, "costs too much"),
        ("(" * 400 + "a" + ")" * 50, "nor a JMESPath"),
    ],
)
def test_what_chooses_no_value_is_refused(selector: str, message: str) -> None:
    with pytest.raises(ValueError, match="|".join(map(re.escape, message.split("|")))):
        check_selector(selector)


def test_a_path_does_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jmespath", None)
    assert selected({"only": {"a": [5]}}, "only.a[0]") == 5
    with pytest.raises(ImportError):
        selected({}, "only.a[?b]")


@pytest.mark.parametrize(
    "selector", ["[*][*][*]", "[][][]", "*.*.*", "[?a==b]", "[-1:]", "length(@)"]
)
@pytest.mark.parametrize("document", [None, 5, "x", [], [[[]]], {"a": {"b": {}}}, [None], True])
def test_no_document_makes_it_fail(selector: str, document: Any) -> None:
    selected(document, check_selector(selector))


def test_a_document_that_is_nested_deeply_makes_it_no_fault() -> None:
    deep: Any = {}
    for _ in range(50_000):
        deep = {"a": deep}
    assert selected([deep, deep], "[?@ == a]") in ([], MISSING)
