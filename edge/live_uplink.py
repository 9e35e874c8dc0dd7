"""Tells the collector's live board what is new before it is sealed.

A live frame proves nothing and may get lost: what it tells comes again in a sealed batch. So
nothing is kept for it, and whatever stands in the way is no problem of the agent's: batches are
then sealed as soon as if there were no frames (`Outbox.is_shown`). A collector that knows no frames
(of an older version, or one that keeps no live board) answers 404 and is asked again now and then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import structlog

from edge.spool.outbox import Outbox
from edge.spool.unsealed import Untold
from edge.uplink import unless

_log = structlog.get_logger(__name__)

LIVE_MEDIA_TYPE = "application/vnd.lineproof.live-frame"
LIVE_PATH = "/api/v1/live-frames"
PAUSE_S = 0.5  # between two frames
AGAIN_S = 5.0  # after one that was not shown
UNKNOWN_S = 60.0  # after a collector that knows none
_SHOWN, _PAST, _GAP = "shown", "past", "gap"


class LiveUplink:
    """Sends what `outbox` has not told yet to `<url>/api/v1/live-frames`; `client` connects."""

    def __init__(self, outbox: Outbox, url: str, client: Callable[[], httpx.AsyncClient]) -> None:
        self._outbox = outbox
        self._endpoint = url.rstrip("/") + LIVE_PATH
        self._client = client

    async def run(self, stop: asyncio.Event) -> None:
        """Tell until `stop`."""
        async with self._client() as client:
            while not stop.is_set():
                made = await unless(stop, self._outbox.next_frame())
                if made is None:
                    return
                pause_s = await unless(stop, self._tell(client, *made))
                if pause_s is None:
                    return
                is_shown = pause_s == PAUSE_S
                if is_shown is not self._outbox.is_shown:
                    _log.info("live frames", shown=is_shown)
                self._outbox.is_shown = is_shown
                await unless(stop, asyncio.sleep(pause_s))

    async def _tell(self, client: httpx.AsyncClient, frame: Untold, data: bytes) -> float:
        """Send it once. Gives the seconds to wait before the next one: PAUSE_S where it is shown,
        or will be after others."""
        try:
            response = await client.post(
                self._endpoint, content=data, headers={"Content-Type": LIVE_MEDIA_TYPE}
            )
            answer = response.json()
        except (httpx.HTTPError, ValueError):
            return AGAIN_S
        if response.status_code in (httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED):
            return UNKNOWN_S
        if not isinstance(answer, dict):
            return AGAIN_S
        word, expected = answer.get("status"), answer.get("expected")
        if response.status_code == httpx.codes.CONFLICT:
            word = answer.get("outcome")
        is_number = type(expected) is int and expected >= 0
        if word == _PAST or (word in (_SHOWN, _GAP) and is_number):
            can_go_on = await self._outbox.answered(frame, None if word == _PAST else expected)
            return PAUSE_S if can_go_on else AGAIN_S
        return AGAIN_S
