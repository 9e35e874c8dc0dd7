"""What is our own STATE, and what others say in its name. What is published is in test_source."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from edge.sources.sparkplug.host import says_offline, state


def test_the_state_of_a_host() -> None:
    said = state("host", datetime(2026, 11, 21, 8, 0, 0, 1999, tzinfo=UTC), online=True)
    assert json.loads(said.payload) == {"online": True, "timestamp": 1_795_248_000_001}
    assert (said.topic, said.qos, said.retain) == ("spBv1.0/STATE/host", 1, True)


@pytest.mark.parametrize(
    ("payload", "is_offline"),
    [
        (b'{"online": false, "timestamp": 1}', True),
        (b'{"online": true, "timestamp": 1}', False),
        (b'{"online": 0}', False),
        (b"OFFLINE", False),
        (b"\xff", False),
        (b"[" * 100_000, False),
        (b"", False),
    ],
)
def test_what_says_that_a_host_is_gone(payload: bytes, is_offline: bool) -> None:
    assert says_offline(payload) is is_offline
