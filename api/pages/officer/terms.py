"""The terms of a milestone as an officer reads them: fields with words, numbers with units."""

from __future__ import annotations

from dataclasses import replace

from analytics.kpi.evaluation import KPIS
from analytics.kpi.words import metric_name
from analytics.methods.registry import METHODS
from api.i18n import DASH, Language
from api.pages import labels
from domain.grants import (
    AttestedTerms,
    CommissionedTerms,
    DayRange,
    DocumentTerms,
    FirstProductionDays,
    KpiTerms,
    OperatingTerms,
    OutputTerms,
    ProducingDaysTerms,
    Reason,
    Terms,
    WindowTerms,
    shifts_of,
)
from domain.texts import N_

_AT_LEAST, _AT_MOST = N_("at least %(target)s"), N_("at most %(target)s")
_BELOW, _ABOVE = N_("%(share)s below"), N_("%(share)s above")
_CHANGE, _BASELINE = N_("Change against the baseline"), N_("Baseline")
_PRODUCTION_DAYS = N_("%(count)s production days in a row")
_FIRST_DAYS = N_("the first %(count)s production days from %(start)s on")
_SHIFTS, _PRODUCING = N_("Shifts that count"), N_("Days with production")
_WITHIN_DAYS = N_("%(count)s days in a row")
_WINDOW, _COVERAGE = N_("Window"), N_("Coverage at least")
_METRIC, _TARGET = N_("Metric"), N_("Target")
_GOOD_UNITS, _PERIOD, _WITHIN = N_("Good units"), N_("Period"), N_("Within")
_MONTHS = N_("Months after the project")
_DAYS_A_MONTH = N_("Days with production, of each month")
_ATTESTED = {
    "training": N_("People trained"),
    "headcount": N_("People employed"),
    "expenditure": metric_name("expenditure"),
}
_CATEGORY = N_("Category")
_DOCUMENT, _METHOD = N_("Document"), N_("Method")


def metric_of(terms: Terms) -> str:
    """What the terms look at: a KPI's name, good_count, months, people or expenditure; "" for what
    has no figure."""
    if isinstance(terms, AttestedTerms):
        return "expenditure" if terms.kind == "expenditure" else "people"
    if isinstance(terms, OperatingTerms):
        return "months"
    if isinstance(terms, ProducingDaysTerms):
        return "production_days"
    if isinstance(terms, KpiTerms):
        return terms.metric
    return "good_count" if isinstance(terms, OutputTerms | CommissionedTerms) else ""


def value_text(metric: str, number: float | None, language: Language) -> str:
    """A number of that metric: ratios in per cent with two digits at the most, others with their
    unit."""
    if number is None:
        return DASH
    if metric in labels.SHARES:
        return language.ratio(number)
    if metric == "expenditure":
        return language.money(number)
    if metric in KPIS:
        return language.amount(language.significant(number), KPIS[metric].unit)
    return language.number(number)


def terms_fields(terms: Terms, language: Language) -> list[tuple[str, str]]:
    """Name and text of each field, in the order of reading."""
    say = language.text
    if isinstance(terms, KpiTerms):
        return _kpi_fields(terms, language)
    if isinstance(terms, OutputTerms):
        return [
            (say(_GOOD_UNITS), say(_AT_LEAST, target=language.number(terms.good_units))),
            (say(_PERIOD), window_text(terms.period, language)),
            *_shift_fields(terms, language),
        ]
    if isinstance(terms, CommissionedTerms):
        return [
            (say(_GOOD_UNITS), say(_AT_LEAST, target=language.number(terms.good_units))),
            (say(_WITHIN), say(_WITHIN_DAYS, count=language.number(terms.within_days))),
        ]
    if isinstance(terms, OperatingTerms):
        return [
            (say(_MONTHS), language.number(terms.months)),
            (say(_DAYS_A_MONTH), language.number(terms.production_days_per_month)),
            *_shift_fields(terms, language),
        ]
    if isinstance(terms, ProducingDaysTerms):
        return [
            (say(_PRODUCING), say(_AT_LEAST, target=language.number(terms.producing_days))),
            (say(_WINDOW), window_text(terms.window, language)),
            *_shift_fields(terms, language),
        ]
    if isinstance(terms, DocumentTerms):
        return [(say(_DOCUMENT), say(labels.DOCUMENTS.get(terms.document, terms.document)))]
    if isinstance(terms, AttestedTerms):
        target = say(_AT_LEAST, target=value_text(metric_of(terms), terms.target, language))
        return [(say(_ATTESTED[terms.kind]), target)] + (
            [(say(_CATEGORY), terms.category)] if terms.category else []
        )
    return [(name, str(value)) for name, value in terms.fields.items()]


def reason_text(reason: Reason, language: Language) -> str:
    """A sentence of a verdict, in which documents have their titles."""
    kind = reason.values.get("document")
    if isinstance(kind, str) and kind in labels.DOCUMENTS:
        reason = replace(reason, values=reason.values | {"document": labels.DOCUMENTS[kind]})
    return language.sentence(reason)


def days_text(days: DayRange, language: Language) -> str:
    return language.days(days.start, days.end)


def window_text(window: WindowTerms, language: Language) -> str:
    """A range of days, the first production days from a day on, or so many in a row."""
    if isinstance(window, DayRange):
        return days_text(window, language)
    if isinstance(window, FirstProductionDays):
        count, start = language.number(window.count), language.day(window.start)
        return language.text(_FIRST_DAYS, count=count, start=start)
    return language.text(_PRODUCTION_DAYS, count=language.number(window))


def _shift_fields(terms: Terms, language: Language) -> list[tuple[str, str]]:
    names = shifts_of(terms)
    return [(language.text(_SHIFTS), language.listed(names))] if names else []


def _kpi_fields(terms: KpiTerms, language: Language) -> list[tuple[str, str]]:
    say = language.text
    fields = [(say(_METRIC), say(metric_name(terms.metric)))]
    if terms.target is not None:
        target = value_text(terms.metric, terms.target, language)
        bound = _AT_LEAST if terms.op == ">=" else _AT_MOST
        fields.append((say(_TARGET), say(bound, target=target)))
    if terms.change is not None:
        change = say(
            _BELOW if terms.change < 0 else _ABOVE, share=language.ratio(abs(terms.change))
        )
        fields.append((say(_CHANGE), change))
    if terms.baseline is not None:
        fields.append((say(_BASELINE), days_text(terms.baseline, language)))
    fields.append((say(_WINDOW), window_text(terms.window, language)))
    fields += _shift_fields(terms, language)
    fields.append((say(_COVERAGE), language.ratio(terms.min_coverage)))
    fields.append((say(_METHOD), METHODS[terms.method].title))
    return fields
