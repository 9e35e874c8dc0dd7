"""The error rate of a scheme, from a sample that was drawn at random, with its exact interval.

C. J. Clopper, E. S. Pearson, The use of confidence or fiducial limits illustrated in the case of
the binomial, Biometrika 26 (1934): the interval holds the true rate with at least that confidence,
whatever it is. It takes no account of a finite population, so it is wider than need be where most
of a population was drawn; where all of it was, the rate is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from domain.audit_samples import AuditSample, SampleItem, SampleResult


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """`drawn`, `looked_at`, `errors`: items; `amount_hkd`: of the errors whose amount is known.
    `rate`, `low`, `high`: shares of the population's items, None until every drawn item was looked
    at: who could stop in between could stop where it suits."""

    drawn: int
    looked_at: int
    errors: int
    amount_hkd: Decimal
    rate: float | None = None
    low: float | None = None
    high: float | None = None


def error_rate(sample: AuditSample, results: Mapping[SampleItem, SampleResult]) -> ErrorRate:
    """`results`: of each item the one that counts; of items that were not drawn none counts."""
    drawn = sample.drawn
    found = [results[it] for it in drawn if it in results]
    errors = sum(it.is_error for it in found)
    amount = sum((it.amount_hkd or Decimal() for it in found), Decimal())
    if not drawn or len(found) < len(drawn):
        return ErrorRate(len(drawn), len(found), errors, amount)
    rate = errors / len(drawn)
    low, high = rate, rate
    if len(drawn) < len(sample.population):
        low, high = exact_interval(errors, len(drawn), sample.precision.confidence)
    return ErrorRate(len(drawn), len(found), errors, amount, rate, low, high)


def exact_interval(errors: int, size: int, confidence: float) -> tuple[float, float]:
    """Clopper and Pearson's, two-sided: (1 − confidence) / 2 on either side.

    >>> [round(it, 4) for it in exact_interval(1, 20, 0.95)]
    [0.0013, 0.2487]
    """
    from scipy.special import betaincinv  # here: see analytics.spc

    tail = (1 - confidence) / 2
    low = 0.0 if errors == 0 else float(betaincinv(errors, size - errors + 1, tail))
    high = 1.0 if errors == size else float(betaincinv(errors + 1, size - errors, 1 - tail))
    return low, high
