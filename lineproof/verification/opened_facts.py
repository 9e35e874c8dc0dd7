"""Facts of opened days made again from their batches, held against those of the dossier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from api.queries.lines import Queries
from lineproof.dossier import paths
from lineproof.openings.day_facts import LineDay, facts_of_day
from lineproof.verification.differences import first_difference
from lineproof.verification.evidence import differs
from lineproof.verification.opened_part import OpenedDays
from store.node.opening import Stores


@dataclass(frozen=True, slots=True)
class ComparedDays:
    """`days`: how many are the same; `says`: of which ones other figures were accepted."""

    days: int
    says: str


def compared_days(
    opened: OpenedDays, stores: Stores, queries: Queries, given: Mapping[str, pl.DataFrame]
) -> ComparedDays:
    """`given`: FACTS of the dossier by line; `stores`: with rows and batches. Of a period that was
    accepted the facts are the accepted ones, whatever came later: that is told.

    Raises DoesNotHoldError with the first that is not what the batches give.
    """
    opened.check_used()
    if opened.failed is not None:
        raise opened.failed
    same, accepted = 0, []
    for it in opened.days:
        plant, _ = queries.line(it.line)
        corrections = stores.registry.facts_basis.line_corrections(it.line).in_force
        made = facts_of_day(stores.telemetry, plant, it, corrections)
        ordered = made.sort(made.columns)
        shown = given[it.line].filter(pl.col("day") == it.day)
        if ordered.equals(shown):
            same += 1
        elif _is_accepted(queries, it):
            accepted.append(f"{it.day} of {it.line}")
        else:
            raise differs(
                paths.facts_path(it.line),
                f"the facts of {it.day} are not those that the opened batches give: the first "
                f"that differs is {first_difference(ordered, shown)}",
            )
    which = ", ".join(accepted)
    says = f"By what was sealed the accepted figures would be others now: {which}."
    return ComparedDays(same, says if accepted else "")


def _is_accepted(queries: Queries, of: LineDay) -> bool:
    periods = queries.frozen_periods(of.line)
    return any(it.start < of.window.end and of.window.start < it.end for it in periods)
