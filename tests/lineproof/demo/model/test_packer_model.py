"""The packer's truth follows from the filler's: whoever stood first is the cause of the wait."""

from __future__ import annotations

import itertools

import pytest

from domain.states import MachineState
from lineproof.demo.model.behaviour import BEEF, PACKER_FULL, SEAFOOD, STOP_KINDS
from lineproof.demo.model.packer_model import CUPS_PER_CASE, PackerModel
from lineproof.demo.model.plant_model import BLOCK_US, PlantModel, Segment

ORIGIN = 1_700_000_000_000_000
OVERHAUL = (ORIGIN + 30 * BLOCK_US + 7_000, ORIGIN + 34 * BLOCK_US)
MODEL = PlantModel(ORIGIN, seed=3, schedule=((15, SEAFOOD), (23, BEEF)), overhaul_us=OVERHAUL)
PACKER = PackerModel(MODEL)
END = ORIGIN + 72 * BLOCK_US
STANDING = (MachineState.STOPPED, MachineState.FAULT)
PACKER_REASONS = {kind.packer_reason for kind in STOP_KINDS if kind.packer_reason}


@pytest.fixture(scope="module")
def packer() -> list[Segment]:
    return list(PACKER.segments(ORIGIN, END))


def _during(segments: list[Segment], us: int) -> Segment:
    return next(it for it in segments if it.start_us <= us < it.end_us)


def test_segments_follow_each_other_without_gaps(packer: list[Segment]) -> None:
    assert packer[0].start_us == ORIGIN
    assert packer[-1].end_us >= END
    assert all(a.end_us == b.start_us for a, b in itertools.pairwise(packer))
    assert all(segment.end_us > segment.start_us for segment in packer)


def test_any_stretch_is_told_as_the_whole_is(packer: list[Segment]) -> None:
    """Also one that begins in an hour into which a wait of the hour before reaches."""
    for hour in range(72):
        start_us = ORIGIN + hour * BLOCK_US
        for us in (start_us, start_us + 500_000, start_us + BLOCK_US // 3):
            part = list(PACKER.segments(us, us + 600_000_000))
            whole = [it for it in packer if it.end_us > us and it.start_us < us + 600_000_000]
            assert part == whole
            assert PACKER.at(us) == whole[0]


def test_wherever_the_filler_is_blocked_the_packer_stood_before_it(
    packer: list[Segment],
) -> None:
    blocked = [it for it in MODEL.segments(ORIGIN, END) if it.state is MachineState.BLOCKED]
    assert len(blocked) > 200
    for wait in blocked:
        cause = _during(packer, wait.start_us)
        assert wait.reason == PACKER_FULL
        assert cause.state in STANDING
        assert cause.reason in PACKER_REASONS
        assert wait.start_us - 2_500_000 <= cause.start_us < wait.start_us
        assert wait.start_us < cause.end_us < wait.end_us


def test_the_packer_stands_for_nothing_else(packer: list[Segment]) -> None:
    blocked = [it for it in MODEL.segments(ORIGIN, END) if it.state is MachineState.BLOCKED]
    assert sum(it.state in STANDING for it in packer) == len(blocked)


def test_a_starved_packer_waits_for_a_filler_that_stood_first(packer: list[Segment]) -> None:
    starved = [it for it in packer if it.state is MachineState.STARVED]
    assert len(starved) > 500
    for wait in starved:
        cause = MODEL.at(wait.start_us)
        assert cause.speed == 0.0
        assert cause.state is not MachineState.BLOCKED
        assert (
            cause.start_us <= wait.start_us - 2_000_000 or MODEL.at(cause.start_us - 1).speed == 0
        )


def test_setup_and_overhaul_are_the_whole_lines(packer: list[Segment]) -> None:
    for state in (MachineState.SETUP, MachineState.MAINTENANCE):
        ours = [(it.start_us, it.end_us) for it in packer if it.state is state]
        filler = [it for it in MODEL.segments(ORIGIN, END) if it.state is state]
        assert ours == [(it.start_us, it.end_us) for it in filler]
        assert ours


def test_cases_are_the_fillers_good_cups_and_come_while_it_packs(packer: list[Segment]) -> None:
    cases = [PACKER.counts(it.start_us)[0] for it in packer]
    assert cases == sorted(cases)
    for segment in packer:
        if segment.state is not MachineState.PRODUCING:
            last_us = min(segment.end_us, END) - 1
            assert PACKER.counts(last_us) == PACKER.counts(segment.start_us)
    assert cases[-1] == pytest.approx(MODEL.totals(END).good / CUPS_PER_CASE, abs=100)
