"""What `apply` says of a changed plant: each part by its name, exceptions with their author."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from store.files.plant import read_plant
from store.registry.change_sentences import plant_changes

PLANT = (Path(__file__).parents[1] / "files" / "examples" / "full-plant.yaml").read_text("utf-8")
OVERHAUL = "exception 2026-03-02T07:00+08:00 to 2026-03-02T15:00+08:00 planned_down"
SIGNED = f"{OVERHAUL} (annual overhaul), decided by Chan Tai Man on 2026-02-20"


def said(*changes: tuple[str, str]) -> list[str]:
    """What is said where the plant's text was changed so."""
    text = PLANT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return plant_changes(read_plant(PLANT, "old"), read_plant(text, "new"))


@pytest.mark.parametrize(
    ("change", "sentences"),
    [
        (("# Every field", "# All"), ["plant tko-foods: the text changed, its meaning did not"]),
        (("holidays: HK-general", "holidays: HK"), ["calendar two-shift: holidays changed"]),
        (("from: 2026-07-01, shifts", "from: 2026-07-02, shifts"), [
            "calendar two-shift: pattern from 2026-07-02: new",
            "calendar two-shift: pattern from 2026-07-01: removed",
        ]),
        (('"22:30"', '"22:00"'), ["calendar two-shift: pattern from 2026-07-01: changed"]),
        (("author: Chan Tai Man", "author: Wong Siu Ming"), [
            f"calendar two-shift: {SIGNED.replace('Chan Tai Man', 'Wong Siu Ming')}: new",
            f"calendar two-shift: {SIGNED}: removed",
        ]),
        ((", author: Chan Tai Man", ""), [
            f"calendar two-shift: {SIGNED.replace(' by Chan Tai Man', '')}: new",
            f"calendar two-shift: {SIGNED}: removed",
        ]),
        (("0.45}", "0.40}"), ["product juice-330: ideal_cycle_time_s from 2026-07-01: changed"]),
        (("ideal_cycle_time_s: 0.5,", "ideal_cycle_time_s: 0.6,"), [
            "product juice-330: ideal_cycle_time_s changed"
        ]),
        (('"17", JAM', '"19", JAM'), ["reason jam: codes changed"]),
        (("kind: breakdown", "kind: maintenance"), [
            "reason mechanical: kind changed",
            "reason jam: kind changed",
            "reason bearing: kind changed",
        ]),
        (("chatter_s: 2", "chatter_s: 3"), ["line filler-1: chatter_s changed"]),
        (("[filler, capper, checkweigher]", "[filler, capper]"), [
            "line filler-1: sequence changed"
        ]),
        (("max_rate_per_s: 4", "max_rate_per_s: 5"), [
            "line filler-1: counter total_count: max_rate_per_s changed"
        ]),
        (("lower_limit: 328", "lower_limit: 327"), [
            "line filler-1: measurement fill-weight: lower_limit changed"
        ]),
        (("      cap-torque:", "      cap-moment:"), [
            "line filler-1: measurement cap-moment: new",
            "line filler-1: measurement cap-torque: removed",
        ]),
        (("    calendar: two-shift", "    #"), [
            "calendar two-shift: removed",
            "line filler-1: calendar changed",
        ]),
    ],
)  # fmt: skip
def test_a_change_is_said_where_it_is(change: tuple[str, str], sentences: list[str]) -> None:
    assert said(change) == sentences


def test_a_calendar_of_two_lines_is_told_once() -> None:
    line = PLANT[PLANT.index("  filler-1:") :]
    two = PLANT + line.replace("  filler-1:", "  filler-2:")
    changed = two.replace("holidays: HK-general", "holidays: none", 1)
    assert plant_changes(read_plant(two, "p"), read_plant(changed, "p")) == [
        "calendar two-shift: holidays changed"
    ]


def test_exceptions_in_another_order_are_another_plan() -> None:
    first, second = re.findall(r"^ +- \{start: .*\n", PLANT, flags=re.MULTILINE)[:2]
    assert said((first + second, second + first)) == [
        "calendar two-shift: exceptions in another order"
    ]
