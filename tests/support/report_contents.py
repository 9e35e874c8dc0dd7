"""The content of a report with everything in it: steps and decisions, money, forecast, restated
figures, flags. All of it is judged by the program itself, of hand-made facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import polars as pl
from facts_frames import REST, ZONE, Day, facts, morning_of, plant, project

from analytics.milestones.verdict import verdict
from api.documents.milestones import project_json, verdict_json
from api.queries.verdicts import ProjectVerdicts
from domain.attested_figures import COMPANY, AttestedFigure, AttestedKind
from domain.grants import (
    CommissionedTerms,
    DayRange,
    DocumentTerms,
    KpiTerms,
    Milestone,
    OperatingTerms,
    OtherTerms,
    OutputTerms,
    Terms,
)
from domain.milestone_states import ConflictOfInterest, Step, StepTaken
from domain.schemes.funding import funding
from domain.schemes.spending import spending
from lineproof.dossier.report.content import ReportContent, report_content

START = date(2026, 3, 2)  # a Monday
BEFORE = timedelta(days=7)  # so long the project runs already, and nothing is planned
END = START + timedelta(days=27)
AS_OF = morning_of(END + timedelta(days=1))
VERSION = "1.2.3"
TERMS: dict[str, Terms] = {
    "M1": CommissionedTerms(30_000, within_days=3),
    "M2": KpiTerms("oee", ">=", DayRange(START, date(2026, 4, 30)), target=0.65, min_coverage=0.9),
    "M3": KpiTerms("availability", ">=", DayRange(START, date(2026, 3, 13)), target=0.9),
    "M4": OutputTerms(1_000_000, DayRange(START, date(2026, 6, 30))),
    "M5": DocumentTerms("audited_accounts"),
    "M6": OperatingTerms(production_days_per_month=15, months=6),
    "M7": OtherTerms("audit_visit", {"by": "the office"}),
    "M8": KpiTerms("energy_per_good_unit", "<=", 5, target=0.0025),
}
TITLES = {
    "M1": {"en": "Line commissioned", "zh-Hant": "生產線投產", "zh-Hans": "生产线投产"},
    "M2": {"en": "OEE of 65 %", "zh-Hant": "設備綜合效率達 65 %", "zh-Hans": "设备综合效率达 65 %"},
}


def days() -> list[Day]:
    """Four weeks; on one day a part of the time is unknown."""
    week = [Day(30_000, good=22_000 + 700 * n, energy_kwh=60.0) for n in range(5)]
    found = [*week, REST, REST] * 4
    found[9] = Day(20_000, 9_000, good=14_000, energy_kwh=45.0, flags=("gap",))
    return [replace(it, energy_kwh=0.0) if it is REST else it for it in found]


def all_facts() -> pl.DataFrame:
    return facts(START - BEFORE, [replace(REST, energy_kwh=0.0)] * BEFORE.days + days())


def step(name: Step, author: str, hour: int, **more: Any) -> StepTaken:
    at = datetime(2026, 3, 27, hour, tzinfo=ZONE)
    return StepTaken("NIFS-2025-017", "M1", name, author, at, **more)


def full_content(
    *,
    steps: Sequence[StepTaken] | None = None,
    titles: Mapping[str, dict[str, str]] = TITLES,
    company: str = "TKO Foods Ltd",
    terms: Mapping[str, Terms] = TERMS,
    conflicts: Sequence[ConflictOfInterest] = (),
) -> ReportContent:
    """`steps`: None for those from the submission to an acceptance in part."""
    milestones = tuple(
        Milestone(
            name, f"5.{name[1:]}", date(2026, 6, 30), titles.get(name, {"en": f"Milestone {name}"}),
            each, f"{int(name[1:]):064x}",
        )
        for name, each in terms.items()
    )  # fmt: skip
    first = project(TERMS["M1"], END, start=START - BEFORE, end=START - timedelta(days=1))
    about = replace(first, milestones=milestones, approved_on=date(2025, 1, 15))
    of = replace(plant(), company={"en": company, "zh-Hant": "將軍澳食品有限公司"})
    rows = {"filler-1": all_facts()}
    given = tuple(verdict(about, it, of, rows, AS_OF) for it in milestones)
    told = orjson.dumps(verdict_json(given[0], ZONE)).decode()
    taken = steps if steps is not None else _steps(told)
    paid = funding(about)
    found = ProjectVerdicts(
        about, of, AS_OF, paid, spending(about, paid, _attested()), given, tuple(taken)
    )
    later = replace(given[0], value=71_000.0, low=70_000.0, high=71_000.0)
    restated = {"M1": (later, AS_OF)}
    return report_content(
        found,
        rows,
        restated,
        orjson.dumps(project_json(found, restated)),
        program_version=VERSION,
        conflicts=conflicts,
    )


def _steps(told: str) -> list[StepTaken]:
    return [
        step(Step.SUBMIT, "mei@tko", 9),
        step(Step.TAKE, "chan@itc", 10),
        step(Step.QUERY, "chan@itc", 11, reason="Which meter is that?"),
        step(Step.ANSWER, "mei@tko", 12, reason="The one at the filler.\nIts number is 17."),
        step(Step.RECOMMEND, "chan@itc", 13, reason="The counter proves it."),
        step(Step.ACCEPT_IN_PART, "wong@itc", 14, reason="But for the night shift.", verdict=told),
    ]


def _attested() -> list[AttestedFigure]:
    def attested(number: int, kind: AttestedKind, amount: int, **more: str) -> AttestedFigure:
        return AttestedFigure(
            "NIFS-2025-017", number, kind, AS_OF, "mei", amount=Decimal(amount), day=START, **more
        )

    machine = {"category": "machinery", "payer": COMPANY}
    return [
        attested(1, AttestedKind.EXPENDITURE, 12_000_000, **machine),
        attested(2, AttestedKind.DISBURSEMENT, 1_500_000),
    ]
