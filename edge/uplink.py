"""Sends sealed batches to the collector, one after the other, until it has them for good.

Outbound HTTPS only. A batch is let go after the collector said `accepted` or `duplicate` for
this agent, number and digest, and after nothing else. Whatever else happens, the batch stays
and is sent again: soon after a network error or a busy collector (exponential back-off with
jitter, Retry-After honoured), slowly after a refusal that a person must mend. A collector that was
put back from a backup says which batch it expects: what is kept from there on is sent again. What
waited is sent at half speed while the collector shows what is told live (edge.live_uplink). What
stands in the way is a sentence in the log and in `status`. Knows no SQL and no samples.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
import time
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import Any, TypeVar

import httpx
import structlog

from domain.errors import StorageError
from domain.protocol import HEADER, SAID, agreed
from edge.collector_clock import ahead_of_collector_s
from edge.collector_trust import NOT_TRUSTED, why_not_trusted
from edge.sources.base import Now
from edge.sources.connection import back_off_s
from edge.spool.outbox import Outbox
from edge.spool.spool import StoredBatch

_log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/vnd.lineproof.batch"
PATH = "/api/v1/batches"
REFUSED_S = 15.0  # at least, after a refusal that only a person can mend
RETRY_AFTER_MOST_S = 600.0
BACKLOG_PAUSE_MOST_S = 30.0
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_Result = TypeVar("_Result")
_ACKNOWLEDGED = ("accepted", "duplicate")
_GAP = "gap"  # batches before it are missing

# What a person can do about a refusal, by the collector's word for it (RFC 9457 document).
_MEND = {
    "unknown_agent": "Enrol its public key {public_key} at the collector.",
    "bad_signature": "The collector has another key under this name: enrol {public_key}, or give "
    "this agent a name of its own.",
    "revoked_agent": "Ask an integrator why; to go on, enrol it under a new name with an empty "
    "data folder. What it holds stays in its spool.",
    "gap": "Batches that this agent handed over are missing there, and it does not keep them any "
    "more: restore the collector's data from a newer backup, or enrol the agent under a new name "
    "with an empty data folder.",
    "broken_chain": "Another agent may use this name, or a data folder was put back from a "
    "backup: give this agent a new name and an empty data folder.",
    "conflict": "Another agent may use this name, or a data folder was put back from a backup: "
    "give this agent a new name and an empty data folder.",
    "bad_payload": "Something between agent and collector changes what is sent: check proxies.",
    "protocol": "Install a newer version of Lineproof at whichever of the two is older. Nothing is "
    "lost meanwhile: the agent keeps its batches.",
    "malformed": "Something between agent and collector changes what is sent: check proxies.",
}
_MEND_HTTP = {
    401: "Check the agent's token.",
    403: "Check the agent's token.",
    404: "Check the collector's address.",
    413: "Lower batch.max_samples, or raise the limit of the proxy before the collector.",
}


class Trouble(StrEnum):
    """Why a batch was not handed over. The names are told as metrics: keep them."""

    UNREACHABLE = "unreachable"
    NOT_TRUSTED = "not_trusted"
    BUSY = "busy"  # or failing: it may take the batch later
    REFUSED = "refused"
    NO_RECEIPT = "no_receipt"  # something answers that is no collector
    DISK = "disk"  # ours


@dataclass(frozen=True, slots=True)
class UplinkStatus:
    """The state of sending. `problem` is a sentence, empty while all is well, and `trouble` its
    kind; `since`: when the present state began, None before the first attempt has ended.
    `last_problem`: the last one that there was, and `last_problem_at` when it was met last.
    `clock_ahead_s`: by how much our clock is ahead of the collector's, as the last receipt showed;
    0 while it is right; `clock_right_at`: when one showed that for the last time. `protocol`: its
    version, as the last receipt showed; 0 before the first one.
    """

    url: str
    problem: str = ""
    trouble: Trouble | None = None
    since: datetime | None = None
    last_problem: str = ""
    last_problem_at: datetime | None = None
    failures: int = 0  # in a row
    sent: int = 0  # batches acknowledged since the start
    last_number: int | None = None
    last_acknowledged: datetime | None = None
    clock_ahead_s: float = 0.0
    clock_right_at: datetime | None = None
    protocol: int = 0


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came of one attempt: acknowledged without a problem, else why not (`trouble`: its kind).

    `retry_s` is how long the collector wants to be left alone.
    """

    problem: str = ""
    trouble: Trouble | None = None
    retry_s: float = 0.0


class Uplink:
    """Sends what `outbox` has to `<url>/api/v1/batches` as the agent `agent`."""

    def __init__(
        self,
        outbox: Outbox,
        *,
        url: str,
        agent: str,
        public_key: str,
        token: str | None,
        now: Now,
        trusts: ssl.SSLContext | bool = True,
        collector_name: str | None = None,
    ) -> None:
        self._outbox = outbox
        self._now = now
        self._agent = agent
        self._public_key = public_key
        self._endpoint = url.rstrip("/") + PATH
        self._status = UplinkStatus(url)
        self._trusts = trusts
        self._extensions = {"sni_hostname": collector_name} if collector_name else {}
        self._headers = {"Content-Type": MEDIA_TYPE, HEADER: SAID}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    @property
    def status(self) -> UplinkStatus:
        return self._status

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`."""
        async with self.client() as client:
            while not stop.is_set():
                batch = await unless(stop, self._outbox.next_batch())
                if batch is None:
                    return
                began = time.monotonic()
                delay_s = await unless(stop, self._attempt(client, batch))
                if delay_s == 0 and self._outbox.is_shown:
                    took_s = time.monotonic() - began
                    delay_s = backlog_pause_s(took_s, self._outbox.depth.sealed_batches)
                if delay_s:
                    await unless(stop, asyncio.sleep(delay_s))

    async def drain(self, timeout_s: float) -> None:
        """Send what is left, until nothing is left, the time is over or sending fails."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s), self.client() as client:
                while self._outbox.depth.sealed_batches:
                    if await self._attempt(client, await self._outbox.next_batch()):
                        return

    async def _attempt(self, client: httpx.AsyncClient, batch: StoredBatch) -> float:
        """Send once. Gives the seconds to wait before the next attempt; 0 when it was
        acknowledged."""
        try:
            answer = await self._post(client, batch)
            if not answer.problem:
                await self._outbox.acknowledge(batch.number)
        except StorageError as error:  # it will be a duplicate, which is harmless
            answer = _Answer(str(error), Trouble.DISK)
        if not answer.problem:
            if self._status.problem:
                _log.info("collector takes batches again", number=batch.number)
            self._status = replace(
                self._status,
                problem="",
                trouble=None,
                since=self._since(""),
                failures=0,
                sent=self._status.sent + 1,
                last_number=batch.number,
                last_acknowledged=self._now(),
            )
            return 0.0
        if answer.problem != self._status.problem:
            _log.error("batch not handed over", number=batch.number, problem=answer.problem)
        failures = self._status.failures + 1
        self._status = replace(
            self._status,
            problem=answer.problem,
            trouble=answer.trouble,
            since=self._since(answer.problem),
            last_problem=answer.problem,
            last_problem_at=self._now(),
            failures=failures,
        )
        return max(back_off_s(failures, random.random()), answer.retry_s)

    def _since(self, problem: str) -> datetime:
        """When the state with that problem began, which holds now."""
        since = self._status.since
        is_same = bool(problem) is bool(self._status.problem)
        return since if since is not None and is_same else self._now()

    async def _post(self, client: httpx.AsyncClient, batch: StoredBatch) -> _Answer:
        asked = self._now()
        try:
            response = await client.post(
                self._endpoint, content=batch.data, extensions=self._extensions
            )
        except httpx.HTTPError as error:
            if untrusted := why_not_trusted(error):
                told = NOT_TRUSTED.format(url=self._status.url, why=untrusted)
                return _Answer(told, Trouble.NOT_TRUSTED, REFUSED_S)
            why = str(error) or type(error).__name__
            told = f"the collector at {self._status.url} cannot be reached ({why})"
            return _Answer(told, Trouble.UNREACHABLE)
        body = _body(response)
        if response.is_success:
            answer = self._check_receipt(response, body, batch)
            if not answer.problem:
                self._compare_clocks(response.headers.get("Date", ""), asked)
                self._note_protocol(response.headers.get(HEADER))
            return answer
        retry_s = _retry_after_s(response.headers.get("Retry-After", ""))
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
            return _Answer(self._refused(response, body, "failed"), Trouble.BUSY, retry_s)
        if again := await self._sent_again(body, batch):
            return again
        retry_s = max(retry_s, REFUSED_S)
        return _Answer(self._refused(response, body, "refused"), Trouble.REFUSED, retry_s)

    async def _sent_again(self, body: dict[str, Any], batch: StoredBatch) -> _Answer | None:
        """Where the collector lacks batches that are kept: they are next."""
        expected = body.get("expected")
        if body.get("outcome") != _GAP or type(expected) is not int or expected >= batch.number:
            return None
        if not await self._outbox.go_back(expected):
            return None
        return _Answer(
            f"the collector at {self._status.url} lacks batches {expected} to {batch.number - 1}, "
            "as after a restore: they are sent again",
            Trouble.REFUSED,
        )

    def _check_receipt(
        self, response: httpx.Response, body: dict[str, Any], batch: StoredBatch
    ) -> _Answer:
        """A receipt counts only when it names this very batch: a proxy's page does not."""
        expected = (self._agent, batch.number, batch.digest)
        named = (body.get("agent"), body.get("number"), body.get("digest"))
        if body.get("status") in _ACKNOWLEDGED and named == expected:
            return _Answer()
        return _Answer(
            f"the answer of {self._endpoint} ({response.status_code}) is no receipt for batch "
            f"{batch.number}. Check the collector's address and the proxies before it.",
            Trouble.NO_RECEIPT,
            REFUSED_S,
        )

    def _compare_clocks(self, date: str, asked: datetime) -> None:
        was_off = self._status.clock_ahead_s != 0
        answered = self._now()
        ahead_s = ahead_of_collector_s(date, asked, answered, was_off=was_off)
        if ahead_s is None:
            return
        if ahead_s == 0:
            self._status = replace(self._status, clock_right_at=answered)
        if (ahead_s != 0) is not was_off:
            _log.warning("clock compared with the collector's", ahead_s=round(ahead_s))
        self._status = replace(self._status, clock_ahead_s=ahead_s)

    def _note_protocol(self, said: str | None) -> None:
        version = agreed(said)
        if version is not None and version != self._status.protocol:
            _log.info("protocol agreed on with the collector", version=version)
            self._status = replace(self._status, protocol=version)

    def _refused(self, response: httpx.Response, body: dict[str, Any], how: str) -> str:
        word = str(body.get("outcome") or body.get("status") or "")
        detail = str(body.get("detail") or body.get("title") or response.reason_phrase)
        expected = body.get("expected")
        next_one = f", it expects number {expected}" if expected is not None else ""
        mend = _MEND.get(word, _MEND_HTTP.get(response.status_code, ""))
        return (
            f"the collector at {self._status.url} {how} a batch of agent '{self._agent}' "
            f"({response.status_code} {detail.rstrip('.')}{next_one}). "
            + mend.format(public_key=self._public_key)
        ).strip()

    def client(self) -> httpx.AsyncClient:
        """Connects to the collector as the agent does."""
        return httpx.AsyncClient(
            headers=self._headers,
            timeout=_TIMEOUT,
            mounts=_direct(self._endpoint),
            verify=self._trusts,
        )


def backlog_pause_s(took_s: float, waiting: int) -> float:
    """How long to let the way to the collector be after a batch that took so long to hand over,
    while so many more wait: as long again, so that what is new, which is told beside them and
    shown at once, has half of the way, of the collector and of this machine."""
    return min(took_s, BACKLOG_PAUSE_MOST_S) if waiting else 0.0


def _retry_after_s(text: str) -> float:
    """Retry-After (RFC 9110, 10.2.3) as seconds from now, bounded; 0 when it says nothing."""
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
        except ValueError:
            return 0.0
    return min(max(seconds, 0.0), RETRY_AFTER_MOST_S)


def _body(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _direct(url: str) -> dict[str, httpx.AsyncBaseTransport | None]:
    """No proxy for a collector on this machine; else what the environment says."""
    parsed = httpx.URL(url)
    try:
        loopback = parsed.host == "localhost" or ip_address(parsed.host).is_loopback
    except ValueError:
        loopback = False
    return {f"all://{parsed.netloc.decode()}": None} if loopback else {}


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, _Result]) -> _Result | None:
    """The result of `work`; None, and `work` cancelled, when `stop` comes first."""
    task = asyncio.ensure_future(work)
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((task, stopped), return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        for it in (task, stopped):
            it.cancel()
        await asyncio.gather(task, stopped, return_exceptions=True)
