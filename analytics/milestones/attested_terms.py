"""Terms whose figure people attest with documents: training, headcount, expenditure.

    30 people are to be trained: 12 on 3 March, 20 on 8 May      32 people; met on 8 May
    12 people are to be employed: 13 on 1 June, 11 on 1 July     11 people; not met

People trained and money spent add up; of people employed the last count holds. The figure is what
was attested up to the moment of the verdict and not withdrawn by then; the days are those of what
happened, not those of entering it. When it was entered last is told beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from analytics.milestones.case import Case, Goal
from analytics.milestones.sentences import late
from domain.attested_figures import AttestedFigure, AttestedKind, not_withdrawn, total
from domain.grants import AttestedTerms, Project, Reason, Verdict, VerdictStatus
from domain.schemes.spending import eligible_total

_SAYS: Mapping[str, Reason] = {
    "training": Reason("%(value)s people were trained; at least %(target)s are asked for."),
    "headcount": Reason("%(value)s people are employed; at least %(target)s are asked for."),
    "expenditure": Reason(
        "HK$ %(value)s of eligible expenditure are shown; at least HK$ %(target)s are asked for."
    ),
}


def judge_attested(case: Case, terms: AttestedTerms) -> Verdict:
    goal = Goal(terms.target, ">=")
    figures = _of_terms(case, terms)
    values = _values(case.project, terms, figures)
    value = values[-1][1] if values else 0.0
    met_on = _reached_since(values, goal)
    return Verdict(
        case.milestone,
        case.as_of,
        VerdictStatus.MET if met_on is not None else case.status_unless_met,
        value=value,
        low=value,
        high=value,
        target=terms.target,
        op=goal.op,
        met_on=met_on,
        reasons=tuple(_reasons(case, terms, figures, value, met_on)),
    )


def _of_terms(case: Case, terms: AttestedTerms) -> list[AttestedFigure]:
    """Those in force that the terms look at, by day: the milestone's; of expenditure also what
    names no milestone."""
    kind = AttestedKind(terms.kind)
    is_mine = (case.milestone.id, "") if kind is AttestedKind.EXPENDITURE else (case.milestone.id,)
    return sorted(
        (
            it
            for it in not_withdrawn([it for it in case.attested if it.attested_at <= case.as_of])
            if it.kind is kind and it.milestone in is_mine
        ),
        key=lambda it: (it.day or date.min, it.number),
    )


def _values(
    project: Project, terms: AttestedTerms, figures: Sequence[AttestedFigure]
) -> list[tuple[date, float]]:
    """What the figure came to with each entry, by day."""
    values = []
    for count, it in enumerate(figures, start=1):
        if terms.kind == "headcount":
            amount = it.amount
        elif terms.kind == "training":
            amount = total(figures[:count])
        else:
            amount = eligible_total(project, figures[:count], terms.category)
        values.append((it.day or date.min, float(amount)))
    return values


def _reached_since(values: Sequence[tuple[date, float]], goal: Goal) -> date | None:
    """The day from which on the goal is reached; None where it is not reached now."""
    since = None
    for day, value in values:
        since = (since or day) if goal.reached_by(value) else None
    return since


def _reasons(
    case: Case,
    terms: AttestedTerms,
    figures: Sequence[AttestedFigure],
    value: float,
    met_on: date | None,
) -> Iterator[Reason]:
    said: dict[str, str | float] = {"value": f"{value:,.10g}", "target": f"{terms.target:,.10g}"}
    yield Reason(_SAYS[terms.kind].message, said)
    if met_on is not None and met_on > case.milestone.due:
        yield late(met_on, case.milestone.due)
    if figures:
        last = max(it.attested_at for it in figures).astimezone(case.evidence.plant.zone)
        yield Reason(
            "Entries with documents: %(count)s; the last was attested on %(day)s.",
            {"count": len(figures), "day": last.date().isoformat()},
        )
    else:
        yield Reason("No figure with a document is attested yet.")
