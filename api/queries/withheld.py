"""Answers without what their plant keeps confidential from who asks.

Raw samples are values as machines sent them, and states with their times. Reasons are those of
stops, whoever told them: what a machine sends as its reason was often chosen by a person at its
panel. Figures stand: sums of time, counts, KPIs, verdicts. What is left out is named in `withheld`,
so that nobody takes it for something that nobody said.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from api.queries.live import Live
from api.queries.stops import StopsAnswer
from domain.alerts import Alert
from domain.plant import Confidential, Withheld

_NO_REASON = pl.lit(None, dtype=pl.String()).alias("reason")


def live_without(live: Live, withheld: Withheld) -> Live:
    """What the line does now."""
    if not withheld:
        return live
    shown = replace(live, withheld=withheld)
    if Confidential.RAW_SAMPLES in withheld:
        shown = replace(
            shown,
            alarm=None,
            order=None,
            product=None,
            speed=None,
            total_counter=None,
            faults=(),
        )
    if Confidential.REASONS in withheld:
        shown = replace(shown, reason=None, reason_name={})
    return replace(shown, alerts=tuple(_without_note(it) for it in live.alerts))


def _without_note(it: Alert) -> Alert:
    """Who said what of it has a page of its own, with codes in place of names."""
    said = it.acknowledged
    return replace(it, acknowledged=said and replace(said, author="", note="", device=""))


def stops_without(found: StopsAnswer, withheld: Withheld) -> StopsAnswer:
    """What stopped it: each stop with its state in place of its reason."""
    if not withheld:
        return found
    shown = replace(found, withheld=withheld)
    if Confidential.REASONS in withheld:
        no_path = pl.lit([], dtype=pl.List(pl.String())).alias("path")
        no_kind = pl.lit(None, dtype=pl.String()).alias("kind")
        shown = replace(
            shown,
            rows=found.rows.with_columns(_NO_REASON, no_path, no_kind),
            intervals=states_without(found.intervals, withheld),
        )
    return shown


def states_without(intervals: pl.DataFrame, withheld: Withheld) -> pl.DataFrame:
    """STATE_INTERVALS, each without its reason."""
    return intervals.with_columns(_NO_REASON) if Confidential.REASONS in withheld else intervals


def told(withheld: Withheld) -> dict[str, list[str]]:
    """For a document: what is left out of it; nothing where nothing is."""
    return {"withheld": sorted(withheld)} if withheld else {}
