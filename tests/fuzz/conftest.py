"""What holds for every kind of input: nothing is logged to the end, and memory does not grow."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator

import pytest
import structlog
from fuzzing import resident_bytes

GROWTH_MAX_BYTES = 300 << 20  # of many inputs; caches fill up to their limits


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """A line for each of a hundred thousand refusals helps nobody."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def memory() -> Iterator[None]:
    """Fails where the process has grown a lot in between."""
    gc.collect()
    before = resident_bytes()
    yield
    gc.collect()
    assert resident_bytes() - before < GROWTH_MAX_BYTES
