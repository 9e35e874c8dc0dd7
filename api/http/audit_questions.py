"""What is asked of the audit: by who, what and day; as API and page have it in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request

from api.http.access.audit_trail import tell_refusals
from api.http.dependencies import ServicesDep
from domain.errors import InputError, did_you_mean
from store.registry.audit import Audit, AuditFilter, Done


@dataclass(frozen=True, slots=True)
class AuditQuestion:
    """`zone`: in which days begin, that of the first plant."""

    audit: Audit
    wanted: AuditFilter
    zone: ZoneInfo


def _question(
    request: Request,
    services: ServicesDep,
    who: Annotated[str, Query(description="An account, or token:LABEL")] = "",
    what: Annotated[str, Query(description=", ".join(Done))] = "",
    day: Annotated[str, Query(description="As 2026-03-25, in the first plant's zone")] = "",
) -> AuditQuestion:
    """Raises InputError. Refusals that were only counted so far are told before."""
    audit = services.registry.audit
    plants = services.registry.plants.all()
    zone = plants[0].zone if plants else ZoneInfo("UTC")
    if what and what not in list(Done):
        raise InputError(
            f"nothing is called '{what}'", where="what", todo=did_you_mean(what, list(Done))
        )
    start, end = _day(day, zone) if day else (None, None)
    tell_refusals(request)
    return AuditQuestion(audit, AuditFilter(who or None, what or None, start, end), zone)


AuditQuestionDep = Annotated[AuditQuestion, Depends(_question)]


def _day(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    try:
        first = date.fromisoformat(text)
        days = (first, first + timedelta(days=1))
        start, end = (datetime.combine(it, time(), zone).astimezone(UTC) for it in days)
    except (ValueError, OverflowError):
        raise InputError(f"'{text}' is no day", where="day", todo="Write 2026-03-25.") from None
    return start, end
