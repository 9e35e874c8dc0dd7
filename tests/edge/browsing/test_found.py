"""Values are told field by field, each as one short line."""

from __future__ import annotations

from edge.browsing.found import EXAMPLE_MAX, FIELDS_MAX, example, leaves


def test_each_field_has_its_pointer() -> None:
    document = {"em:0": {"a/b": 1, "m~n": [True, None]}, "empty": [], "": 2}
    fields = [
        ("/em:0/a~1b", 1), ("/em:0/m~0n/0", True), ("/em:0/m~0n/1", None), ("/empty", []), ("/", 2),
    ]  # fmt: skip
    assert leaves(document) == (fields, True)
    assert leaves(5) == ([("", 5)], True)


def test_there_are_not_more_than_can_be_looked_at() -> None:
    assert leaves(list(range(FIELDS_MAX)))[1]
    fields, is_all = leaves({"list": list(range(1_000_000))})
    assert (len(fields), is_all) == (FIELDS_MAX, False)


def test_an_example_is_one_short_line() -> None:
    assert example("a\n\tb") == "a b"
    assert [example(it) for it in (True, None, 2.5, [1, 2])] == ["true", "null", "2.5", "[1, 2]"]
    assert example(1) == "1"
    assert len(example("x" * 1_000_000)) == EXAMPLE_MAX
