"""What a plant file would change if it were saved: lines and machines, whose facts are computed
anew, which milestones rest on those, and which accepted periods stay as they are. Nothing is
written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from analytics.facts.line_digest import line_digest
from api.queries.lines import Queries
from domain.grants import Project
from domain.plant import Line, Plant
from store.registry.change_sentences import plant_changes

Member = TypeVar("Member")
Renamed = tuple[str, str]  # as it was, as it is


@dataclass(frozen=True, slots=True)
class Members:
    """Lines by name, or machines as `line/machine`."""

    added: Sequence[str]
    removed: Sequence[str]
    renamed: Sequence[Renamed]


@dataclass(frozen=True, slots=True)
class ForeseenChange:
    """`says`: as `lineproof apply` tells it. `anew`: lines whose stored facts are computed again.
    `milestones`: by project, those of lines that change in more than their names. `accepted`: how
    many accepted periods those lines have; they keep their figures."""

    says: Sequence[str]
    lines: Members
    machines: Members
    anew: Sequence[str]
    milestones: Sequence[tuple[str, Sequence[str]]]
    accepted: int


def foreseen(
    queries: Queries, old: Plant, new: Plant, projects: Iterable[Project]
) -> ForeseenChange:
    """From the version in force to the new one. `projects`: all that there are."""
    lines = _members(old.lines, new.lines, _unnamed)
    moved = dict(lines.renamed)
    machines = _machines(old, new, moved)
    both = [it for it in new.lines if it in old.lines]
    anew = [it for it in both if line_digest(old, it) != line_digest(new, it)]
    changed = {it for it in both if _unnamed(old.lines[it]) != _unnamed(new.lines[it])} | set(anew)
    changed |= set(lines.removed) | {before for before, _ in lines.renamed}
    milestones = [
        (it.reference, [each.id for each in it.milestones])
        for it in projects
        if it.plant == new.id and changed & set(it.lines)
    ]
    accepted = sum(len(queries.frozen_periods(it)) for it in sorted(changed) if it in old.lines)
    return ForeseenChange(plant_changes(old, new), lines, machines, anew, milestones, accepted)


def _unnamed(line: Line) -> Line:
    """Without what a new name changes by itself."""
    return replace(line, id="", name={}, hall={})


def _machines(old: Plant, new: Plant, moved: dict[str, str]) -> Members:
    """Of lines that were there before, also under another name."""
    added: list[str] = []
    removed: list[str] = []
    renamed: list[Renamed] = []
    for before, line in old.lines.items():
        after = moved.get(before, before)
        if after not in new.lines:
            continue
        found = _members(
            line.machines, new.lines[after].machines, lambda it: (it.profile, it.connection)
        )
        added += [f"{after}/{it}" for it in found.added]
        removed += [f"{before}/{it}" for it in found.removed]
        renamed += [(f"{before}/{a}", f"{after}/{b}") for a, b in found.renamed]
    return Members(added, removed, renamed)


def _members(
    old: Mapping[str, Member], new: Mapping[str, Member], what: Callable[[Member], object]
) -> Members:
    """One that is gone and one that is new count as renamed where `what` of both is the same."""
    gone = [it for it in old if it not in new]
    come = [it for it in new if it not in old]
    renamed: list[Renamed] = []
    for name in list(gone):
        same = next((it for it in come if what(new[it]) == what(old[name])), None)
        if same is not None:
            renamed.append((name, same))
            gone.remove(name)
            come.remove(same)
    return Members(come, gone, renamed)
