"""Differences of texts: either text comes out of them again, and a huge one costs little."""

from __future__ import annotations

import random
import time

import pytest

from api.pages.drawing import text_difference
from api.pages.drawing.text_difference import COMPARED_MAX, DIFFERENCE_MAX, difference, side_by_side


def test_either_text_comes_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_difference, "AROUND", 1_000)  # so that nothing is left out
    chance = random.Random(7)
    for _ in range(200):
        old, new = ([chance.choice("abcd") for _ in range(chance.randint(0, 12))] for _ in range(2))
        rows = difference("\n".join(old), "\n".join(new))
        if old == new:
            assert rows == []
            continue
        olds = [(it.old, it.text) for it in rows if it.old is not None]
        news = [(it.new, it.text) for it in rows if it.new is not None]
        assert olds == list(enumerate(old, 1))
        assert news == list(enumerate(new, 1))
        sides = side_by_side(rows)
        assert [it.old.text for it in sides if it.old] == old
        assert [it.new.text for it in sides if it.new] == new


def test_what_is_far_from_a_change_is_counted() -> None:
    old = [str(it) for it in range(100)]
    new = [*old[:50], "x", *old[51:]]
    rows = difference("\n".join(old), "\n".join(new))
    counts = [it.count for it in rows if it.kind == "left out"]
    assert (counts, len(rows)) == ([47, 46], 10)


def test_texts_that_have_nothing_in_common_cost_little() -> None:
    lines = [str(it) for it in range(5 * COMPARED_MAX)]
    mixed = random.Random(1).sample(lines, len(lines))
    before_s = time.process_time()
    rows = difference("\n".join(lines), "\n".join(mixed))
    assert time.process_time() - before_s < 2
    assert len(rows) == DIFFERENCE_MAX + 1
    assert rows[-1].count
