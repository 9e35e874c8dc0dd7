"""The benchmark of wide questions at its smallest: that it runs and measures what it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from page_data import Size
from wide import measured, wide_paths


def test_it_measures_a_real_node(tmp_path: Path) -> None:
    size = Size(lines=2, days=2, days_each=0.05, live_period_s=1, agents=1)
    figures = list(measured(tmp_path, size, askers=3, seconds=0.5))
    assert len(figures) == 5
    assert all(np.isfinite(figure.value) for figure in figures)


def test_no_question_is_another_ones() -> None:
    assert len(set(wide_paths(30))) == 30
