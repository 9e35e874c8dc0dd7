"""The milestones document of `lineproof milestones --json` and of the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from analytics.methods import registry
from api.documents.milestone_steps import state_json
from api.documents.terms_changes import terms_changes_json
from api.documents.times import local_text
from api.queries.lines import Queries
from api.queries.verdicts import RESTATED, ProjectVerdicts, restated, verdicts
from domain.attested_figures import AttestedFigure, AttestedKind
from domain.grants import (
    DayRange,
    Finding,
    Funding,
    ProductMix,
    Reason,
    Verdict,
)
from domain.schemes.spending import Spending
from domain.time import check_past, midnight


def verdict_json(
    given: Verdict, zone: ZoneInfo, say: Callable[[Reason], str] = str
) -> dict[str, Any]:
    """One milestone of the document; `say` puts a reason into the reader's language."""
    milestone = given.milestone
    return {
        "id": milestone.id,
        "clause": milestone.clause,
        "title": milestone.title,
        "kind": milestone.terms.kind,
        "due": milestone.due.isoformat(),
        "as_of": local_text(given.as_of, zone),
        "status": given.status.value,
        "decision": None,
        "method": getattr(milestone.terms, "method", registry.DEFAULT),
        "value": given.value,
        "low": given.low,
        "high": given.high,
        "target": given.target,
        "op": given.op,
        "coverage": given.coverage,
        "baseline_value": given.baseline_value,
        "window": _range_json(given.window),
        "met_on": given.met_on.isoformat() if given.met_on else None,
        "product_mix": given.product_mix and product_mix_json(given.product_mix),
        "forecast": given.forecast and asdict(given.forecast),
        "reasons": [say(reason) for reason in given.reasons],
        "flags": list(given.flags),
        "findings": [_finding_json(it, say) for it in given.findings],
        "evidence": {
            "terms_digest": milestone.terms_digest,
            "facts_digest": given.facts_digest,
            "checkpoint": None,
        },
    }


def product_mix_json(mix: ProductMix) -> dict[str, Any]:
    """The shares of the products in both windows, side by side; each 0 to 1, or null."""
    return {
        "moved_by": mix.moved_by,
        "products": [
            {"product": name, "baseline": asdict(share), "window": asdict(mix.window[name])}
            for name, share in mix.baseline.items()
        ],
    }


def milestones_document(
    queries: Queries,
    ref: str,
    as_of: datetime | None = None,
    say: Callable[[Reason], str] = str,
) -> dict[str, Any]:
    """The document of `lineproof milestones --json`; `say` translates the reasons. Raises
    NotFoundError; InputError for a time to come."""
    if as_of is not None:
        check_past(as_of, queries.now(), queries.project_zone(ref), "as_of")
    found = verdicts(queries, ref, as_of)
    document = project_json(found, restated(queries, found), say)
    for row, given in zip(document["milestones"], found.verdicts, strict=True):
        until = _rests_until(given, found.plant.zone)
        row["evidence"]["checkpoint"] = queries.checkpoint_covering(until)
    return document


def _rests_until(given: Verdict, zone: ZoneInfo) -> datetime | None:
    """Up to when the verdict rests on what machines said; None where it does not at all."""
    if given.facts_digest is None:
        return None
    return midnight(given.as_of.astimezone(zone).date(), zone)


def project_json(
    found: ProjectVerdicts,
    changed: Mapping[str, tuple[Verdict, datetime]],
    say: Callable[[Reason], str] = str,
) -> dict[str, Any]:
    """The project's verdicts; `changed`: by milestone, the verdict by what is known now, and since
    when the accepted figures stand."""
    zone = found.plant.zone
    rows = [
        verdict_json(each, zone, say)
        | state_json(each.milestone, found.steps_of(each.milestone.id), zone)
        for each in found.verdicts
    ]
    for row in rows:
        row |= terms_changes_json(found, row["id"])
        if row["id"] in changed:
            now, since = changed[row["id"]]
            told = verdict_json(now, zone, say)
            row["restated"] = {name: told[name] for name in RESTATED} | {
                "since": local_text(since, zone)
            }
    return {
        "project": found.project.reference,
        "as_of": local_text(found.as_of, zone),
        "grant": grant_json(found.funding, say)
        | ({"spending": spending_json(found.spending, say)} if found.spending else {}),
        "milestones": rows,
    }


def grant_json(paid: Funding, say: Callable[[Reason], str] = str) -> dict[str, Any]:
    """What a scheme pays; `say` translates its rule."""
    return {
        "scheme": paid.scheme,
        "approved_cost_hkd": paid.approved_cost_hkd,
        "ceiling_hkd": paid.ceiling_hkd,
        "grant_hkd": paid.grant_hkd,
        "company_hkd": paid.company_hkd,
        "rule": "; ".join(say(it) for it in paid.rule),
    }


def spending_json(spent: Spending, say: Callable[[Reason], str] = str) -> dict[str, Any]:
    """What was attested to be spent and paid, in HKD; None where this version knows no rule."""
    return {
        "categories": [
            {
                "category": it.name,
                "spent_hkd": float(it.spent_hkd),
                "eligible_hkd": float(it.eligible_hkd),
                "by_company_hkd": float(it.by_company_hkd),
            }
            for it in spent.categories
        ],
        **{
            name: None if amount is None else float(amount)
            for name, amount in (
                ("eligible_hkd", spent.eligible_hkd),
                ("not_eligible_hkd", spent.not_eligible_hkd),
                ("grant_hkd", spent.grant_hkd),
                ("company_share_hkd", spent.share_hkd),
                ("company_own_hkd", spent.own_hkd),
                ("company_lacking_hkd", spent.lacking_hkd),
                ("disbursed_hkd", spent.disbursed_hkd),
                ("refunded_hkd", spent.refunded_hkd),
                ("open_hkd", spent.open_hkd),
            )
        },
        "says": [say(it) for it in spent.says],
    }


def attested_json(
    figure: AttestedFigure, zone: ZoneInfo, name: Callable[[str], str] = str
) -> dict[str, Any]:
    """One attested figure; amounts exact, as texts. `name`: how people's names are told to who
    reads it."""
    return {
        "number": figure.number,
        "kind": figure.kind.value,
        "amount": None if figure.kind is AttestedKind.WITHDRAWAL else str(figure.amount),
        "day": figure.day.isoformat() if figure.day else None,
        "milestone": figure.milestone or None,
        "category": figure.category or None,
        "payer": figure.payer or None,
        "document": figure.document or None,
        "withdraws": figure.withdraws,
        "comment": figure.comment,
        "attested_at": local_text(figure.attested_at, zone),
        "attested_by": name(figure.attested_by),
    }


def _finding_json(found: Finding, say: Callable[[Reason], str]) -> dict[str, Any]:
    return {
        "flag": found.flag,
        "severity": found.severity.value,
        "lines": list(found.lines),
        "days": _range_json(found.days),
        "says": say(found.says),
        "asks": say(found.asks),
    }


def _range_json(days: DayRange | None) -> dict[str, str] | None:
    if days is None:
        return None
    return {"start": days.start.isoformat(), "end": days.end.isoformat()}
