"""The terms of a milestone, as a grant file has them, become `domain.grants.Terms`.

What a field alone cannot say (order of dates, target or change) is checked here, with file, line,
clause and field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from domain.errors import FileError
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
from domain.texts import N_
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

    def error(self, what: str, todo: str, **values: str | float) -> FileError:
        """`values`: those that the texts name, besides `milestone`."""
        return self.lines.error(self.path, what, todo, {"milestone": self.milestone, **values})


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
            path,
            N_("the end %(end)s is before the start %(start)s"),
            N_("Swap or correct the two days."),
            {"end": str(end), "start": str(start)},
        )


def _kpi_terms(terms: KpiTermsFile, place: MilestonePlace) -> KpiTerms:
    window = _window(terms.window, place.at("window"))
    baseline = None
    if terms.baseline is not None:
        baseline = DayRange(terms.baseline.start, terms.baseline.end)
        check_order(baseline.start, baseline.end, place.lines, place.at("baseline", "end").path)
    if (terms.target is None) == (terms.change is None):
        raise place.at("target").error(
            N_("milestone %(milestone)s needs either a target or a change, not both")
            if terms.target is not None
            else N_("milestone %(milestone)s needs either a target or a change, and has neither"),
            N_("Give target: with op:, or change: with baseline:."),
        )
    if (terms.change is None) != (baseline is None):
        raise place.at("baseline" if baseline else "change").error(
            N_("milestone %(milestone)s has a baseline without a change")
            if baseline
            else N_("milestone %(milestone)s has a change without a baseline"),
            N_("A change is measured against a baseline: give both or neither."),
        )
    if baseline and not isinstance(window, int) and baseline.end >= window.start:
        raise place.at("baseline", "end").error(
            N_("the baseline ends on %(end)s, not before the window starts on %(start)s"),
            N_("Give a baseline that is over when the window begins."),
            end=str(baseline.end),
            start=str(window.start),
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
                N_(
                    "milestone %(milestone)s asks for a change of %(change)s and for '%(op)s', "
                    "which contradict each other"
                ),
                N_("Leave op: out; a change of %(change)s means '%(derived)s'."),
                change=terms.change,
                op=str(terms.op),
                derived=derived,
            )
        return derived
    if terms.op is None:
        raise place.at("op").error(
            N_(
                "milestone %(milestone)s does not say whether the value has to be at least or at "
                "most the target"
            ),
            N_('Add op: ">=" or op: "<=".'),
        )
    return terms.op


def _output_terms(terms: OutputTermsFile, place: MilestonePlace) -> OutputTerms:
    if terms.window is not None:
        if terms.start or terms.end:
            raise place.at("window").error(
                N_("milestone %(milestone)s has days and a window"),
                N_("Give start: and end:, or window:."),
            )
        period = _window(terms.window, place.at("window"))
        return OutputTerms(terms.good_units, period, tuple(terms.window.shifts or ()))
    if terms.start is None or terms.end is None:
        raise place.at("end" if terms.start else "start").error(
            N_("milestone %(milestone)s does not say within which days the units have to be made"),
            N_("Add start: and end:, or window:."),
        )
    return OutputTerms(terms.good_units, _within_due(terms.start, terms.end, place.at("end")))


def _operating_terms(
    terms: OperatingTermsFile, place: MilestonePlace
) -> OperatingTerms | ProducingDaysTerms:
    per_month, months = terms.production_days_per_month, terms.months
    if per_month and months and terms.producing_days is None and terms.window is None:
        return OperatingTerms(per_month, months, tuple(terms.shifts or ()))
    if terms.producing_days is None or terms.window is None or per_month or months:
        raise place.error(
            N_(
                "milestone %(milestone)s does not say on how many days of which time the line has "
                "to produce"
            ),
            N_("Give production_days_per_month: with months:, or producing_days: with window:."),
        )
    if terms.shifts is not None:
        raise place.at("shifts").error(
            N_("milestone %(milestone)s has a window"), N_("Write shifts: inside window:.")
        )
    window = _window(terms.window, place.at("window"))
    longest = terms.window.production_days
    if isinstance(window, DayRange):
        longest = (window.end - window.start).days + 1
    if longest is not None and terms.producing_days > longest:
        raise place.at("producing_days").error(
            N_(
                "milestone %(milestone)s asks for %(count)s days with production in a window of "
                "%(longest)s days"
            ),
            N_("Correct one of the two."),
            count=terms.producing_days,
            longest=longest,
        )
    return ProducingDaysTerms(terms.producing_days, window, tuple(terms.window.shifts or ()))


def _window(given: WindowFile, place: MilestonePlace) -> WindowTerms:
    if given.end is not None:
        if given.start is None:
            raise place.at("start").error(
                N_("the window of milestone %(milestone)s has an end and no start"),
                N_("Add start:."),
            )
        return _within_due(given.start, given.end, place.at("end"))
    assert given.production_days is not None, "the field refuses a window with neither"
    if given.start is None:
        return given.production_days
    if given.start > place.due:
        raise place.at("start").error(
            N_(
                "the window of milestone %(milestone)s begins on %(start)s, after it is due on "
                "%(due)s"
            ),
            N_("Correct one of the two days."),
            start=str(given.start),
            due=str(place.due),
        )
    return FirstProductionDays(given.start, given.production_days)


def _within_due(start: date, end: date, place: MilestonePlace) -> DayRange:
    check_order(start, end, place.lines, place.path)
    if end > place.due:
        raise place.error(
            N_("the window of milestone %(milestone)s ends on %(end)s, after it is due on %(due)s"),
            N_("Correct one of the two days."),
            end=str(end),
            due=str(place.due),
        )
    return DayRange(start, end)
