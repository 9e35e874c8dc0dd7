"""Announcing a sample, entering its seed and its results, for HTTP and pages alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from api.queries.lines import Queries
from api.records.milestone_steps import author_named
from domain.access import Action, Caller, Place, ScopeKind
from domain.audit_samples import (
    USUAL_PRECISION,
    AuditSample,
    Precision,
    SampleItem,
    SampleResult,
    amount_named,
    check_known_on,
    check_period,
    check_public_value,
    check_result,
    check_seed,
    sample_size,
)
from domain.errors import InputError, NotAllowedError, NotFoundError, did_you_mean
from domain.grants import Project
from domain.milestone_states import ACCEPTING, ConflictOfInterest, StepTaken
from domain.texts import N_
from domain.time import Window
from store.registry.project_work.audit_samples import AuditSamples


@dataclass(frozen=True, slots=True)
class NewSample:
    """As somebody gives it; days as in 2026-03-31, both included."""

    scheme: str
    start: str
    end: str
    public_value: str
    known_on: str
    author: str
    precision: Precision = USUAL_PRECISION


@dataclass(frozen=True, slots=True)
class NewResult:
    """As somebody gives it; `amount_hkd` empty: unknown, or none."""

    project: str
    milestone: str
    is_error: bool
    author: str
    amount_hkd: str = ""
    note: str = ""


def may_of_scheme(caller: Caller, action: Action, scheme: str) -> bool:
    """Whether it may do that in the whole scheme, and not in some of its projects alone."""
    return caller.may(action, Place({ScopeKind.SCHEME: frozenset({scheme})}))


def check_scheme(caller: Caller, scheme: str) -> None:
    """Whether it may draw of the scheme. Raises NotAllowedError."""
    if not may_of_scheme(caller, Action.DRAW_SAMPLES, scheme):
        raise NotAllowedError(
            N_("'%(name)s' may not %(value)s '%(scheme)s'"),
            todo=N_("An officer of the whole scheme may."),
            values={"name": caller.name, "value": Action.DRAW_SAMPLES.value, "scheme": scheme},
        )


def samples_seen(caller: Caller, samples: AuditSamples) -> list[AuditSample]:
    """Those of the schemes that it sees as a whole."""
    return [it for it in samples.all() if may_of_scheme(caller, Action.SEE_CHECKS, it.scheme)]


def sample_numbered(caller: Caller, samples: AuditSamples, number: int) -> AuditSample:
    """Raises NotFoundError, also for one that it may not see."""
    found = {it.number: it for it in samples_seen(caller, samples)}
    if number not in found:
        raise NotFoundError(
            N_("there is no sample %(number)s"),
            todo=N_("See /api/v1/checks/samples for those there are."),
            values={"number": number},
        )
    return found[number]


def announce_sample(queries: Queries, samples: AuditSamples, new: NewSample) -> AuditSample:
    """Keep it, with the milestones accepted in its days. Raises InputError where it cannot be so,
    BusyError where somebody else was as quick."""
    projects = [it for it in queries.projects() if it.scheme == new.scheme]
    if not projects:
        known = sorted({it.scheme for it in queries.projects()})
        raise InputError(
            N_("there is no project of a scheme '%(scheme)s'"),
            where="scheme",
            todo=did_you_mean(new.scheme, known),
            values={"scheme": new.scheme},
        )
    now, author = queries.now(), author_named(new.author)
    start, end, known_on = (_day(getattr(new, name), name) for name in ("start", "end", "known_on"))
    today = _today(queries, projects)
    new.precision.check()
    check_known_on(known_on, today)
    population = tuple(sorted(_accepted(queries, projects, start, end)))

    def check(others: Sequence[AuditSample]) -> None:
        check_period(start, end, today, others)
        if not population:
            raise InputError(
                N_("no milestone of %(scheme)s was accepted from %(start)s to %(end)s"),
                where="start",
                todo=N_("Take a longer period."),
                values={"scheme": new.scheme, "start": str(start), "end": str(end)},
            )

    size = sample_size(max(len(population), 1), new.precision)
    public_value = check_public_value(new.public_value, "public_value")
    sample = AuditSample(
        0, new.scheme, start, end, population, new.precision, size, public_value, known_on,
        author, now,
    )  # fmt: skip
    return samples.announce(sample, check)


def enter_seed(
    queries: Queries, samples: AuditSamples, number: int, value: str, author: str
) -> AuditSample:
    """Keep what the public value was: the draw follows. Raises NotFoundError, InputError,
    BusyError."""
    told = check_public_value(value, "value")
    now = queries.now()

    def check(sample: AuditSample) -> None:
        projects = [it for it in queries.projects() if it.scheme == sample.scheme]
        check_seed(sample, _today(queries, projects))

    return samples.enter_seed(number, told, author_named(author), now, check)


def enter_result(
    queries: Queries, samples: AuditSamples, number: int, new: NewResult
) -> SampleResult:
    """Raises NotFoundError, InputError, NotAllowedError for who decided, BusyError."""
    result = SampleResult(
        number,
        0,
        SampleItem(new.project, new.milestone),
        new.is_error,
        amount_named(new.amount_hkd),
        new.note.strip(),
        author_named(new.author),
        queries.now(),
    )

    def check(
        sample: AuditSample, steps: Sequence[StepTaken], conflicts: Sequence[ConflictOfInterest]
    ) -> None:
        check_result(result, sample, steps, conflicts)

    return samples.enter_result(result, check)


def _accepted(
    queries: Queries, projects: Iterable[Project], start: date, end: date
) -> Iterable[SampleItem]:
    """Milestones that were accepted, in full or in part, on these days of their plant."""
    for project in projects:
        plant, _ = queries.project(project.reference)
        days = Window.of_days(start, max(start, end), plant.zone)
        ids = {it.id for it in project.milestones}
        taken = {
            it.milestone
            for it in queries.steps(project.reference)
            if it.step in ACCEPTING and days.start <= it.taken_at < days.end
        }
        yield from (SampleItem(project.reference, it) for it in taken & ids)


def _today(queries: Queries, projects: Iterable[Project]) -> date:
    """The day that it is by now where the projects' plants are; the later one if they differ."""
    zones = [queries.project(it.reference)[0].zone for it in projects]
    return max(queries.now().astimezone(it).date() for it in zones)


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InputError(
            N_("'%(text)s' is no day"),
            where=where,
            todo="Write it as 2026-03-31.",
            values={"text": text[:50]},
        ) from None
