"""The benchmarks of pages and demo at their smallest: that they run and measure what they say."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl
from live_lines import LiveLines, Story
from page_data import Size
from pages import PARTS, Figure, Options, measured
from processes import cpu_s, family, memory_mb

from domain.states import MachineState

HOUR_US = 3_600_000_000
STORY = Story(("a", "b"), start_us=HOUR_US, end_us=4 * HOUR_US, period_us=5_000_000)


def test_every_part_measures_a_real_node(tmp_path: Path) -> None:
    size = Size(lines=3, days=2, days_each=0.05, live_period_s=1, agents=2)
    options = Options(size, seconds=2, times=2, rounds=1, viewers=2)
    # What is looked for in the counts is told while the lines run: they stop after two minutes.
    figures = list(measured(tmp_path, sorted(PARTS, reverse=True), options, settle_s=2))
    assert len(figures) == 36
    assert all(np.isfinite(figure.value) for figure in figures)
    ratios = [figure for figure in figures if "/ unit" in figure.what]
    assert min(figure.value for figure in ratios) > 0
    shown = [figure for figure in figures if figure.what.startswith("a count shows")]
    assert len(shown) == 2
    assert all("readings" in figure.note for figure in shown)


def test_what_lines_did_does_not_depend_on_how_one_asks() -> None:
    lines = LiveLines(STORY)
    start_us, end_us = 2 * HOUR_US, 2 * HOUR_US + HOUR_US // 4
    whole = lines.samples(start_us, end_us)
    cut_us = start_us + 123_456_789
    parts = [lines.samples(start_us, cut_us), LiveLines(STORY).samples(cut_us, end_us)]
    order = ["line", "signal", "time"]
    assert pl.concat(parts).sort(order).equals(whole.sort(order))
    counts = whole.filter(pl.col("line") == "b", pl.col("signal") == "total_count").sort("time")
    assert counts["time"].dt.epoch("us").to_list() == [
        at for at, _ in lines.counts(1, start_us, end_us)
    ]
    assert counts["value"].is_sorted()
    states = whole.filter(pl.col("signal") == "state")["text"].value_counts()
    assert MachineState.PRODUCING.value in states["text"]


def test_a_figure_knows_whether_its_aim_is_reached() -> None:
    assert Figure("CPU", 0.9, "cores", 1).is_reached
    assert not Figure("CPU", 1.1, "cores", 1).is_reached
    assert not Figure("rate", 0.4, "×", 0.5, at_least=True).is_reached
    assert "NO" in str(Figure("rate", 0.4, "×", 0.5, at_least=True))


def test_processes_are_measured_with_their_children() -> None:
    me = os.getpid()
    assert family(me)[0] == me
    before = cpu_s(me)
    while cpu_s(me) - before < 0.05:
        sum(range(10_000))
    assert 10 < memory_mb(me) <= memory_mb(me, "VmHWM")
