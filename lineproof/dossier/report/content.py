"""What a report shows: the objects that the grant page and the verdicts' JSON show, and no others.

Nothing is computed here a second time: the figures of the charts come from the functions that
judged. Texts come later, in the reader's language (`texts`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from analytics.milestones.day_figures import DayFigures, day_figures
from api.queries.verdicts import ProjectVerdicts
from domain.errors import InputError
from domain.grants import Verdict
from domain.milestone_states import ConflictOfInterest


@dataclass(frozen=True)
class ReportContent:
    """`restated`, `figures`: by milestone, what `api.queries.verdicts.restated` and `day_figures`
    give. `verdicts_json`: the bytes that the PDF carries inside."""

    found: ProjectVerdicts
    restated: Mapping[str, tuple[Verdict, datetime]]
    figures: Mapping[str, DayFigures]
    conflicts: tuple[ConflictOfInterest, ...]
    verdicts_json: bytes
    program_version: str


def report_content(
    found: ProjectVerdicts,
    facts: Mapping[str, pl.DataFrame],
    restated: Mapping[str, tuple[Verdict, datetime]],
    verdicts_json: bytes,
    *,
    program_version: str,
    conflicts: Sequence[ConflictOfInterest] = (),
) -> ReportContent:
    """`facts`: FACTS by line, those that the verdicts stand on (more is no harm). Who took a step
    is shown as `found.steps` has it.

    Raises InputError where facts are missing, and for `verdicts_json` that is no UTF-8 text.
    """
    try:
        verdicts_json.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(
            "the verdicts that go into the report are no UTF-8 text",
            where="verdicts.json",
            todo="Give them as JSON.",
        ) from None
    each = {
        it.milestone.id: day_figures(found.project, found.plant, facts, it) for it in found.verdicts
    }
    return ReportContent(
        found,
        restated,
        {name: figures for name, figures in each.items() if figures is not None},
        tuple(conflicts),
        verdicts_json,
        program_version,
    )
