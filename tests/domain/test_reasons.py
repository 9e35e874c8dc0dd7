"""From what a machine or a person says to a node of the plant's reason tree."""

from __future__ import annotations

from reason_tree import TREE, plant

from domain.reasons import kind_of, path_of, reason_named
from domain.states import ReasonKind

PLANT = plant()


def test_a_text_means_a_node_by_its_id_or_by_one_of_its_codes() -> None:
    assert reason_named(PLANT, "jam") is TREE["jam"]
    assert reason_named(PLANT, "E18") is TREE["jam"]
    assert reason_named(PLANT, "e18") is None


def test_a_text_that_means_none_is_unplanned() -> None:
    assert kind_of(PLANT, "L") is ReasonKind.PLANNED
    assert kind_of(PLANT, "film") is ReasonKind.UNPLANNED
    assert path_of(PLANT, "film") == ()


def test_the_path_leads_down_from_the_root() -> None:
    assert [node.id for node in path_of(PLANT, "E17")] == ["technical", "mechanical", "jam"]
    assert [node.id for node in path_of(PLANT, "format")] == ["format"]
