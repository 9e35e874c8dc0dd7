"""Forms of the page of stops: when it was entered, what is made, and notes that come twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from signing_in import asking, send, sign_in
from stopped_line import FIRST, LINE, at, stopped_line, with_orders
from web_plant import Clock, app_of, registry_of, store_of

from api.pages.operator.entering import entered_at
from api.queries.handovers import shift_at
from api.queries.lines import Queries
from domain.errors import InputError

HERE = f"/lines/{LINE}/stops"


@pytest.fixture(scope="module")
def queries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queries]:
    found = stopped_line(tmp_path_factory.mktemp("stopped"), Clock())
    with_orders(found)
    yield found
    store_of(found).close()
    registry_of(found).close()


@pytest.fixture
async def client(queries: Queries) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(app_of(queries, version="1")) as client:
        await sign_in(client, "wong")
        yield client


async def sent(client: httpx.AsyncClient, **fields: str) -> int:
    return (await send(client, HERE, HERE, author="wong", **fields)).status_code


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "1e30", "soon", "604801"])
def test_how_long_ago_is_a_time_within_seven_days(queries: Queries, text: str) -> None:
    with pytest.raises(InputError, match="no time ago"):
        entered_at(queries, {"ago_s": text})


def test_without_it_something_was_entered_now(queries: Queries) -> None:
    assert entered_at(queries, {}) == queries.now()
    assert (queries.now() - entered_at(queries, {"ago_s": "90.5"})).total_seconds() == 90.5


async def test_a_note_that_comes_twice_is_there_once_and_one_of_a_stop_says_so(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    for _ in range(2):
        assert await sent(client, do="note", note="bottles come late") == 303
    assert await sent(client, do="note", note="star wheel", stop=FIRST.isoformat()) == 303
    earlier = {"do": "note", "note": "of yesterday", "ago_s": "86400"}
    assert await sent(client, **earlier) == 303
    assert await sent(client, do="note", note=" ") == 422
    handovers = registry_of(queries).handovers

    def notes(minute: float) -> list[str]:
        shift = shift_at(queries, handovers, LINE, at(minute))
        return [it.text for it in handovers.of_shift(shift).notes]

    assert notes(22) == ["bottles come late", "Stop of 14:06: star wheel"]
    assert notes(22 - 24 * 60) == ["of yesterday"]
    page = (await client.get(HERE)).text
    assert "bottles come late" in page
    assert "of yesterday" not in page


async def test_an_order_holds_from_when_it_was_entered_or_from_a_time_that_is_given(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    assert await sent(client, do="order:4711", moment="2026-03-25T08:00") == 303
    assert await sent(client, do="order:4712", ago_s="120") == 303
    assert await sent(client, do="order:4712", ago_s="a while") == 422
    assert await sent(client, do="order:no-such", ago_s="1") == 422
    found = registry_of(queries).facts_basis.line_corrections(LINE).in_force
    said = [(it.order, it.product, it.start) for it in found]
    assert said == [("4711", "juice-330", at(-360)), ("4712", "tea-500", at(20))]
    page = (await client.get(HERE)).text
    assert "Made now:" in page
    assert "4712 · Tea 500 ml" in page
