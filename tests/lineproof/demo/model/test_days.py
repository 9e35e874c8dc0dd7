"""A seed for every moment at which somebody may start the demo."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.states import MachineState
from domain.time import micros
from lineproof.demo.model.days import ZONE, demo_model, pick_seed

_DAY = datetime(2026, 11, 29, tzinfo=ZoneInfo(ZONE))
_SECOND_US = 1_000_000


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("second", [0, 1, 2700, 3299, 3300, 3301, 3510, 3580, 3590, 3594.7, 3599.9])
def test_the_line_runs_and_soon_waits_for_the_packer(hour: int, second: float) -> None:
    """Also where an hour ends while the visitor looks, and with it the model's stretch."""
    now_us = micros(_DAY + timedelta(hours=hour, seconds=second))
    ahead = demo_model(now_us, pick_seed(now_us)).segments(now_us, now_us + 90 * _SECOND_US)
    standing = [segment for segment in ahead if segment.speed == 0.0]
    assert MachineState.BLOCKED in {segment.state for segment in standing}
    assert min(segment.start_us for segment in standing) > now_us + 20 * _SECOND_US
    assert max(segment.end_us - segment.start_us for segment in standing) < 15 * _SECOND_US
