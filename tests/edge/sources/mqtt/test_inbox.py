"""Messages go from one thread to the event loop in order, none is lost and none waits for ever."""

from __future__ import annotations

import asyncio
import threading

from peers import PATIENCE_S

from edge.sources.mqtt.inbox import Inbox


async def test_all_come_in_order_and_no_more_are_held_than_may_be() -> None:
    """A thread that is faster than the loop, with room for few: it waits again and again."""
    inbox: Inbox[int] = Inbox(4, 400)
    held_most = 0

    def hand_over() -> None:
        for number in range(2_000):
            assert inbox.put(number, 1)

    thread = threading.Thread(target=hand_over)
    thread.start()
    got: list[int] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(got) < 2_000:
            items = await inbox.next(3)
            assert 1 <= len(items) <= 3
            for number in items:
                held_most = max(held_most, len(inbox))
                got.append(number)
                inbox.taken(1)
    await asyncio.to_thread(thread.join)
    assert got == list(range(2_000))
    assert 1 < held_most <= 4
    assert len(inbox) == 0


async def test_one_after_the_other_wakes_whoever_waits() -> None:
    inbox: Inbox[int] = Inbox(4, 400)
    for number in range(50):
        waiting = asyncio.create_task(inbox.next(10))
        await asyncio.sleep(0)
        await asyncio.to_thread(inbox.put, number, 1)
        assert await asyncio.wait_for(waiting, PATIENCE_S) == [number]
        inbox.taken(1)


async def test_bytes_need_room_too() -> None:
    inbox: Inbox[str] = Inbox(100, 10)
    assert inbox.put("a", 9)
    assert inbox.put("b", 9)
    inbox.close()
    assert not inbox.put("c", 9)
    assert await inbox.next(10) == ["a", "b"]
    inbox.taken(9)
    assert inbox.put("c", 9)


async def test_what_came_before_the_end_is_given_and_then_nothing() -> None:
    inbox: Inbox[int] = Inbox(4, 400)
    inbox.put(1, 1)
    inbox.end()
    assert await inbox.next(10) == [1]
    assert await inbox.next(10) == []
    ended: Inbox[int] = Inbox(4, 400)
    waiting = asyncio.create_task(ended.next(10))
    await asyncio.sleep(0)
    ended.end()
    assert await asyncio.wait_for(waiting, PATIENCE_S) == []


async def test_a_thread_that_waits_for_room_ends_when_it_is_closed() -> None:
    inbox: Inbox[int] = Inbox(2, 400)
    assert inbox.put(1, 1)
    assert inbox.put(2, 1)
    waiting = asyncio.create_task(asyncio.to_thread(inbox.put, 3, 1))
    await asyncio.sleep(0)
    inbox.close()
    assert await asyncio.wait_for(waiting, PATIENCE_S) is False
    assert await inbox.next(10) == [1, 2]
