"""What the registry holds of lines is read again only after something was recorded."""

from __future__ import annotations

import pytest
from web_plant import NOW, Clock, registry_of

from api.queries.lines import Queries
from api.queries.recorded import Recorded
from api.records.corrections import Draft, record
from domain.errors import NotFoundError


def test_the_same_is_given_until_something_is_recorded(own_plant: tuple[Queries, Clock]) -> None:
    queries, _ = own_plant
    registry = registry_of(queries)
    recorded = Recorded(registry)
    before = recorded.corrections("filler-1")
    assert recorded.corrections("filler-1") is before
    assert recorded.lines() is recorded.lines()
    start = NOW.replace(hour=9, minute=10).isoformat()
    end = NOW.replace(hour=9, minute=20).isoformat()
    draft = Draft("merge", "Ann", start, end)
    record(queries, registry.record, "filler-1", draft, "id-1")
    after = recorded.corrections("filler-1")
    assert [it.id for it in after] == [*(it.id for it in before), "id-1"]
    assert "filler-1" in recorded.lines_with_records()


def test_a_line_comes_with_its_plant(filled: Queries) -> None:
    recorded = Recorded(registry_of(filled))
    assert list(recorded.lines()) == [line.id for _, line in filled.lines()]
    plant, line = recorded.line("press-1")
    assert plant.lines["press-1"] is line
    with pytest.raises(NotFoundError, match="press-1"):
        recorded.line("press-7")
