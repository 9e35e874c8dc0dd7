"""What a line makes: what can be chosen, and what people said last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stopped_line import LINE, at, stopped_line, with_orders
from web_plant import Clock, registry_of, store_of

from api.documents.corrections import READS_ALL
from api.i18n import language_named
from api.pages.operator.made_now import MadeNow, made_now
from api.queries.lines import Queries
from api.records.corrections import Draft, record

ENGLISH = language_named("en")


@pytest.fixture
def queries(tmp_path: Path) -> Iterator[Queries]:
    found = stopped_line(tmp_path, Clock())
    yield found
    store_of(found).close()
    registry_of(found).close()


def shown(queries: Queries) -> MadeNow:
    return made_now(queries, LINE, READS_ALL, ENGLISH)


def test_orders_that_should_run_now_come_first_and_old_ones_not_at_all(queries: Queries) -> None:
    assert [(it.do, it.name) for it in shown(queries).choices] == [
        ("product:juice-330", "Juice 330 ml")
    ], "a plant without orders has its products"
    with_orders(queries)
    first, second = shown(queries).choices
    assert (first.do, first.product, first.quantity) == ("order:4712", "Tea 500 ml", 6000)
    assert (first.times, second.do) == ("14:00–23:00", "order:4711")


def test_what_was_said_last_is_marked_and_in_the_list(queries: Queries) -> None:
    with_orders(queries)
    recording = registry_of(queries).record
    for identity, minute, order in (("c1", 3, "4711"), ("c2", 10, "4712"), ("c3", 20, "")):
        draft = Draft("order", "wong", at(minute).isoformat(), order=order)
        record(queries, recording, LINE, draft, identity)
    record(queries, recording, LINE, Draft("withdrawal", "wong", withdraws="c3"), "c4")
    found = shown(queries)
    assert [it.is_now for it in found.choices] == [True, False]
    assert [it.what for it in found.said] == ["4712 · Tea 500 ml", "4711 · Juice 330 ml"]
    assert found.said[0].since == "25 Mar 2026 14:10"
