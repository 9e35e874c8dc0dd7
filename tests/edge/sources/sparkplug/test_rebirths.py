"""How often a node is asked for its births."""

from __future__ import annotations

from itertools import pairwise

from edge.sources.sparkplug.rebirths import CALM_S, PAUSE_MOST_S, Rebirths


def test_a_node_that_does_not_help_is_asked_less_and_less() -> None:
    rebirths, asked = Rebirths(), list[float]()
    assert rebirths.due_s is None
    assert not rebirths.ask(0)
    for now in range(2000):
        rebirths.want()
        if rebirths.ask(now):
            asked.append(now)
    pauses = [after - before for before, after in pairwise(asked)]
    assert asked[0] == 0
    assert pauses == [10, 20, 40, 80, 160, *[PAUSE_MOST_S] * (len(pauses) - 5)]


def test_births_that_do_not_help_do_not_hasten_it() -> None:
    rebirths = Rebirths()
    rebirths.want()
    assert rebirths.ask(0)
    rebirths.came()
    assert rebirths.due_s is None
    rebirths.want()
    assert not rebirths.ask(9)
    assert rebirths.due_s == 10
    assert rebirths.ask(10)


def test_a_new_connection_of_ours_is_not_held_against_the_node() -> None:
    """A network that breaks every few minutes for days costs ten seconds each time, not five
    minutes."""
    rebirths, waited = Rebirths(), list[float]()
    for broken in range(400, 400 * 100, 400):
        rebirths.connected()
        rebirths.want()
        asked = next(now for now in range(broken, broken + 400) if rebirths.ask(now))
        waited.append(asked - broken)
        rebirths.came()
    assert set(waited) == {0}
    rebirths.connected()
    rebirths.want()
    assert not rebirths.ask(asked + 9), "nor does a connection that breaks at once hasten it"
    assert rebirths.ask(asked + 10)


def test_after_a_calm_time_it_is_asked_at_once() -> None:
    rebirths = Rebirths()
    for now in (0.0, 10.0, 30.0):
        rebirths.want()
        assert rebirths.ask(now)
    rebirths.came()
    rebirths.want()
    assert rebirths.ask(31 + CALM_S)
    assert rebirths.due_s == 31 + CALM_S + 10


def test_a_host_that_stays_silent() -> None:
    rebirths = Rebirths(allowed=False)
    rebirths.want()
    assert rebirths.due_s is None
    assert not rebirths.ask(0)
