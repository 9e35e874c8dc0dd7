"""The terms of a milestone, as a grant file has them, become `domain.grants.Terms`.

What a field alone cannot say (order of dates, target or change) is checked here, with file, line,
clause and field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from domain.errors import InputError
from domain.grants import (
    AttestedTerms,
    CommissionedTerms,
    DayRange,
    DocumentTerms,
    FirstProductionDays,
    KpiTerms,
    OperatingTerms,
    Operator,
    OtherTerms,
    OutputTerms,
    ProducingDaysTerms,
    Terms,
    WindowTerms,
)
from domain.yaml_text import Lines, Path
from store.files.terms_file import (
    CommissionedTermsFile,
    DocumentTermsFile,
    ExpenditureTermsFile,
    KpiTermsFile,
    OperatingTermsFile,
    OutputTermsFile,
    PeopleTermsFile,
    TermsFile,
    WindowFile,
)


@dataclass(frozen=True, slots=True)
class MilestonePlace:
    """Where something of a milestone stands in the file; and the milestone's name and due day."""

    milestone: str
    due: date
    path: Path
    lines: Lines

    def at(self, *steps: str) -> MilestonePlace:
        return replace(self, path=(*self.path, *steps))

    def error(self, what: str, todo: str) -> InputError:
        return self.lines.error(self.path, what, todo)


def terms_of(terms: TermsFile, written: Mapping[str, Any], place: MilestonePlace) -> Terms:
    """The terms; `written`: as they stand in the file. Raises InputError for what does not go
    together."""
    if isinstance(terms, KpiTermsFile):
        return _kpi_terms(terms, place)
    if isinstance(terms, OutputTermsFile):
        return _output_terms(terms, place)
    if isinstance(terms, CommissionedTermsFile):
        return CommissionedTerms(terms.good_units, terms.within_days)
    if isinstance(terms, OperatingTermsFile):
        return _operating_terms(terms, place)
    if isinstance(terms, DocumentTermsFile):
        return DocumentTerms(terms.document)
    if isinstance(terms, PeopleTermsFile) and terms.people is not None:
        return AttestedTerms(terms.kind, terms.people)
    if isinstance(terms, ExpenditureTermsFile) and terms.amount_hkd is not None:
        return AttestedTerms(terms.kind, terms.amount_hkd, terms.category)
    fields = {key: item for key, item in written.items() if key != "kind"}
    return OtherTerms(terms.kind, fields)


def check_order(start: date, end: date, lines: Lines, path: Path) -> None:
    """Raises InputError for days the wrong way round; `path`: where the last one stands."""
    if end < start:
        raise lines.error(
            path, f"the end {end} is before the start {start}", "Swap or correct the two days."
        )


def _kpi_terms(terms: KpiTermsFile, place: MilestonePlace) -> KpiTerms:
    window, milestone = _window(terms.window, place.at("window")), place.milestone
    baseline = None
    if terms.baseline is not None:
        baseline = DayRange(terms.baseline.start, terms.baseline.end)
        check_order(baseline.start, baseline.end, place.lines, place.at("baseline", "end").path)
    if (terms.target is None) == (terms.change is None):
        raise place.at("target").error(
            f"milestone {milestone} needs either a target or a change, "
            f"{'not both' if terms.target is not None else 'and has neither'}",
            "Give target: with op:, or change: with baseline:.",
        )
    if (terms.change is None) != (baseline is None):
        raise place.at("baseline" if baseline else "change").error(
            f"milestone {milestone} has a {'baseline' if baseline else 'change'} without a "
            f"{'change' if baseline else 'baseline'}",
            "A change is measured against a baseline: give both or neither.",
        )
    if baseline and not isinstance(window, int) and baseline.end >= window.start:
        raise place.at("baseline", "end").error(
            f"the baseline ends on {baseline.end}, not before the window starts on {window.start}",
            "Give a baseline that is over when the window begins.",
        )
    return KpiTerms(
        metric=terms.metric,
        op=_op(terms, place),
        window=window,
        target=terms.target,
        change=terms.change,
        baseline=baseline,
        min_coverage=terms.min_coverage,
        method=terms.method,
        shifts=tuple(terms.window.shifts or ()),
    )


def _op(terms: KpiTermsFile, place: MilestonePlace) -> Operator:
    if terms.change:
        derived: Operator = ">=" if terms.change > 0 else "<="
        if terms.op not in (None, derived):
            raise place.at("op").error(
                f"milestone {place.milestone} asks for a change of {terms.change} and for "
                f"'{terms.op}', which contradict each other",
                f"Leave op: out; a change of {terms.change} means '{derived}'.",
            )
        return derived
    if terms.op is None:
        raise place.at("op").error(
            f"milestone {place.milestone} does not say whether the value has to be at least or at "
            "most the target",
            'Add op: ">=" or op: "<=".',
        )
    return terms.op


def _output_terms(terms: OutputTermsFile, place: MilestonePlace) -> OutputTerms:
    milestone = place.milestone
    if terms.window is not None:
        if terms.start or terms.end:
            raise place.at("window").error(
                f"milestone {milestone} has days and a window", "Give start: and end:, or window:."
            )
        period = _window(terms.window, place.at("window"))
        return OutputTerms(terms.good_units, period, tuple(terms.window.shifts or ()))
    if terms.start is None or terms.end is None:
        raise place.at("end" if terms.start else "start").error(
            f"milestone {milestone} does not say within which days the units have to be made",
            "Add start: and end:, or window:.",
        )
    return OutputTerms(terms.good_units, _within_due(terms.start, terms.end, place.at("end")))


def _operating_terms(
    terms: OperatingTermsFile, place: MilestonePlace
) -> OperatingTerms | ProducingDaysTerms:
    milestone, per_month, months = place.milestone, terms.production_days_per_month, terms.months
    if per_month and months and terms.producing_days is None and terms.window is None:
        return OperatingTerms(per_month, months, tuple(terms.shifts or ()))
    if terms.producing_days is None or terms.window is None or per_month or months:
        raise place.error(
            f"milestone {milestone} does not say on how many days of which time the line has to "
            "produce",
            "Give production_days_per_month: with months:, or producing_days: with window:.",
        )
    if terms.shifts is not None:
        raise place.at("shifts").error(
            f"milestone {milestone} has a window", "Write shifts: inside window:."
        )
    window = _window(terms.window, place.at("window"))
    longest = terms.window.production_days
    if isinstance(window, DayRange):
        longest = (window.end - window.start).days + 1
    if longest is not None and terms.producing_days > longest:
        raise place.at("producing_days").error(
            f"milestone {milestone} asks for {terms.producing_days} days with production in a "
            f"window of {longest} days",
            "Correct one of the two.",
        )
    return ProducingDaysTerms(terms.producing_days, window, tuple(terms.window.shifts or ()))


def _window(given: WindowFile, place: MilestonePlace) -> WindowTerms:
    if given.end is not None:
        if given.start is None:
            raise place.at("start").error(
                f"the window of milestone {place.milestone} has an end and no start", "Add start:."
            )
        return _within_due(given.start, given.end, place.at("end"))
    assert given.production_days is not None, "the field refuses a window with neither"
    if given.start is None:
        return given.production_days
    if given.start > place.due:
        raise place.at("start").error(
            f"the window of milestone {place.milestone} begins on {given.start}, after it is due "
            f"on {place.due}",
            "Correct one of the two days.",
        )
    return FirstProductionDays(given.start, given.production_days)


def _within_due(start: date, end: date, place: MilestonePlace) -> DayRange:
    check_order(start, end, place.lines, place.path)
    if end > place.due:
        raise place.error(
            f"the window of milestone {place.milestone} ends on {end}, after it is due on "
            f"{place.due}",
            "Correct one of the two days.",
        )
    return DayRange(start, end)
