"""Orders and products that people name: figures per product follow, and corrections of them too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from stopped_line import LINE, at, stopped_line, with_orders
from web_plant import Clock, confirm, registry_of, store_of

from api.queries.lines import Queries
from api.records.corrections import Draft, record
from domain.errors import InputError
from domain.time import Window


@pytest.fixture
def queries(tmp_path: Path) -> Iterator[Queries]:
    clock = Clock()
    found = stopped_line(tmp_path, clock)
    with_orders(found)
    confirm(found, 9, at(40))
    clock.now = at(40)
    yield found
    store_of(found).close()
    registry_of(found).close()


def said(queries: Queries, identity: str, draft: Draft, *, may_approve: bool = True) -> None:
    recording = registry_of(queries).record
    record(queries, recording, LINE, draft, identity, may_approve=may_approve)


def minutes(queries: Queries) -> dict[str, int]:
    """Since 14:00, by product and order."""
    facts = queries.present_facts(LINE, Window(at(0), at(40)))
    found: dict[str, int] = {}
    for row in facts.to_dicts():
        name = f"{row['product']} {row['order']}"
        spent = sum(row[it] for it in row if it.endswith("_us") and isinstance(row[it], int))
        found[name] = found.get(name, 0) + spent // 60_000_000
    return found


def draft(minute: float, order: str | None, **more: str) -> Draft:
    return Draft("order", "wong", at(minute).isoformat(), order=order, **more)


def test_what_is_made_from_when_on_follows_what_people_say_and_take_back(queries: Queries) -> None:
    assert minutes(queries) == {"juice-330 None": 40}
    said(queries, "c1", draft(10, "4712"))
    said(queries, "c1", draft(12, "4712"))  # it came twice, because an answer was lost
    said(queries, "c2", draft(30, ""))
    assert minutes(queries) == {"juice-330 None": 10, "tea-500 4712": 20, "juice-330 ": 10}
    said(queries, "c3", Draft("withdrawal", "wong", withdraws="c2"))
    said(queries, "c4", draft(35, None, product="juice-330"))
    assert minutes(queries) == {"juice-330 None": 10, "tea-500 4712": 25, "juice-330 4712": 5}


def test_what_cannot_be_right_is_refused(queries: Queries) -> None:
    said(queries, "c1", draft(10, "4712"))
    for wrong, why in (
        (draft(10, "4711"), "overlaps the order correction"),
        (draft(20, "4713"), "no order '4713'"),
        (draft(50, "4711"), "not come yet"),
        (replace(draft(20, "4711"), reason="jam"), "has no reason"),
    ):
        with pytest.raises(InputError, match=why):
            said(queries, "c2", wrong)


def test_what_an_operator_says_of_a_shift_that_is_over_waits(queries: Queries) -> None:
    said(queries, "c1", draft(-24 * 60, "4711"), may_approve=False)
    assert minutes(queries) == {"juice-330 None": 40}
