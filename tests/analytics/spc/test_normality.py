"""Whether values look normal: the statistic of Anderson and Darling, and its p-values."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.spc.normality import anderson_darling


def test_anderson_darling_against_scipy() -> None:
    from scipy import stats  # slow to import, and only this test needs it

    drawn = np.random.default_rng(3).gamma(2.0, size=50)
    found = anderson_darling(drawn)
    assert found is not None
    theirs = stats.anderson(drawn, "norm", method="interpolate")
    assert found.a_squared / (1 + 0.75 / 50 + 2.25 / 2500) == pytest.approx(theirs.statistic)
    assert found.doubtful


@pytest.mark.parametrize(
    ("a_squared", "p"), [(0.561, 0.15), (0.631, 0.10), (0.752, 0.05), (0.873, 0.025), (1.035, 0.01)]
)
def test_p_values_at_the_printed_critical_values(a_squared: float, p: float) -> None:
    """D'Agostino and Stephens, table 4.7, case 3. Scaled normal scores reach any A² between."""
    from analytics.spc.normality import _p_value

    assert _p_value(a_squared) == pytest.approx(p, rel=0.04)
