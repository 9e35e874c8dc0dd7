"""Windows and instants out of what people and programs write; errors name the field."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from api.queries.times import instant_of, window_of
from domain.errors import InputError
from domain.time import Window

ZONE = ZoneInfo("Asia/Hong_Kong")


def test_times_without_offset_are_the_plants() -> None:
    assert window_of("2026-03-02", "2026-03-02T12:00Z", ZONE) == Window(
        datetime(2026, 3, 1, 16, tzinfo=UTC), datetime(2026, 3, 2, 12, tzinfo=UTC)
    )


@pytest.mark.parametrize("text", ["2026-03-02T07:00:00+08:00", "2026-03-02T07:00:00 08:00"])
def test_a_plus_sign_that_arrives_as_a_space_is_one(text: str) -> None:
    assert instant_of(text, ZONE, "start") == datetime(2026, 3, 1, 23, tzinfo=UTC)


def test_the_field_that_is_wrong_is_named() -> None:
    with pytest.raises(InputError, match=r"^end: 'soon' is not a time"):
        window_of("2026-03-02", "soon", ZONE)
    with pytest.raises(InputError, match=r"^end: the window ends at 2026-03-01T00:00:00\+08:00"):
        window_of("2026-03-02", "2026-03-01", ZONE)
