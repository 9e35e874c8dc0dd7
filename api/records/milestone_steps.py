"""Taking a step of a milestone, for command line, HTTP and pages alike.

A decision keeps what the data say of the milestone at that moment. Accepting freezes, besides, the
facts of the days that the verdict stands on, on every line of the project, as far as they are not
frozen yet: the figures stay, and what would change them later is shown beside
(analytics.corrections.accepted_periods).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson

from analytics.corrections.accepted_periods import check_window, not_yet_frozen
from analytics.milestones.verdict import days_of_verdict
from api.documents.milestone_steps import AuthorOf, as_it_is, conflict_json, state_json, step_json
from api.documents.milestones import verdict_json
from api.documents.times import local_text
from api.queries.lines import Queries
from api.queries.prices import verdicts_price, window_price
from api.queries.verdicts import verdicts
from domain.errors import InputError, NotFoundError, did_you_mean
from domain.grants import Milestone, Project, Verdict
from domain.milestone_states import (
    ACCEPTING,
    DECIDING,
    ConflictOfInterest,
    Persons,
    StepTaken,
    check_reason,
    check_step,
    same_person,
    step_named,
)
from domain.plant import Plant
from domain.schemes.funding import funding, two_persons_decide
from domain.texts import N_
from domain.time import Window, midnight
from store.registry.project_work.accepted_periods import FrozenPeriod, facts_bytes, period_of
from store.registry.project_work.milestone_steps import TakingSteps

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_NAME_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class NewStep:
    """As somebody gives it: `due` a day as text, empty for none."""

    action: str
    author: str
    reason: str = ""
    due: str = ""


def take_step(
    queries: Queries, taking: TakingSteps, ref: str, milestone_id: str, new: NewStep
) -> dict[str, Any]:
    """Take it; its document, with the state that the milestone has then. Raises NotFoundError;
    StepNotAllowedError, NotAllowedError or InputError where it is refused; TooDearError where a
    verdict is; BusyError where somebody else was as quick."""
    still = queries.still()
    plant, project = still.project(ref)
    milestone = milestone_named(project, milestone_id)
    taken = StepTaken(
        ref,
        milestone.id,
        step_named(new.action),
        author_named(new.author),
        queries.now(),
        new.reason.strip(),
        _day(new.due),
    )
    two_decide = is_for_two_persons(still, plant, project)

    def check(steps: Sequence[StepTaken], conflicts: Sequence[ConflictOfInterest]) -> None:
        check_step(taken, Persons(steps, conflicts, two_decide), milestone.due)

    def check_frozen(window: Window) -> Callable[[Sequence[FrozenPeriod]], None]:
        return lambda earlier: check_window(
            window, plant.zone, [it.window for it in earlier], taken.taken_at
        )

    before = steps_of(still, ref, milestone.id)
    check(before, still.conflicts(ref))
    accepted: dict[tuple[str, Window], bytes] = {}
    kept = taken
    if taken.step in DECIDING:
        verdict = _verdict(still, project, milestone)
        if taken.step in ACCEPTING:
            accepted = _accepted(still, plant, project, verdict)
        kept = replace(taken, verdict=_kept(verdict, plant, accepted, taken))
    taking.step(kept, check, accepted, check_frozen)
    return step_json(kept, plant.zone) | {
        "allowed": state_json(milestone, [*before, kept], plant.zone)["allowed"]
    }


def steps_json(
    queries: Queries, ref: str, milestone_id: str, author: AuthorOf = as_it_is
) -> list[dict[str, Any]]:
    """All that was done with the milestone, the first step first."""
    plant, project = queries.project(ref)
    milestone = milestone_named(project, milestone_id)
    return [step_json(it, plant.zone, author) for it in steps_of(queries, ref, milestone.id)]


def declare_conflict(
    queries: Queries, taking: TakingSteps, ref: str, reason: str, author: str
) -> dict[str, Any]:
    """Keep that person out of the officers' steps of the project; what was declared. Raises
    NotFoundError, InputError, BusyError."""
    plant, _ = queries.project(ref)
    declared = ConflictOfInterest(ref, author_named(author), queries.now(), reason.strip())
    check_reason(declared.reason)
    if any(same_person(it.author, declared.author) for it in queries.conflicts(ref)):
        raise InputError(
            N_("'%(author)s' has declared a conflict of interest with %(ref)s already"),
            where="author",
            todo=N_("There is nothing left to do."),
            values={"author": declared.author, "ref": ref},
        )
    taking.conflict(declared)
    return conflict_json(declared, plant.zone)


def conflicts_json(queries: Queries, ref: str) -> list[dict[str, Any]]:
    """Those of the project, in the order in which they were declared."""
    plant, _ = queries.project(ref)
    return [conflict_json(it, plant.zone) for it in queries.conflicts(ref)]


def milestone_named(project: Project, identity: str) -> Milestone:
    """Raises NotFoundError with those that there are."""
    found = next((it for it in project.milestones if it.id == identity), None)
    if found is None:
        raise NotFoundError(
            N_("project %(reference)s has no milestone '%(identity)s'"),
            todo=did_you_mean(identity, [it.id for it in project.milestones]),
            values={"reference": project.reference, "identity": identity},
        )
    return found


def steps_of(queries: Queries, ref: str, milestone_id: str) -> list[StepTaken]:
    return [it for it in queries.steps(ref) if it.milestone == milestone_id]


def is_for_two_persons(queries: Queries, plant: Plant, project: Project) -> bool:
    """Whether who recommends a milestone of it may not decide it as well."""
    of_company = queries.projects_of_companies()[plant.id]
    return two_persons_decide(project, funding(project, of_company))


def _verdict(queries: Queries, project: Project, milestone: Milestone) -> Verdict:
    verdicts_price(queries, project, None).check()
    found = verdicts(queries, project.reference).verdicts
    return next(it for it in found if it.milestone.id == milestone.id)


def _accepted(
    queries: Queries, plant: Plant, project: Project, verdict: Verdict
) -> dict[tuple[str, Window], bytes]:
    """The facts that acceptance freezes: of days that have ended, and not frozen yet."""
    today = midnight(verdict.as_of.astimezone(plant.zone).date(), plant.zone)
    days = [Window.of_days(it.start, it.end, plant.zone) for it in days_of_verdict(verdict)]
    ended = [Window(it.start, min(it.end, today)) for it in days if it.start < today]
    found = {}
    for line in project.lines:
        frozen = [it.window for it in queries.frozen_periods(line)]
        for window in ended:
            for piece in not_yet_frozen(window, frozen):
                window_price("freeze", queries, piece).check()
                found[line, piece] = facts_bytes(queries.present_facts(line, piece))
                frozen.append(piece)
    return found


def _kept(
    verdict: Verdict,
    plant: Plant,
    accepted: dict[tuple[str, Window], bytes],
    taken: StepTaken,
) -> str:
    """What a decision keeps, as JSON: of the verdict all but what is the milestone's, and which
    periods were frozen by it."""
    told = verdict_json(verdict, plant.zone)
    for name in ("id", "clause", "title", "decision"):
        del told[name]
    told["frozen"] = [
        {
            "line": line,
            "start": local_text(window.start, plant.zone),
            "end": local_text(window.end, plant.zone),
            "facts_digest": period_of(line, window, data, taken.author, taken.taken_at).digest,
        }
        for (line, window), data in accepted.items()
    ]
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()


def author_named(name: str) -> str:
    """Raises InputError for nobody, and for a name that is too long."""
    found = name.strip()
    if not found:
        raise InputError(
            N_("nobody is named as the author"), where="author", todo=N_("Say who it is.")
        )
    if len(found) > _NAME_LENGTH_MAX:
        raise InputError(
            N_("the author's name has %(count)s characters"),
            where="author",
            todo=N_("Keep it within %(most)s."),
            values={"count": len(found), "most": _NAME_LENGTH_MAX},
        )
    return found


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        if _DAY.match(text.strip()):
            return date.fromisoformat(text.strip())
    except ValueError:
        pass  # the 30th of February
    raise InputError(
        N_("'%(text)s' is no day"),
        where="due",
        todo=N_("Write it as in 2027-03-31."),
        values={"text": text},
    )
