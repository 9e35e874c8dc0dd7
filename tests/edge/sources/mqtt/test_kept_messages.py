"""Which time of a break is known by the messages that a broker kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from edge.sources.mqtt.kept_messages import KeptMessages, Part

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
STALE, KEEPS = timedelta(seconds=60), 5


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


class Machine:
    """Heard at 0; the connection breaks, and stands again at 180."""

    def __init__(self, *, has_session: bool = True) -> None:
        self.kept = KeptMessages(STALE, KEEPS)
        self.tell(0, received=0)
        self.kept.lost()
        self.kept.resumed(at(180), has_session=has_session)

    def tell(
        self,
        *seconds: float | None,
        received: float = 181,
        qos: int = 1,
        is_used: bool = True,
    ) -> list[Part]:
        times = [None if it is None else at(it) for it in seconds]
        return self.kept.came(qos, times, at(received), at(received) if is_used else None)

    def live(self, second: float = 190) -> list[tuple[float, float]]:
        parts = self.tell(second, received=second)
        return [((a - START).total_seconds(), (b - START).total_seconds()) for a, b in parts]


def test_messages_that_follow_each_other_closely_make_their_time_known() -> None:
    machine = Machine()
    for second in (20, 40, 150, 170):
        assert machine.tell(second) == []
    assert machine.live() == [(0, 40), (150, 190)]
    assert not machine.kept.is_open
    assert machine.live(200) == []


def test_all_of_it_where_no_pause_was_too_long() -> None:
    machine = Machine()
    for second in (60, 120, 179):
        machine.tell(second)
    assert machine.live() == [(0, 190)]


def test_of_several_values_the_newest_counts_and_disorder_takes_nothing_back() -> None:
    machine = Machine()
    machine.tell(20, 50)
    machine.tell(30)
    machine.tell(110)
    machine.tell(150, 140)
    assert machine.live() == [(0, 190)]


def test_a_session_that_is_gone_kept_nothing() -> None:
    machine = Machine(has_session=False)
    machine.tell(60)
    assert machine.live(100) == []


@pytest.mark.parametrize("qos", [0, 1])
def test_what_came_at_most_once_may_be_missing(qos: int) -> None:
    """At any time: its topic was silent in the break, because nobody kept it."""
    machine = Machine()
    machine.tell(200, received=200)  # the break has ended
    machine.tell(210, received=210, qos=qos)
    machine.kept.lost()
    machine.kept.resumed(at(240), has_session=True)
    machine.tell(230, received=241)
    assert machine.live(250) == ([(210, 250)] if qos else [])


def test_a_value_without_a_time_of_its_own_may_be_of_any_time() -> None:
    machine = Machine()
    machine.tell(40)
    machine.tell(80, None)
    machine.tell(120)
    assert machine.live() == []


def test_a_message_of_which_nothing_is_understood_confirms_nothing() -> None:
    """Nor does one that only says that the machine is gone, or there again."""
    machine = Machine()
    machine.tell(20)
    machine.tell(40, is_used=False)
    machine.tell(60)
    machine.tell(100)
    machine.tell()
    machine.tell(140)
    assert machine.live() == [(0, 20), (60, 100), (140, 190)]


def test_a_broker_that_kept_all_that_it_keeps_may_have_dropped_others() -> None:
    for count in (KEEPS - 1, KEEPS):
        machine = Machine()
        for number in range(count):
            machine.tell(35 * (number + 1))
        assert machine.live() == ([(0, 190)] if count < KEEPS else []), count


@pytest.mark.parametrize("comes_between", [True, False])
def test_two_breaks_in_a_row_are_one(comes_between: bool) -> None:
    """What waited at the broker is counted anew once something came that did not wait."""
    machine = Machine()
    seconds = [50, 100, 150]
    for second in [*seconds, 181] if comes_between else seconds:
        machine.tell(second)
    machine.kept.lost()
    machine.kept.resumed(at(300), has_session=True)
    for second in (200, 250, 290):
        machine.tell(second, received=301)
    assert machine.live(310) == ([(0, 310)] if comes_between else [])


def test_a_clock_that_is_ahead_ends_no_break_too_early() -> None:
    machine = Machine()
    for second in (60, 120, 175, 184):
        assert machine.tell(second, received=182) == []
    assert machine.live(186) == [(0, 186)]


def test_what_was_held_up_before_the_break_counts_from_when_it_was_said() -> None:
    kept = KeptMessages(STALE, KEEPS)
    kept.came(1, [at(0)], at(50), at(0))
    kept.lost()
    kept.resumed(at(180), has_session=True)
    kept.came(1, [at(70)], at(181), at(70))
    assert kept.came(1, [at(190)], at(190), at(190)) == []


def test_nothing_is_known_before_the_machine_was_heard() -> None:
    kept = KeptMessages(STALE, KEEPS)
    kept.resumed(at(0), has_session=True)
    assert kept.came(1, [at(-30)], at(1), at(1)) == []
    assert kept.came(1, [at(10)], at(10), at(10)) == []
