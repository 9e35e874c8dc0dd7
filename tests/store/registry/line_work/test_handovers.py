"""Handovers are kept as they were written and signed; what a check refuses is not kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from handed_over import END, FIGURES, START, hand_over, note, shift_of, signature

from domain.errors import InputError
from domain.handovers import HandedShift, Handover, Side
from domain.time import Window
from store.registry.line_work.handovers import figures_digest
from store.registry.registry import Registry

DAY = timedelta(days=1)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with closing(Registry(tmp_path / "registry.sqlite", tmp_path / "documents")) as found:
        yield found


def test_what_was_said_comes_back(registry: Registry) -> None:
    found = hand_over(registry, "filler-1", "wong", "chan", device="tablet-1")
    assert [(it.number, it.author, it.text, it.device) for it in found.notes] == [
        (1, "wong", "the belt slips", "tablet-1")
    ]
    assert found.signatures == (
        signature(Side.LEAVING, "wong", "tablet-1"),
        signature(Side.TAKING_OVER, "chan", "tablet-1"),
    )
    assert found.is_kept
    assert found.signatures[0].digest == figures_digest(FIGURES)
    assert not registry.handovers.of_shift(shift_of("filler-2")).signatures
    assert registry.recorded.count() == 3
    assert list(registry.recorded.faults()) == []


def test_shifts_of_which_people_said_something(registry: Registry) -> None:
    handovers = registry.handovers
    hand_over(registry, "filler-1", "wong", "chan")
    later = shift_of("filler-1", START + DAY)
    handovers.write(later, note("ho"), lambda _handover: None)
    assert handovers.shifts("filler-1", Window(START, START + 2 * DAY)) == [
        shift_of("filler-1"),
        later,
    ]
    assert handovers.shifts("filler-1", Window(START + DAY, END + DAY)) == [later]
    assert handovers.shifts("filler-2", Window(START, START + DAY)) == []


def test_a_shift_keeps_its_times_only_once_both_have_signed(registry: Registry) -> None:
    handovers, shift = registry.handovers, shift_of("filler-1")
    longer = HandedShift("filler-1", "overtime", Window(START, END + timedelta(hours=2)))
    handovers.write(shift, note("wong"), lambda _handover: None)
    assert handovers.of_shift(longer).shift == longer
    for side, author in ((Side.LEAVING, "wong"), (Side.TAKING_OVER, "chan")):
        handovers.sign(longer, signature(side, author), lambda _handover: None)
    assert handovers.of_shift(shift).shift == longer


def test_checks_are_given_what_there_is_and_keep_out_what_they_refuse(registry: Registry) -> None:
    handovers, shift, told = registry.handovers, shift_of("filler-1"), list[Handover]()

    def refuse(found: Handover) -> None:
        told.append(found)
        raise InputError("it cannot be so")

    kept = handovers.write(shift, note("wong"), lambda _handover: None)
    with pytest.raises(InputError):
        handovers.write(shift, note("chan"), refuse)
    with pytest.raises(InputError):
        handovers.sign(shift, signature(Side.LEAVING, "wong"), refuse)
    assert told == [kept, kept]
    assert handovers.of_shift(shift) == kept
