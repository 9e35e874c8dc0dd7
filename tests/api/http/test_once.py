"""An answer is made once, however many ask, and as long as what it was made from is the same."""

from __future__ import annotations

import asyncio
import threading

import pytest

from api.http.lanes import Lane
from api.http.once import WEIGHT_MAX, Once
from api.queries.prices import ComeAgainError


class Counted:
    """Makes another answer at each call, when it is let go."""

    def __init__(self) -> None:
        self.made = 0
        self.go_on = threading.Event()

    def __call__(self) -> str:
        self.go_on.wait()
        self.made += 1
        return f"answer {self.made}"


def lane() -> Lane:
    return Lane("test", threads=4, waiting_max=100)


@pytest.fixture
def make() -> Counted:
    counted = Counted()
    counted.go_on.set()
    return counted


async def test_all_who_ask_meanwhile_wait_for_the_one_answer(make: Counted) -> None:
    make.go_on.clear()
    once = Once(60.0, lane())
    asked = [asyncio.create_task(once.get("key", 1, make)) for _ in range(20)]
    await asyncio.sleep(0)
    make.go_on.set()
    assert set(await asyncio.gather(*asked)) == {"answer 1"}
    await once.close()


async def test_another_stamp_or_another_key_is_another_answer(make: Counted) -> None:
    once = Once(60.0, lane())
    asked = [("a", 1), ("a", 1), ("a", 2), ("b", 2), ("a", 2)]
    answers = [await once.get(key, stamp, make) for key, stamp in asked]
    assert [answer[-1] for answer in answers] == ["1", "1", "2", "3", "2"]
    await once.close()


async def test_an_answer_that_does_not_last_is_good_for_a_while(make: Counted) -> None:
    lasting, passing = Once(3600.0, lane()), Once(0.0, lane())
    for once, answers in ((lasting, {"answer 1"}), (passing, {"answer 2", "answer 3"})):
        asked = [await once.get("key", 1, make, lasting=False) for _ in range(2)]
        assert set(asked) == answers
        await once.close()


def test_what_is_kept_is_bounded_however_much_is_asked() -> None:
    """The oldest goes first, and one that alone is too much is not kept at all."""
    once = Once(60.0, lane())
    tenth = bytes(WEIGHT_MAX // 10)
    for number in range(25):
        once.keep(number, 1, tenth)
        once.kept(0, 1)  # asked for again and again
    kept = [number for number in range(25) if once.kept(number, 1) is not None]
    assert kept == [0, *range(16, 25)]
    once.keep("huge", 1, bytes(WEIGHT_MAX // 2))
    assert once.kept("huge", 1) is None
    once.keep(0, 2, "")
    once.keep("more", 1, tenth)
    assert once.kept(16, 1) is not None, "what was replaced weighs no more"


async def test_an_error_is_not_kept(make: Counted) -> None:
    def fail() -> str:
        raise ValueError("disk")

    once = Once(60.0, lane())
    with pytest.raises(ValueError, match="disk"):
        await once.get("key", 1, fail)
    assert await once.get("key", 1, make) == "answer 1"
    await once.close()


async def test_after_closing_nothing_is_made_any_more(make: Counted) -> None:
    once = Once(60.0, lane())
    await once.close()
    with pytest.raises(ComeAgainError, match="shutting down"):
        await once.get("key", 1, make)
    assert make.made == 0
