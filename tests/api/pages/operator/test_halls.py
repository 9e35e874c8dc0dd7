"""Lines by halls."""

from __future__ import annotations

from dataclasses import replace

from api.i18n import language
from api.pages.operator.halls import by_hall
from api.queries.lines import Queries
from api.queries.live import live


def test_halls_in_the_order_of_the_file_and_lines_without_one_last(filled: Queries) -> None:
    one = live(filled, "filler-1")
    hall, packing = {"en": "Hall A", "zh-Hant": "甲廠房"}, {"en": "Packing"}
    lives = [
        replace(one, line="alone"),
        replace(one, line="packer", hall=packing),
        replace(one, line="a", hall=hall),
        replace(one, line="b", hall=hall),
    ]

    def told(tag: str, more: str = "") -> list[tuple[str, list[str]]]:
        others = [replace(one, line=more, hall=hall, plant="other")] if more else []
        found = by_hall([*lives, *others], language(tag))
        return [(it.name, [line.line for line in it.lives]) for it in found]

    assert told("en") == [("Packing", ["packer"]), ("Hall A", ["a", "b"]), ("", ["alone"])]
    assert told("zh-Hant")[1] == ("甲廠房", ["a", "b"])
    several = told("en", "c")
    assert several[1:3] == [("Hall A · tko-foods", ["a", "b"]), ("Hall A · other", ["c"])]
