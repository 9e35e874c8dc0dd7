"""Run rules: one pattern for each, the vectorised form against plain loops, unknown time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.spc.run_rules import (
    RUN_RULES,
    dispersion_violations,
    location_violations,
    rules_named,
)
from domain.errors import InputError

# Points in σ from the centre line that break one rule of the set and no other.
ONLY = [
    ("western-electric-1", [0.5, -0.5, 3.1, -0.5]),
    ("western-electric-1", [0.5, -0.5, -3.1, 0.5]),
    ("western-electric-2", [0.5, 2.1, -0.5, 2.2, -0.4]),
    ("western-electric-2", [0.5, -2.1, -2.2, 0.5]),
    ("western-electric-3", [1.1, 1.2, -0.5, 1.3, 1.1, -0.2]),
    ("western-electric-3", [-1.1, -1.2, -1.3, -1.1, 0.2]),
    ("western-electric-4", [-0.1, *[0.5, 0.2, 0.9, 0.1] * 2, -0.2]),
    ("western-electric-4", [0.1, *[-0.5, -0.2] * 4, 0.2]),
    ("nelson-1", [0.5, -0.5, -0.4, 3.01, 0.2]),
    ("nelson-2", [-0.1, *[0.5, 0.2, 0.9] * 3, -0.2]),
    ("nelson-2", [0.1, *[-0.5, -0.2, -0.4] * 3, 0.2]),
    ("nelson-3", [0.2, -0.9, -0.6, -0.3, 0.1, 0.5, 0.8, 0.3]),
    ("nelson-3", [-0.2, 0.9, 0.6, 0.3, -0.1, -0.5, -0.8, 0.3]),
    ("nelson-4", [*[0.5, -0.5] * 5, 0.4, -1.5, 0.5, -0.5]),
    ("nelson-5", [0.5, 2.1, -0.5, 2.2, -0.4]),
    ("nelson-6", [1.1, 1.2, -0.5, 1.3, 1.1, -0.2]),
    ("nelson-7", [1.5, *[0.5, 0.6, -0.5, -0.4, 0.1] * 3, 1.5]),
    ("nelson-8", [0.1, *[1.2, 1.1, -1.2, -1.4] * 2, 0.1]),
]


def broken(z: list[float], rules: str) -> list[str]:
    found = location_violations(
        np.array(z),
        np.zeros(len(z)),
        np.ones(len(z)),
        np.zeros(len(z), dtype=np.int64),
        rules,
    )
    return [violation.rule for violation in found]


@pytest.mark.parametrize(("rule", "z"), ONLY, ids=[rule for rule, _ in ONLY])
def test_a_pattern_breaks_its_rule_and_no_other(rule: str, z: list[float]) -> None:
    assert set(broken(z, rule.rsplit("-", 1)[0])) == {rule}


@pytest.mark.parametrize(
    ("rule", "z"),
    [(rule, z) for rule, z in ONLY if not rule.endswith("-1")],
    ids=[rule for rule, _ in ONLY if not rule.endswith("-1")],
)
def test_unknown_time_inside_a_pattern_ends_it(rule: str, z: list[float]) -> None:
    """Nobody knows which points lay there: so no pattern is proven."""
    rules = rule.rsplit("-", 1)[0]
    known = np.zeros(len(z), dtype=np.int64)
    completed = location_violations(np.array(z), 0 * np.array(z), known + 1.0, known, rules)[0]
    # Of 2 of 3 and 4 of 5 enough may lie on one side of the gap, but for the last point.
    partial = rule.endswith(("electric-2", "electric-3", "nelson-5", "nelson-6"))
    first = completed.point if partial else completed.first + 1
    for border in range(first, completed.point + 1):
        gap = (np.arange(len(z)) >= border).astype(np.int64)
        found = location_violations(np.array(z), 0 * np.array(z), known + 1.0, gap, rules)
        assert completed.point not in [violation.point for violation in found], border


def test_a_pattern_is_told_where_it_is_complete_with_its_first_point() -> None:
    z = np.array([0.2, -0.9, -0.6, -0.3, 0.1, 0.5, 0.8, 0.3])
    [found] = location_violations(z, np.zeros(8), np.ones(8), np.zeros(8, dtype=np.int64), "nelson")
    assert (found.rule, found.first, found.point) == ("nelson-3", 1, 6)
    assert "6 successive points" in str(found.sentence)


def test_on_the_limit_and_on_the_centre_line_is_not_beyond() -> None:
    assert broken([3.0, -3.0], "nelson") == []
    assert broken([0.5] * 4 + [0.0] + [0.5] * 4, "nelson") == []


def test_without_any_spread_every_distance_is_beyond() -> None:
    found = location_violations(
        np.array([5.0, 5.0, 5.1]), np.full(3, 5.0), np.zeros(3), np.zeros(3, np.int64), "nelson"
    )
    assert [violation.point for violation in found] == [2]


def test_spread_beyond_its_limits_on_either_side() -> None:
    values = np.array([np.nan, 1.0, 5.0, 0.1])
    found = dispersion_violations(values, np.full(4, 0.2), np.full(4, 4.0), "western-electric")
    assert [(v.rule, v.panel, v.point) for v in found] == [
        ("western-electric-1", "dispersion", 2),
        ("western-electric-1", "dispersion", 3),
    ]


def test_an_unknown_set_of_rules_is_refused() -> None:
    with pytest.raises(InputError, match="western-electric, nelson"):
        rules_named("westgard")


# The same rules in plain loops over points, each written out by its wording.
def _same_side(
    z: list[float], at: int, first: int, window: int, needed: int, sigmas: float
) -> bool:
    points = z[max(first, at - window + 1) : at + 1]
    above = z[at] > sigmas and sum(x > sigmas for x in points) >= needed
    below = z[at] < -sigmas and sum(x < -sigmas for x in points) >= needed
    return above or below


def _last(z: list[float], at: int, first: int, count: int) -> list[float] | None:
    return z[at - count + 1 : at + 1] if at - count + 1 >= first else None


def _monotone(points: list[float] | None) -> bool:
    pairs = list(pairwise(points)) if points else []
    return bool(pairs) and (all(a < b for a, b in pairs) or all(a > b for a, b in pairs))


def _alternates(points: list[float] | None) -> bool:
    if not points:
        return False
    steps = [b - a for a, b in pairwise(points)]
    return all((a > 0 > b) or (a < 0 < b) for a, b in pairwise(steps))


def loops(z: list[float], stretches: list[int], rules: str) -> list[tuple[int, str]]:
    found = []
    for at in range(len(z)):
        first = at
        while first and stretches[first - 1] == stretches[at]:
            first -= 1
        western = [
            abs(z[at]) > 3,
            _same_side(z, at, first, 3, 2, 2),
            _same_side(z, at, first, 5, 4, 1),
            _same_side(z, at, first, 8, 8, 0),
        ]
        fifteen, eight = _last(z, at, first, 15), _last(z, at, first, 8)
        nelson = [
            western[0],
            _same_side(z, at, first, 9, 9, 0),
            _monotone(_last(z, at, first, 6)),
            _alternates(_last(z, at, first, 14)),
            western[1],
            western[2],
            fifteen is not None and all(abs(x) <= 1 for x in fifteen),
            eight is not None and all(abs(x) > 1 for x in eight),
        ]
        told = western if rules == "western-electric" else nelson
        found += [(at, f"{rules}-{n}") for n, hit in enumerate(told, start=1) if hit]
    return found


# Few distinct values, so that runs, trends and ties are frequent.
POINTS = st.lists(
    st.tuples(
        st.sampled_from([-3.5, -2.5, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.5, 3.0, 3.5]),
        st.booleans(),
    ),
    max_size=60,
)
SLOWLY = st.lists(st.tuples(st.sampled_from([0.4, 0.6, 1.2, 1.4]), st.booleans()), max_size=60)


@given(
    POINTS | SLOWLY,
    st.sampled_from(sorted(RUN_RULES)),
    st.sampled_from(["as it is", "alternating", "one side"]),
    st.integers(0, 3),
)
def test_vectorised_rules_equal_plain_loops(
    drawn: list[tuple[float, bool]], rules: str, shape: str, breaks: int
) -> None:
    z = [value for value, _ in drawn]
    if shape == "alternating":
        z = [abs(value) * (-1) ** at for at, value in enumerate(z)]
    elif shape == "one side":
        z = [abs(value) for value in z]
    borders = [at for at, (_, border) in enumerate(drawn) if border][:breaks]
    stretches = [sum(at >= border for border in borders) for at in range(len(z))]
    found = location_violations(
        np.array(z), np.zeros(len(z)), np.ones(len(z)), np.array(stretches, np.int64), rules
    )
    assert [(violation.point, violation.rule) for violation in found] == loops(z, stretches, rules)
    assert all(violation.first <= violation.point for violation in found)
    assert all(stretches[v.first] == stretches[v.point] for v in found)
