"""A report as the template takes it: all its texts in one language, as JSON has them.

The order of its parts is that of an officer's questions: what is it about, how do the milestones
stand, what is paid, then each milestone (`milestone_texts`), at last how to check it all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from analytics.methods import registry
from api.i18n import DASH, Language
from api.pages import labels
from api.pages.officer.grants import ShownMilestone, ShownProject, shown_milestone, shown_project_of
from domain.grants import Funding
from domain.texts import N_
from lineproof.dossier.report.content import ReportContent
from lineproof.dossier.report.milestone_texts import milestone_texts, target_text

Rows = list[list[str]]

_TITLE = N_("Milestone report")
_HEAD = {
    "project": N_("Project"),
    "company": N_("Company name"),
    "registration": N_("Business registration"),
    "plant": N_("Plant"),
    "lines": N_("Production lines"),
    "scheme": N_("Scheme"),
    "approved": N_("Approved on"),
    "period": N_("Project period"),
    "as_of": N_("As of"),
    "method": N_("Method"),
    "program": N_("Program"),
}
_PROGRAM = N_("Lineproof, version %(version)s")
_ZONED = N_("%(moment)s (%(zone)s)")
_LEAD = N_("As of %(time)s. Every verdict is computed from the measured data; none is typed in.")
_OVERVIEW = N_("Milestones")
_CAPTION = N_("Milestones of %(project)s, their terms and what the data say")
_COLUMNS = (N_("Milestone"), N_("Due"), N_("Verdict"), N_("Measured"), N_("Target"), N_("State"))
_CLAUSE = N_("Clause %(clause)s")
_BETWEEN = N_("between %(low)s and %(high)s")
_MEANINGS = N_("What the verdicts mean")

_FUNDING = N_("Funding")
_MONEY = {
    "approved_cost_hkd": N_("Approved cost"),
    "grant_hkd": N_("Grant"),
    "company_hkd": N_("Company"),
    "ceiling_hkd": N_("Ceiling"),
}
_SHARE = N_("The grant is %(share)s of the approved cost")
_RULE, _AND = N_("Rule: %(rule)s."), N_("; ")
_SPENT = N_("Spent and paid")
_SPENT_LEAD = N_("Figures that people attested with documents.")
_SPENT_COLUMNS = (N_("Category"), N_("Spent"), N_("Eligible"), N_("Paid by the company"))
_SPENDING = {
    "grant_hkd": N_("Grant on actual cost"),
    "share_hkd": N_("Company's share"),
    "own_hkd": N_("Its own money"),
    "disbursed_hkd": N_("Disbursed"),
    "refunded_hkd": N_("Refunded"),
    "open_hkd": N_("Open"),
}

_CONFLICTS = N_("Declared conflicts of interest")
_CONFLICT = N_("%(name)s declared a conflict of interest on %(moment)s.")
_CHECK = N_("How to check this report")
_CHECKS = (
    N_(
        "This report is a part of a dossier, a zip file with all that its figures rest on. The "
        "figures are those of verdicts.json in the dossier; the same file is attached to this PDF."
    ),
    N_(
        "Whoever has the dossier can check it without a network: with the program, by lineproof "
        "verify FILE.zip, or by opening verify.html in a browser and choosing the file. Both "
        "check every signature and digest, and compute every verdict anew from the facts."
    ),
    N_(
        "What is hashed and signed, to the last byte, is written in docs/evidence-format.md of "
        "the program, so that a stranger can check it with a program of their own."
    ),
    N_(
        "A digest below is the SHA-256 of the terms as they were agreed, or of the facts that the "
        "verdict rests on. Who has another digest has other terms or other facts."
    ),
)
_DIGESTS = N_("Digests of the terms and of the facts")
_DIGEST_COLUMNS = (N_("Milestone"), N_("Of what"), N_("Digest"))
_TERMS, _FACTS = N_("Terms"), N_("Facts")
_AS_OF = N_("As of %(time)s")
_FOOT = N_("Page %(page)s of %(pages)s")


def report_texts(content: ReportContent, language: Language) -> dict[str, Any]:
    found = content.found
    page = shown_project_of(found, None, language)
    shown: ShownProject = page["shown"]
    rows = [shown_milestone(it, language, found) for it in found.verdicts]
    return {
        "title": language.text(_TITLE),
        "reference": found.project.reference,
        "company": shown.company,
        "date": list(found.as_of.astimezone(UTC).timetuple()[:6]),
        "head": list(_head(content, shown, page["as_of"], language)),
        "lead": language.text(_LEAD, time=page["as_of"]),
        "counts": [
            {"status": status, "word": _word(status, language), "count": language.number(count)}
            for status, count in shown.counts
        ],
        "overview": _overview(content, rows, language),
        "funding": _funding(shown.funding, shown.rule, language),
        "spending": _spending(page["spending"], page["spending_said"], language),
        "milestones": [milestone_texts(it, content, language) for it in rows],
        "conflicts": _conflicts(content, language),
        "check": _check(rows, language),
        "as_of": language.text(_AS_OF, time=page["as_of"]),
        "page": language.text(_FOOT, page="{page}", pages="{pages}"),
    }


def _head(
    content: ReportContent, shown: ShownProject, as_of: str, language: Language
) -> Iterator[list[str]]:
    found = content.found
    methods = dict.fromkeys(
        getattr(it.milestone.terms, "method", registry.DEFAULT) for it in found.verdicts
    )
    values = {
        "project": found.project.reference,
        "company": shown.company,
        "registration": found.plant.business_registration or DASH,
        "plant": found.plant.id,
        "lines": shown.lines,
        "scheme": shown.scheme,
        "approved": language.day(found.project.approved_on),
        "period": shown.period,
        "as_of": language.text(_ZONED, moment=as_of, zone=found.plant.zone.key),
        "method": ", ".join(methods) or registry.DEFAULT,
        "program": language.text(_PROGRAM, version=content.program_version),
    }
    for name, value in values.items():
        yield [language.text(_HEAD[name]), value]


def _word(status: str, language: Language) -> str:
    return language.text(labels.VERDICTS[status][0])


def _overview(
    content: ReportContent, rows: list[ShownMilestone], language: Language
) -> dict[str, Any]:
    reference = content.found.project.reference
    there = dict.fromkeys(it.verdict.status.value for it in rows)
    return {
        "heading": language.text(_OVERVIEW),
        "caption": language.text(_CAPTION, project=reference),
        "columns": [language.text(it) for it in _COLUMNS],
        "rows": [
            {
                "id": it.milestone.id,
                "title": it.title,
                "clause": language.text(_CLAUSE, clause=it.milestone.clause),
                "due": it.due,
                "status": it.verdict.status.value,
                "word": _word(it.verdict.status.value, language),
                "value": it.value,
                "range": _range(it, language),
                "target": target_text(it, language) or DASH,
                "state": language.text(labels.MILESTONE_STATES[it.state]),
            }
            for it in rows
        ],
        "meanings": {
            "heading": language.text(_MEANINGS),
            "rows": [
                {
                    "status": it,
                    "word": _word(it, language),
                    "means": language.text(labels.VERDICTS[it][2]),
                }
                for it in labels.STATUS_ORDER
                if it in there
            ],
        },
    }


def _range(it: ShownMilestone, language: Language) -> str | None:
    low, high = it.verdict.low, it.verdict.high
    if low is None or high is None or it.show(low) == it.show(high):
        return None
    return language.text(_BETWEEN, low=it.show(low), high=it.show(high))


def _funding(paid: Funding, rule: list[str], language: Language) -> dict[str, Any]:
    share = None
    if paid.grant_hkd is not None and paid.approved_cost_hkd:
        part = paid.grant_hkd / paid.approved_cost_hkd
        share = {"part": part, "alt": language.text(_SHARE, share=language.percent(part))}
    return {
        "heading": language.text(_FUNDING),
        "amounts": [
            [language.text(word), language.money(getattr(paid, name))]
            for name, word in _MONEY.items()
        ],
        "share": share,
        "rule": language.text(_RULE, rule=language.text(_AND).join(rule)),
    }


def _spending(
    found: dict[str, Any] | None, said: list[str], language: Language
) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "heading": language.text(_SPENT),
        "lead": language.text(_SPENT_LEAD),
        "columns": [language.text(it) for it in _SPENT_COLUMNS],
        "rows": [
            [
                it["title"],
                *(
                    language.money(it[name])
                    for name in ("spent_hkd", "eligible_hkd", "by_company_hkd")
                ),
            ]
            for it in found["categories"]
        ],
        "amounts": [
            [language.text(word), language.money(found[name])] for name, word in _SPENDING.items()
        ],
        "says": said,
    }


def _conflicts(content: ReportContent, language: Language) -> dict[str, Any]:
    zone = content.found.plant.zone
    return {
        "heading": language.text(_CONFLICTS),
        "says": [
            language.text(_CONFLICT, name=it.author, moment=language.moment(it.declared_at, zone))
            for it in content.conflicts
        ],
    }


def _check(rows: list[ShownMilestone], language: Language) -> dict[str, Any]:
    return {
        "heading": language.text(_CHECK),
        "says": [language.text(it) for it in _CHECKS],
        "digests": language.text(_DIGESTS),
        "columns": [language.text(it) for it in _DIGEST_COLUMNS],
        "rows": [
            [it.milestone.id, language.text(word), digest]
            for it in rows
            for word, digest in (
                (_TERMS, it.milestone.terms_digest),
                (_FACTS, it.verdict.facts_digest),
            )
            if digest
        ],
    }
