"""What people say is made counts as if the machine had told it; what came last holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import numpy as np
import pytest
from plants import Row, history, local, plant
from polars.testing import assert_frame_equal

from analytics.facts.line_facts import line_facts
from analytics.facts.products import unsure_track
from analytics.timeline.tracks import lost_track, text_track
from domain.corrections import Correction, CorrectionKind
from domain.frames import LineHistory
from domain.plant import Product
from domain.time import micros

START = local("2026-03-02 06:00")
END = START + timedelta(hours=1)
PRODUCTS = (Product("tea", {"en": "Tea"}, 2.0), Product("juice", {"en": "Juice"}, 0.5))
WHERE = plant(products=PRODUCTS)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def said(second: float, order: str | None, product: str | None = None) -> Correction:
    return Correction(
        f"c{second}", "l1", CorrectionKind.ORDER, at(second), at(second), "Ann", at(9999),
        order=order, product=product,
    )  # fmt: skip


def with_said(rows: list[Row], *corrections: Correction) -> LineHistory:
    return replace(history(rows, START, END), corrections=corrections)


@pytest.mark.parametrize("seed", range(6))
def test_facts_are_those_of_a_machine_that_tells_the_same(seed: int) -> None:
    dice = Random(seed)
    rows: list[Row] = [
        ("state", at(second), dice.choice(["producing", "producing", "stopped", "setup"]))
        for second in range(0, 3600, 200)
    ]
    total = 0.0
    for second in range(0, 3600, 50):
        total += dice.randint(0, 40)
        rows.append(("total_count", at(second), total))
    told = sorted(dice.sample(range(3600), 5))
    named = [(it, dice.choice(["1", "2", ""]), dice.choice(["tea", "juice"])) for it in told]
    by_machine = [
        row
        for second, order, product in named
        for row in (("order", at(second), order), ("product", at(second), product))
    ]
    entered = [said(*it) for it in named]
    found = line_facts(WHERE, "l1", with_said(rows, *entered), START, END)
    assert set(found["product"]) >= {"tea", "juice"} & {product for _, _, product in named}
    expected = line_facts(WHERE, "l1", history([*rows, *by_machine], START, END), START, END)
    assert_frame_equal(found, expected, rel_tol=1e-12, abs_tol=1e-9)


def texts(signal: str, rows: list[Row], *corrections: Correction) -> list[str | None]:
    """Every ten minutes."""
    line = WHERE.lines["l1"]
    track = text_track(line, with_said(rows, *corrections), signal)
    lost = lost_track(line, with_said(rows, *corrections), signal)
    instants = np.array([micros(at(second)) for second in range(0, 3600, 600)])
    found = track.at(instants).to_list()
    return [
        "lost" if it >= 0 else name for it, name in zip(lost.codes_at(instants), found, strict=True)
    ]


def test_what_came_last_holds_whoever_said_it() -> None:
    rows: list[Row] = [("order", at(600), "1"), ("order", at(1800), None)]
    assert texts("order", rows) == [None, "1", "1", "lost", "lost", "lost"]
    people = said(1200, "2", "tea"), said(2400, "3")
    assert texts("order", rows, *people) == [None, "1", "2", "lost", "3", "3"]
    assert texts("order", rows, said(600, "2")) == [None, "2", "2", "lost", "lost", "lost"]


def test_an_order_without_product_is_of_the_line_s_own_and_a_product_says_nothing_of_orders() -> (
    None
):
    people = said(0, "1", "tea"), said(1200, "", None), said(2400, None, "juice")
    assert texts("product", [], *people) == ["tea", "tea", "", "", "juice", "juice"]
    assert texts("order", [], *people) == ["1", "1", "", "", "", ""]


def test_a_product_that_people_named_needs_no_confirmation_by_the_machine() -> None:
    """A silence of the machine leaves open what it made, unless people said it last."""
    rows: list[Row] = [("state", at(0), "producing")]
    heard = [(at(0), at(1500)), (at(1800), at(3600))]

    def unsure(rows: list[Row], *said: Correction) -> list[bool]:
        told = replace(history(rows, START, END, heard), corrections=said)
        track = unsure_track(WHERE.lines["l1"], told)
        return (
            track.codes_at(np.array([micros(at(it)) for it in (1000, 1600, 2000)])) >= 0
        ).tolist()

    assert unsure(rows) == [False, True, False]
    assert unsure(rows, said(0, "1", "tea")) == [False, False, False]
    later: list[Row] = [*rows, ("product", at(1200), "juice")]
    assert unsure(later, said(0, "1", "tea")) == [False, True, False]
