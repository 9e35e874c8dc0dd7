"""Steps of milestones in a registry on a real SQLite file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from registered import (
    HOUR,
    LATER,
    NOW,
    apply_grant,
    apply_plant,
    let_in_beside,
    let_in_frozen,
)
from telemetry import facts

from domain.errors import BusyError, InputError
from domain.milestone_states import ConflictOfInterest, Step, StepTaken
from domain.time import Window
from store.registry.project_work.accepted_periods import FrozenCheck, facts_bytes
from store.registry.registry import Registry

REGISTRIES = ("sqlite", "postgresql")

REF = "NIFS-2025-017"
FIRST = StepTaken(REF, "M2", Step.SUBMIT, "Chan", NOW, "the report is done")
SECOND = replace(FIRST, step=Step.EXTEND, author="Ho", taken_at=LATER, due=date(2030, 1, 31),
                 verdict='{"status": "met"}')  # fmt: skip


def take(registry: Registry, step: StepTaken) -> None:
    registry.take.step(step, let_in_beside, {}, let_in_frozen)


def test_steps_are_kept_in_order_and_an_earlier_view_knows_the_earlier_ones(
    registry: Registry, tmp_path: Path, registry_place: Path | str
) -> None:
    other = replace(FIRST, milestone="M1")
    for step in (FIRST, other, SECOND):
        take(registry, step)
    take(registry, replace(FIRST, project="P-2"))
    assert registry.milestone_steps.of_project(REF) == [FIRST, other, SECOND]
    then = registry.as_known_at(NOW).milestone_steps
    assert then.of_project(REF) == [FIRST, other]
    assert registry.as_known_at(NOW - HOUR).milestone_steps.of_project(REF) == []
    registry.close()
    again = Registry(registry_place, tmp_path / "documents")
    assert again.milestone_steps.of_project(REF) == [FIRST, other, SECOND]
    assert list(again.recorded.faults()) == []
    again.close()


def test_the_check_is_given_the_milestones_own_steps_and_the_projects_conflicts(
    registry: Registry,
) -> None:
    declared = ConflictOfInterest(REF, "Mo", NOW, "a cousin")
    for it in (declared, replace(declared, project="P-2")):
        registry.take.conflict(it)
    for step in (FIRST, replace(FIRST, milestone="M1")):
        take(registry, step)
    seen: list[object] = []

    def refuse(steps: Sequence[StepTaken], conflicts: Sequence[ConflictOfInterest]) -> None:
        seen.extend([*steps, *conflicts])
        raise InputError("no")

    with pytest.raises(InputError, match="no"):
        registry.take.step(SECOND, refuse, {}, let_in_frozen)
    assert seen == [FIRST, declared]
    assert registry.milestone_steps.of_project(REF) == [FIRST, replace(FIRST, milestone="M1")]
    assert registry.milestone_steps.conflicts(REF) == [declared]
    assert registry.as_known_at(NOW - HOUR).milestone_steps.conflicts(REF) == []


def test_what_is_accepted_is_frozen_with_the_step_or_not_at_all(registry: Registry) -> None:
    start = NOW.replace(minute=0, second=0, microsecond=0) - 5 * HOUR
    windows = [Window(start, start + HOUR), Window(start + 2 * HOUR, start + 3 * HOUR)]
    accepted = {("filler-1", it): facts_bytes(facts([(it.start, it.end)])) for it in windows}
    accept = replace(FIRST, step=Step.ACCEPT)

    def refuse_second(window: Window) -> FrozenCheck:
        def check(earlier: Sequence[object]) -> None:
            if earlier:
                raise BusyError(f"{window} is frozen already")

        return check

    with pytest.raises(BusyError):
        registry.take.step(accept, let_in_beside, accepted, refuse_second)
    assert registry.records.frozen("filler-1") == []
    assert registry.milestone_steps.of_project(REF) == []
    registry.take.step(accept, let_in_beside, accepted, let_in_frozen)
    periods = registry.records.frozen("filler-1")
    assert [(it.window, it.author, it.frozen_at) for it in periods] == [
        (it, "Chan", NOW) for it in windows
    ]
    for period in periods:
        assert registry.records.frozen_facts(period)["start"].to_list() == [period.start]


def test_two_at_one_moment_do_not_both_take_a_step(
    registry: Registry, tmp_path: Path, registry_place: Path | str
) -> None:
    """Another process was quicker, between the check and the new row."""
    if not isinstance(registry_place, Path):
        pytest.skip("on PostgreSQL writers take turns, so nobody comes between")
    other = Registry(registry_place, tmp_path / "documents")

    def meanwhile(steps: Sequence[object], _conflicts: Sequence[object]) -> None:
        if not steps:
            take(other, replace(FIRST, author="quicker"))

    with pytest.raises(BusyError, match="somebody else"):
        registry.take.step(FIRST, meanwhile, {}, let_in_frozen)
    assert [it.author for it in registry.milestone_steps.of_project(REF)] == ["quicker"]
    other.close()


def test_who_took_a_step_is_not_erased_and_in_reasons_a_reference_stands(
    registry: Registry,
) -> None:
    zone = ZoneInfo("Asia/Hong_Kong")
    take(registry, replace(FIRST, author="Ho", reason="told by Lee Mei"))
    registry.take.conflict(ConflictOfInterest("P-2", "Wong", NOW, "a friend"))
    with pytest.raises(InputError, match=f"milestone M2 of project {REF} needs the name: their"):
        registry.people.erase("Ho", LATER, zone)
    with pytest.raises(InputError, match="project P-2 needs the name: the conflict of interest"):
        registry.people.erase("Wong", LATER, zone)
    (read,) = registry.milestone_steps.of_project(REF)
    assert read.reason == "told by Lee Mei"
    reference = registry.people.erase("Lee Mei", LATER, zone).reference
    (kept,) = registry.milestone_steps.of_project(REF)
    assert (kept.author, kept.reason) == ("Ho", f"told by {reference}")
    assert list(registry.recorded.faults()) == []


def test_an_extension_moves_the_due_day_of_the_project_from_then_on(registry: Registry) -> None:
    apply_plant(registry)
    apply_grant(registry)
    project = registry.projects.all()[0]
    first = project.milestones[0]
    step = replace(SECOND, project=project.reference, milestone=first.id)
    take(registry, step)
    moved = registry.projects.by_reference(project.reference).milestones[0]
    assert (moved.due, moved.agreed_due) == (date(2030, 1, 31), first.due)
    assert moved.terms_digest == first.terms_digest
    for at, due in ((LATER, moved.due), (LATER - timedelta(microseconds=1), first.due)):
        then = registry.as_known_at(at).projects.by_reference(project.reference)
        assert then.milestones[0].due == due
