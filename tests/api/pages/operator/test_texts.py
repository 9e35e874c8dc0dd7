"""How a period is named."""

from __future__ import annotations

from datetime import datetime

import pytest
from web_plant import ZONE

from api.i18n import language
from api.pages.operator.texts import from_to


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ("2026-03-05T07:00", "2026-03-05T15:00", "07:00–15:00"),
        ("2026-03-05T23:00", "2026-03-06T07:00", "23:00–07:00"),
        ("2026-03-05T07:00", "2026-03-06T07:00", "5 Mar 2026 07:00 – 6 Mar 2026 07:00"),
        ("2026-03-05T00:00", "2026-03-06T00:00", "5 Mar 2026"),
        ("2026-03-05T00:00", "2026-03-08T00:00", "5–7 Mar 2026"),
        ("2026-03-05T00:00", "2026-03-06T00:01", "5 Mar 2026 00:00 – 6 Mar 2026 00:01"),
        ("2026-03-05T00:00", "2026-03-05T00:00", "00:00–00:00"),
    ],
)
def test_a_period_names_its_days_where_it_is_as_long_as_one(
    start: str, end: str, text: str
) -> None:
    first, last = (datetime.fromisoformat(each).replace(tzinfo=ZONE) for each in (start, end))
    assert from_to(first, last, language("en"), ZONE) == text
