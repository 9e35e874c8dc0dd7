"""Capability: how the process's spread fits between its specification limits.

Cp, Cpk with σ̂ within subgroups (short-term), Pp, Ppk with the s of all values (long-term),
Cm, Cmk with the s of one uninterrupted run (machine capability, ISO 22514-3). Formulas: ISO
22514-2, AIAG SPC; Cp and Cpk are KPIs of ISO 22400-2. 95 % intervals: of Cp, Pp, Cm by
chi-square (exact for normal values), of Cpk, Ppk, Cmk by Bissell (1990), Applied Statistics 39,
331-340: Ĉ ± z √(1/(9n) + Ĉ²/(2ν)). An index that cannot be computed is None, and `missing`
says why. Whether the values look normal is reported beside, never silently assumed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.arrays import Floats
from analytics.spc.normality import Normality, anderson_darling
from analytics.spc.sigma import ChartKind, Sigma, default_chart, sigma_within
from analytics.spc.subgroups import Subgroups, consecutive, longest_run, of_size
from domain.errors import InputError
from domain.grants import Reason

CONFIDENCE = 0.95
INDICES = ("cp", "cpk", "pp", "ppk", "cm", "cmk")
_NO_LIMITS = Reason("The measurement has no specification limits.")
_ONE_LIMIT = Reason("It needs both specification limits; the measurement has one.")
_NO_SUBGROUP = Reason("There is no complete subgroup.")
_FEW_VALUES = Reason("There are fewer than two values.")
_NO_SPREAD = Reason("The values have no spread: all are equal.")
_NOT_NORMAL = Reason(
    "The values do not look normal (Anderson-Darling, p below 0.05): "
    "the capability indices and their intervals suppose that they are."
)
_TOO_FEW_FOR_NORMALITY = Reason(
    "Too few values to test whether they are normal, which the capability indices suppose."
)


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided 95 % confidence interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Capability:
    """The indices, their intervals by the same names, and what is missing and why.

    `n` counts all values (those of Pp), `subgroup_n` those in complete subgroups (those of Cp),
    `run_n` those of the longest uninterrupted run (those of Cm). Standard deviations and means
    are in the unit of the values.
    """

    n: int
    subgroup_n: int
    run_n: int
    mean: float | None
    sigma_within: float | None
    sigma_overall: float | None
    sigma_run: float | None
    cp: float | None
    cpk: float | None
    pp: float | None
    ppk: float | None
    cm: float | None
    cmk: float | None
    cp_interval: Interval | None
    cpk_interval: Interval | None
    pp_interval: Interval | None
    ppk_interval: Interval | None
    cm_interval: Interval | None
    cmk_interval: Interval | None
    missing: dict[str, Reason]
    normality: Normality | None
    notes: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Spread:
    """What one pair of indices is computed from."""

    n: int
    mean: float
    sigma: Sigma


@dataclass(frozen=True, slots=True)
class _Pair:
    """An index of the spread alone and its critical sister."""

    wide: float | None = None
    wide_interval: Interval | None = None
    critical: float | None = None
    critical_interval: Interval | None = None
    why_wide: Reason | None = None
    why_critical: Reason | None = None


def capability(
    values: npt.ArrayLike, subgroup_size: int, lower: float | None, upper: float | None
) -> Capability:
    """Of values (n,) made one after the other in one run, in subgroups of that size.

    `lower` and `upper` are the specification limits in the values' unit, None: no limit there.
    Raises InputError for limits that leave no room and a subgroup size below 1.
    """
    groups = of_size(consecutive(values), subgroup_size)
    return capability_of(groups, default_chart(subgroup_size), lower, upper)


def capability_of(
    groups: Subgroups, chart: ChartKind, lower: float | None, upper: float | None
) -> Capability:
    """Of rational subgroups, σ̂ within by the chart's estimator. Raises InputError as above, and
    where the chart does not fit the subgroups."""
    if lower is not None and upper is not None and lower >= upper:
        raise InputError(
            f"the lower specification limit {lower:g} is not below the upper one {upper:g}",
            todo="Mend the measurement's limits in plant.yaml.",
        )
    values, run = groups.data.values, longest_run(groups.data)
    if not np.isfinite(values).all():
        raise ValueError("values must be finite")
    grouped = values[np.repeat(groups.complete, groups.count)]
    within = sigma_within(groups, chart)
    spreads = (
        _Spread(len(grouped), float(grouped.mean()), within) if within else None,
        _overall(values),
        _overall(run),
    )
    empty = (_NO_SUBGROUP if chart != "individuals" else _FEW_VALUES, _FEW_VALUES, _FEW_VALUES)
    cp, pp, cm = (
        _pair(spread, why, lower, upper) for spread, why in zip(spreads, empty, strict=True)
    )
    sigmas = [spread.sigma.value if spread else None for spread in spreads]
    normality = anderson_darling(values)
    return Capability(
        n=len(values),
        subgroup_n=len(grouped),
        run_n=len(run),
        mean=float(values.mean()) if len(values) else None,
        sigma_within=sigmas[0],
        sigma_overall=sigmas[1],
        sigma_run=sigmas[2],
        cp=cp.wide,
        cpk=cp.critical,
        pp=pp.wide,
        ppk=pp.critical,
        cm=cm.wide,
        cmk=cm.critical,
        cp_interval=cp.wide_interval,
        cpk_interval=cp.critical_interval,
        pp_interval=pp.wide_interval,
        ppk_interval=pp.critical_interval,
        cm_interval=cm.wide_interval,
        cmk_interval=cm.critical_interval,
        missing=_missing(cp, pp, cm),
        normality=normality,
        notes=_notes(values, normality),
    )


def _overall(values: Floats) -> _Spread | None:
    """The s of all values; it has n − 1 degrees of freedom."""
    n = len(values)
    if n < 2:
        return None
    s = float(values.std(ddof=1)) if np.ptp(values) > 0 else 0.0
    return _Spread(n, float(values.mean()), Sigma(s, n - 1, n))


def _pair(spread: _Spread | None, empty: Reason, lower: float | None, upper: float | None) -> _Pair:
    if lower is None and upper is None:
        return _Pair(why_wide=_NO_LIMITS, why_critical=_NO_LIMITS)
    if spread is None:
        return _Pair(why_wide=empty, why_critical=empty)
    sigma = spread.sigma.value
    if sigma == 0:
        return _Pair(why_wide=_NO_SPREAD, why_critical=_NO_SPREAD)
    rooms = [spread.mean - lower] if lower is not None else []
    rooms += [upper - spread.mean] if upper is not None else []
    critical = min(rooms) / (3 * sigma)
    critical_interval = _bissell(critical, spread.n, spread.sigma.dof)
    if lower is None or upper is None:
        return _Pair(None, None, critical, critical_interval, why_wide=_ONE_LIMIT)
    wide = (upper - lower) / (6 * sigma)
    return _Pair(wide, _chi_square(wide, spread.sigma.dof), critical, critical_interval)


def _chi_square(index: float, dof: float) -> Interval:
    """Of an index (USL − LSL)/6σ̂ where ν σ̂²/σ² is chi-square with ν degrees of freedom."""
    from scipy.special import chdtri  # here: see analytics.spc

    tail = (1 - CONFIDENCE) / 2
    return Interval(
        index * math.sqrt(float(chdtri(dof, 1 - tail)) / dof),
        index * math.sqrt(float(chdtri(dof, tail)) / dof),
    )


def _bissell(index: float, n: int, dof: float) -> Interval:
    from scipy.special import ndtri  # here: see analytics.spc

    half = float(ndtri((1 + CONFIDENCE) / 2)) * math.sqrt(1 / (9 * n) + index**2 / (2 * dof))
    return Interval(index - half, index + half)


def _missing(*pairs: _Pair) -> dict[str, Reason]:
    reasons = [reason for pair in pairs for reason in (pair.why_wide, pair.why_critical)]
    return {name: reason for name, reason in zip(INDICES, reasons, strict=True) if reason}


def _notes(values: Floats, normality: Normality | None) -> tuple[Reason, ...]:
    if normality is None:
        return (_TOO_FEW_FOR_NORMALITY,) if len(values) > 1 and np.ptp(values) > 0 else ()
    return (_NOT_NORMAL,) if normality.doubtful else ()
