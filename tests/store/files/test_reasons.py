"""The reason tree of plant.yaml."""

from __future__ import annotations

from pathlib import Path

import spoilt

from domain.plant import StopReason
from domain.reasons import kind_of, path_of, reason_named
from domain.states import ReasonKind
from store.files.plant import read_plant

FULL = (Path(__file__).parent / "examples" / "full-plant.yaml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> str:
    return spoilt.changed(FULL, old, new)


def test_reasons_are_a_tree_whose_kinds_are_inherited() -> None:
    plant = read_plant(FULL, "p")
    assert plant.reasons["jam"] == StopReason(
        "jam", {"en": "Jam"}, ReasonKind.BREAKDOWN, "mechanical", ("17", "JAM")
    )
    assert {name: node.kind.value for name, node in plant.reasons.items()} == {
        "mechanical": "breakdown",
        "jam": "breakdown",
        "bearing": "breakdown",
        "changeover": "setup",
        "format": "setup",
        "wash": "planned",
        "other": "unplanned",
    }
    assert reason_named(plant, "18") is plant.reasons["bearing"]  # a bare number is its text
    assert [node.id for node in path_of(plant, "JAM")] == ["mechanical", "jam"]
    assert kind_of(plant, "no such text") is ReasonKind.UNPLANNED
    assert plant.reasons["bearing"].name == {"en": "bearing"}


def test_reasons_may_be_deeper_than_two_levels() -> None:
    deep = changed("bearing: {codes: [18]}", "bearing: {reasons: {seal: {codes: [18]}}}")
    path = path_of(read_plant(deep, "p"), "18")
    assert [(node.id, node.kind.value) for node in path] == [
        ("mechanical", "breakdown"),
        ("bearing", "breakdown"),
        ("seal", "breakdown"),
    ]
