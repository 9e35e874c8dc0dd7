"""A whole plant by a seed: thousands of faults, and after each nothing lost and nothing doubled.

Agents, network, collectors, stores, keepers and clocks under one scheduler (simulated_plant). A few
faults run with all tests; `make simulate FAULTS=10000` runs as many as it is told, in plants one
after the other, each by a seed of its own. What fails names its seed, and how to see it again.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from simulated_plant import run, run_many

FAULTS = int(os.environ.get("LINEPROOF_FAULTS", "24"))
SEED = int(os.environ.get("LINEPROOF_SEED", "20260302"))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What went wrong on purpose need not be logged."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


def test_no_fault_loses_or_doubles_anything(tmp_path: Path) -> None:
    assert run_many(SEED, FAULTS, tmp_path).total() == FAULTS


def test_the_same_seed_gives_the_same_course(tmp_path: Path) -> None:
    courses = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        courses.append(run(7, 5, tmp_path / name))
    assert courses[0] == courses[1]
