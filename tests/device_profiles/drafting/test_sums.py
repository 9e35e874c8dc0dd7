"""Counters of which one is the sum of two others."""

from __future__ import annotations

import pytest
from seen_machines import node_value

from device_profiles.drafting.candidates import looked_at
from device_profiles.drafting.proposing import name_of, proposals
from device_profiles.drafting.seen import SeenValue
from device_profiles.drafting.sums import sums

TOTAL, GOOD, REJECTS = (100, 104, 106, 110), (90, 93, 95, 98), (10, 11, 11, 12)
SEALER = (
    node_value("TS4/BZ_aktuell", 40),
    node_value("TS4/StatusWort1", 279),
    node_value("TS4/Takte seit Ölwechsel", 912, 914, 915, 917),
    node_value("TS4/Zähler/D4", *TOTAL),
    node_value("TS4/Zähler/D8", *GOOD),
    node_value("TS4/Zähler/D12", *REJECTS),
    node_value("TS4/Takte/min (soll)", 60.5),
    node_value("TS4/Takte/min (ist)", 60.5, 59.25),
)


def found(*values: SeenValue) -> list[tuple[str, str, str]]:
    return [
        (name_of(it.total.value), name_of(it.good.value), name_of(it.rejects.value))
        for it in sums([looked_at(it) for it in values])
    ]


def test_a_machine_whose_names_say_nothing_has_all_three_counts_by_their_sum() -> None:
    made = {it.signal: name_of(it.looked.value) for it in proposals(SEALER).chosen}
    assert made == {
        "state": "TS4/BZ_aktuell",
        "total_count": "TS4/Zähler/D4",
        "good_count": "TS4/Zähler/D8",
        "reject_count": "TS4/Zähler/D12",
        "speed": "TS4/Takte/min (ist)",
    }


def test_the_reasons_name_the_other_counters() -> None:
    reasons = {it.signal: it.reasons for it in proposals(SEALER).chosen}
    assert "is always D8 + D12" in reasons["total_count"]
    assert "with D8 is always D4" in reasons["reject_count"]


def test_the_names_say_which_part_is_which_even_where_most_are_rejects() -> None:
    values = (node_value("T", *TOTAL), node_value("NG", *GOOD), node_value("B", *REJECTS))
    assert found(*values) == [("T", "B", "NG")]
    named_good = (node_value("T", *TOTAL), node_value("A", *GOOD), node_value("OK parts", *REJECTS))
    assert found(*named_good) == [("T", "OK parts", "A")]


@pytest.mark.parametrize(
    ("total", "one", "other"),
    [
        pytest.param((100, 104, 106), (60, 62, 63), (40, 42, 43), id="two lanes of one line"),
        pytest.param((100, 104, 105, 106), (80, 92, 93, 95), (9, 10, 10, 11), id="at the end"),
        pytest.param((101, 104, 106), (100, 103, 105), (1, 1, 1), id="a number that stands still"),
        pytest.param((100, 104, 106), (100, 104, 106), (0, 0, 0), id="the same twice"),
        pytest.param((100, 104, 106), (90, 93, 95), (10, float("nan"), 11), id="no number"),
    ],
)
def test_no_sum(total: tuple[int, ...], one: tuple[int, ...], other: tuple[float, ...]) -> None:
    values = (node_value("T", *total), node_value("A", *one), node_value("B", *other))
    assert found(*values) == []


def test_rejects_that_stand_still_are_told_by_their_name() -> None:
    values = (node_value("T", 101, 104), node_value("A", 100, 103), node_value("Ausschuß", 1))
    assert found(*values) == [("T", "A", "Ausschuß")]


def test_a_word_of_bits_is_no_state_but_its_bits_may_be() -> None:
    made = proposals([node_value("A/StatusWort", 2, 6, 2), node_value("A/Good", 1, 2)])
    assert [it.signal for it in made.chosen] == ["good_count"]
    assert "the state may be in the bits of A/StatusWort: read them by 'bit'" in made.undecided
