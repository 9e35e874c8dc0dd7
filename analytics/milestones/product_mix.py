"""What was made in the baseline and in the window of a change, side by side.

A line that makes more of its easier product looks better without being better. So beside a change
against a baseline stands which share of the good units was of which product, in both; and a flag
where at least MIX_MOVED_FROM of them moved to other products (half the sum of what the shares
differ by: the total variation distance). Where so many are of no known product that nobody can tell
whether they moved, another flag says so.

An example, baseline and window:

    product       baseline   window    differs by
    juice-330         80 %     50 %        30 %
    juice-500         20 %     50 %        30 %     moved: 30 %

Bounds: certain are good units that were counted in known time, of a product that was confirmed and
across no gap. All others, and what may be hidden or may belong to a neighbour, may be of any
product: the low bound takes none of them, the high bound all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from analytics.milestones.case import Case
from analytics.milestones.day_outputs import pace_of_line, paces, possible_units
from domain.grants import DayRange, MixShare, ProductMix, Verdict

MIX_MOVED, MIX_UNKNOWN = "product_mix_moved", "product_mix_unknown"  # flags of verdicts
MIX_MOVED_FROM = 0.1
_NO_PRODUCT = ""
_UNSURE_PRODUCT = ("ideal_less_s", "ideal_more_s", "good_ideal_less_s", "good_ideal_more_s")
_AT_BORDERS = ("unsure_start_count", "unsure_end_count")
_DOUBTFUL = ("good_count_unknown", "unsure_reset_count", "unsure_judged_count")


def with_product_mix(case: Case, given: Verdict, *baselines: DayRange) -> Verdict:
    """The verdict with the product mix of its window and of the baseline; as it is where there is
    no baseline, no day of the window has ended, or good units are not counted."""
    days = case.ended(given.window) if given.window and given.facts_digest else None
    if days is None or not baselines:
        return given
    before, now = (_shares(case, it) for it in (baselines[0], days))
    if before is None or now is None:
        return given
    products = sorted({*before.products, *now.products})
    mix = ProductMix(
        {it: before.of(it) for it in products},
        {it: now.of(it) for it in products},
        _moved_by(before, now),
    )
    flags = []
    if mix.moved_by is not None and mix.moved_by >= MIX_MOVED_FROM:
        flags.append(MIX_MOVED)
    if max(before.unknown_share, now.unknown_share) >= MIX_MOVED_FROM:
        flags.append(MIX_UNKNOWN)
    return replace(given, product_mix=mix, flags=(*given.flags, *flags))


class _Shares:
    """Good units of some days by product. `counted`: all that were, those of no known product under
    ""; `certain`: those that surely are of that product; `open_units`: how many may be of any, None
    where nothing bounds them."""

    def __init__(
        self,
        counted: Mapping[str, float],
        certain: Mapping[str, float],
        open_units: float | None,
    ) -> None:
        self.products = {it for it in counted if it != _NO_PRODUCT}
        self._counted, self._certain, self._open = counted, certain, open_units
        self._known = sum(counted[it] for it in sorted(self.products))
        self._sure = sum(certain[it] for it in sorted(self.products))

    @property
    def unknown_share(self) -> float:
        """How much of all may be of any product."""
        if self._open is None:
            return 1.0
        whole = self._sure + self._open
        return self._open / whole if whole else 0.0

    def of(self, product: str) -> MixShare:
        sure = self._certain.get(product, 0.0)
        value = self._counted.get(product, 0.0) / self._known if self._known else None
        if self._open is None:
            return MixShare(value, 0.0, 1.0)
        whole = self._sure + self._open
        if not whole:
            return MixShare(value, 0.0, 0.0)
        return MixShare(value, sure / whole, (sure + self._open) / whole)


def _moved_by(before: _Shares, now: _Shares) -> float | None:
    shares = [(before.of(it).value, now.of(it).value) for it in {*before.products, *now.products}]
    known = [(one, other) for one, other in shares if one is not None and other is not None]
    if not known or len(known) < len(shares):
        return None
    return min(sum(sorted(abs(one - other) for one, other in known)) / 2, 1.0)


def _shares(case: Case, days: DayRange) -> _Shares | None:
    """None where good units are not counted."""
    evidence = case.evidence
    pace_by_line = paces(evidence, days)
    good = pl.col("good_count").fill_null(0.0)
    borders = pl.sum_horizontal(pl.col(_AT_BORDERS).fill_null(0.0)) * pace_of_line(pace_by_line)
    # Of good units that follow from the other counts, those that are rejects are of no product.
    doubt = pl.sum_horizontal(_DOUBTFUL) + borders + pl.col("reject_count_missed").fill_null(0.0)
    is_unsure = (pl.sum_horizontal(_UNSURE_PRODUCT) > 0) | (pl.col("product") == _NO_PRODUCT)
    rows = evidence.summable_rows(days).with_columns(
        pl.col("product").fill_null(_NO_PRODUCT),
        good.alias("counted"),
        possible_units(evidence, pace_by_line).alias("hidden"),
        pl.when(is_unsure).then(good).otherwise(pl.min_horizontal(good, doubt)).alias("doubtful"),
        (borders + pl.col("unsure_judged_count").fill_null(0.0)).alias("from_elsewhere"),
    )
    if not rows["good_count"].is_not_null().any():
        return None
    by_product = rows.group_by("product").agg(
        pl.col("counted").sum(), (pl.col("counted") - pl.col("doubtful")).sum().alias("certain")
    )
    made = by_product.filter((pl.col("product") == _NO_PRODUCT) | (pl.col("counted") > 0))
    counted, certain = (
        dict(zip(made["product"], made[name], strict=True)) for name in ("counted", "certain")
    )
    is_open = rows["hidden"].is_null().any()
    more = rows.select(pl.sum_horizontal("doubtful", "hidden", "from_elsewhere").sum()).item()
    return _Shares(counted, certain, None if is_open else float(more))
