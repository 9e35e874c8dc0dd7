"""Nothing is left at an OPC UA server, and memory stays flat, over a few of a thousand breaks.

thingsboard-gateway#720, eclipse-milo/milo#743: BadTooManySessions.
"""

from __future__ import annotations

import pytest
import reconnects


def test_no_session_or_subscription_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconnects.backing_off, "BACK_OFF_FIRST_S", 0.02)
    left = reconnects.measured(reconnects=12, seed=1)
    assert left.end == (0, 0)
    assert max(left.most) <= reconnects.HELD_MAX
    assert left.connects > 1
