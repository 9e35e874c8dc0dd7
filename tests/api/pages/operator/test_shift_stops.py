"""What a row of a shift's stops says, and the reasons that are offered."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from stopped_line import FIRST, LINE, RUNNING, at, stopped_line
from web_plant import Clock, app_of, confirm, registry_of, store_of, tell

from api.http.dependencies import Services
from api.i18n import language_named
from api.pages.operator.shift_stops import ShiftStops, choices, read_shift
from api.queries.lines import Queries
from api.records.corrections import Draft, record
from domain.plant import Confidential, Withheld
from domain.states import MachineState

NO_ID = "11111111-1111-4111-8111-11111111111"


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Queries, Clock]]:
    clock = Clock()
    found = stopped_line(tmp_path_factory.mktemp("stopped"), clock)
    yield found, clock
    store_of(found).close()
    registry_of(found).close()


def shift(queries: Queries, withheld: Withheld = frozenset(), tag: str = "en") -> ShiftStops:
    services = app_of(queries, version="1").state.services
    assert isinstance(services, Services)
    return read_shift(services, queries, LINE, FIRST, withheld, language_named(tag))


def said(queries: Queries, number: int, kind: str = "reason", **fields: str) -> None:
    draft = Draft(kind, "wong", FIRST.isoformat(), at(10).isoformat(), **fields)
    record(queries, registry_of(queries).record, LINE, draft, f"{NO_ID}{number}")


def test_outside_readers_see_stops_without_their_reasons(plant: tuple[Queries, Clock]) -> None:
    shown = shift(plant[0], frozenset({Confidential.REASONS}))
    assert [it.reason for it in shown.stops] == [""] * 5
    assert not any(it.asks or it.said for it in shown.stops)
    assert not shown.shows_reasons


def test_reasons_stand_in_groups_in_the_readers_language_the_most_used_first(
    plant: tuple[Queries, Clock],
) -> None:
    queries, _ = plant
    found = choices(queries, LINE, language_named("zh-Hant"))
    assert found.most_used == ()
    assert [(name, [it.id for it in each]) for name, each in found.groups] == [
        ("灌裝機", ["jam", "valve", "filler-trouble"]),
        ("人員", ["cleaning", "people"]),
    ]
    said(queries, 1, reason="valve", comment="it dripped")
    again = choices(queries, LINE, language_named("zh-Hant"))
    assert [(it.name, it.kind, it.is_root) for it in again.most_used] == [
        ("閥門漏水", "breakdown", False)
    ]
    (row,) = [it for it in shift(queries).stops if it.start == FIRST.isoformat()]
    assert (row.reason, row.asks, row.seen) == ("Valve leaks", False, f"{NO_ID}1")
    assert [(it.what, it.author, it.comment) for it in row.said] == [
        ("Valve leaks", "wong", "it dripped")
    ]


def test_what_went_on_after_its_reason_was_given_says_so(plant: tuple[Queries, Clock]) -> None:
    queries, clock = plant
    draft = Draft("reason", "wong", RUNNING.isoformat(), at(22).isoformat(), reason="jam")
    record(queries, registry_of(queries).record, LINE, draft, f"{NO_ID}2")
    running = shift(queries).stops[0]
    assert (running.end, running.reason, running.rest) == ("", "Bottle jam", None)
    tell(queries, 9, (at(26), MachineState.PRODUCING))
    confirm(queries, 10, at(30))
    clock.now = at(30)
    rest = shift(queries).stops[0].rest
    assert rest is not None
    assert (rest.times, rest.reason) == ("14:22:00–14:26:00", "jam")


async def test_the_line_leads_to_its_stops(client: httpx.AsyncClient) -> None:
    assert f'href="/lines/{LINE}/stops"' in (await client.get(f"/lines/{LINE}")).text
