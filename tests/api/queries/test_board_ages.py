"""Which lines come on which board, and how old an entry becomes there."""

from __future__ import annotations

from api.queries.board_ages import AGE_BELOW_MAX, AGE_MAX, ToldLive


def test_a_line_that_is_told_live_is_on_both_boards_and_looked_at_seldom_below() -> None:
    live, below = (ToldLive("told".__eq__, alone=it) for it in (True, False))
    assert [live.has(it) for it in ("told", "other")] == [True, False]
    assert [below.has(it) for it in ("told", "other")] == [True, True]
    assert live.age_max("told") == below.age_max("other") == ToldLive().age_max("told") == AGE_MAX
    assert below.age_max("told") == AGE_BELOW_MAX > AGE_MAX
