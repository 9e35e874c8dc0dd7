"""The benchmark of sign-ins at its smallest: that it runs and measures what it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from page_data import Size
from sign_in import measured


def test_it_measures_a_real_node(tmp_path: Path) -> None:
    size = Size(lines=1, days=2, days_each=0.05, live_period_s=1, agents=1)
    figures = list(measured(tmp_path, size, rate=20, seconds=0.5))
    assert len(figures) == 3
    assert all(np.isfinite(figure.value) for figure in figures)
