"""The worked examples in the docstrings of dense array code are true: they run as doctests."""

from __future__ import annotations

import doctest
from types import ModuleType

import pytest

from analytics.facts import allocation, cells, counters, quantities
from analytics.kpi import state_matrix
from analytics.timeline import onsets, reasons, tracks

MODULES = (cells, quantities, allocation, counters, tracks, reasons, onsets, state_matrix)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_the_example_is_true(module: ModuleType) -> None:
    said: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    for found in doctest.DocTestFinder().find(module):
        runner.run(found, out=said.append)
    assert runner.tries >= 1
    assert runner.failures == 0, "".join(said)
