"""Facts of opened days made again from their batches, held against those of the dossier.

Where a plant keeps reasons or names confidential, what people said of a day is not known here. Then
a day may have other figures than its batches give: it is told by how much it could be compared, and
is none that was made again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from api.queries.lines import Queries
from domain.frames import STATE_COLUMNS
from lineproof.dossier import paths
from lineproof.openings.day_facts import LineDay, facts_of_day
from lineproof.verification.differences import first_difference
from lineproof.verification.evidence import differs
from lineproof.verification.opened_part import OpenedDays
from store.node.opening import Stores

# What a day's slices have whatever the reasons of its stops are.
_WHATEVER_REASON = (*STATE_COLUMNS, "total_count", "good_count", "reject_count", "energy_kwh")
_DIGITS = 6  # that sums of floats have in common whatever their order


@dataclass(frozen=True, slots=True)
class ComparedDays:
    """`days`: how many are the same; `says`: which others are not, and why that may be ("": all
    are)."""

    days: int
    says: str


def compared_days(
    opened: OpenedDays,
    stores: Stores,
    queries: Queries,
    given: Mapping[str, pl.DataFrame],
    *,
    people_said_more: bool = False,
) -> ComparedDays:
    """`given`: FACTS of the dossier by line; `stores`: with rows and batches. `people_said_more`:
    there are corrections or exceptions that the dossier does not open. Of a period that was
    accepted the facts are the accepted ones, whatever came later: that is told.

    Raises DoesNotHoldError with the first that is not what the batches give.
    """
    opened.check_used()
    if opened.failed is not None:
        raise opened.failed
    same = 0
    accepted, but_for_reasons, unproved = list[str](), list[str](), list[str]()
    for it in opened.days:
        plant, _ = queries.line(it.line)
        corrections = stores.registry.facts_basis.line_corrections(it.line).in_force
        made = facts_of_day(stores.telemetry, plant, it, corrections)
        ordered = made.sort(made.columns)
        shown = given[it.line].filter(pl.col("day") == it.day)
        name = f"{it.day} of {it.line}"
        if ordered.equals(shown):
            same += 1
        elif _is_accepted(queries, it):
            accepted.append(name)
        elif people_said_more:
            is_alike = _whatever_reason(ordered).equals(_whatever_reason(shown))
            (but_for_reasons if is_alike else unproved).append(name)
        else:
            raise differs(
                paths.facts_path(it.line),
                f"the facts of {it.day} are not those that the opened batches give: the first "
                f"that differs is {first_difference(ordered, shown)}",
            )
    told = (
        ("By what was sealed the accepted figures would be others now", accepted),
        (
            "Times in each state, counts and energy are those that the batches give; reasons or "
            "borders of stops are others, by corrections that the plant keeps confidential",
            but_for_reasons,
        ),
        (
            "NOT PROVED: the figures are others than the batches give; whether by corrections or "
            "exceptions, the plant keeps confidential",
            unproved,
        ),
    )
    return ComparedDays(same, " ".join(f"{it}: {', '.join(days)}." for it, days in told if days))


def _whatever_reason(facts: pl.DataFrame) -> pl.DataFrame:
    keys = ["start", "plan", "mode", "order", "product"]
    sums = pl.col(_WHATEVER_REASON).sum()
    return facts.group_by(keys).agg(sums.round(_DIGITS)).sort(keys)


def _is_accepted(queries: Queries, of: LineDay) -> bool:
    periods = queries.frozen_periods(of.line)
    return any(it.start < of.window.end and of.window.start < it.end for it in periods)
