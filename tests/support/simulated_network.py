"""The network of a simulated plant: slow, cut, stalled, deaf on the way back, twice, late, spoilt.

What goes wrong is drawn for each request while `trouble` says so; what is never delivered, or
delivered twice, is a true copy of what was sent.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import format_datetime
from enum import StrEnum
from random import Random

import httpx
from simulated_node import COLLECTORS, SimulatedNode

from domain.batches import parse_batch

COPIES_MAX = 8  # of old requests, that may come once more


class Trouble(StrEnum):
    CUT = "cut"  # before anything arrives
    LOST_ANSWER = "lost answer"  # it arrived, and who sent it does not know
    STALL = "stall"  # until the client gives up; it arrives then
    TWICE = "duplicate"
    OLD_AGAIN = "reorder"  # an old request arrives behind or before it
    SPOILT = "spoilt"  # a byte on the way
    DNS = "DNS gone"
    CERTIFICATE = "certificate expired"
    PROXY = "proxy's page"
    BUSY = "busy"


@dataclass
class Network(httpx.AsyncBaseTransport):
    """From the agents to the collectors of `node`. `receipts`: number and digest of each batch that
    was acknowledged, by agent, whether or not that came through."""

    node: Callable[[], SimulatedNode]
    chance: Random
    trouble: Trouble | None = None
    share: float = 1.0  # of the requests that it befalls
    receipts: dict[str, dict[int, str]] = field(default_factory=dict)
    sent: dict[str, bytes] = field(default_factory=dict)  # all batches that arrived, by digest
    copies: list[bytes] = field(default_factory=list)
    acknowledged_to: dict[str, int] = field(default_factory=dict)  # the highest number, ever
    faults: list[str] = field(default_factory=list)  # of the collectors, by their own word

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        data = request.read()
        befalls = self.trouble is not None and self.chance.random() < self.share
        trouble = self.trouble if befalls else None
        await asyncio.sleep(self.chance.uniform(0.005, 0.2))
        self._before(trouble, request)
        if trouble is Trouble.OLD_AGAIN and self.copies:
            for _ in range(self.chance.randrange(1, 4)):
                await self._arrives(request, self.chance.choice(self.copies))
        if trouble is Trouble.STALL:
            await asyncio.sleep(30)
        if trouble is Trouble.SPOILT:
            return await self._arrives(request, self._spoilt(data))
        response = await self._arrives(request, data)
        if trouble is Trouble.TWICE:
            response = await self._arrives(request, data)
        if trouble is Trouble.STALL:
            raise httpx.ReadTimeout("", request=request)
        if trouble is Trouble.LOST_ANSWER:
            raise httpx.ReadError("Connection reset by peer", request=request)
        await asyncio.sleep(self.chance.uniform(0.005, 0.2))
        return response

    def _before(self, trouble: Trouble | None, request: httpx.Request) -> None:
        if trouble is Trouble.CUT:
            raise httpx.ConnectError("Connection refused", request=request)
        if trouble is Trouble.DNS:
            raise httpx.ConnectError("Name or service not known", request=request)
        if trouble is Trouble.CERTIFICATE:
            untrusted = ssl.SSLCertVerificationError("certificate has expired")
            untrusted.verify_message = "certificate has expired"  # as OpenSSL says it
            raise httpx.ConnectError(str(untrusted), request=request) from untrusted

    async def _arrives(self, request: httpx.Request, data: bytes) -> httpx.Response:
        """At one of the collectors, or at something before them."""
        if self.trouble is Trouble.PROXY and self.chance.random() < self.share:
            page = self.chance.choice((200, 302, 502))
            return httpx.Response(page, text="<html>accepted</html>", request=request)
        if self.trouble is Trouble.BUSY and self.chance.random() < self.share:
            return httpx.Response(503, headers={"Retry-After": "3"}, request=request)
        node = self.node()
        copy = httpx.Request("POST", request.url, headers=request.headers, content=data)
        response = await node.answer(copy, self.chance.randrange(COLLECTORS))
        response.headers["Date"] = format_datetime(node.now(), usegmt=True)
        self._note(data, response)
        return response

    def _note(self, data: bytes, response: httpx.Response) -> None:
        self.copies = [*self.copies, data][-COPIES_MAX:]
        if response.status_code == httpx.codes.INTERNAL_SERVER_ERROR:
            self.faults.append(response.text)
        if response.status_code == httpx.codes.OK:
            said = response.json()
            header = parse_batch(data).header
            assert (said["agent"], said["number"]) == (header.agent, header.number)
            assert said["digest"] == header.digest
            self.sent[header.digest] = data
            highest = self.acknowledged_to.get(header.agent, 0)
            self.acknowledged_to[header.agent] = max(highest, header.number)
            known = self.receipts.setdefault(header.agent, {})
            before = known.setdefault(header.number, header.digest)
            assert before == header.digest, f"two batches {header.number} were acknowledged"

    def _spoilt(self, data: bytes) -> bytes:
        at = self.chance.randrange(len(data))
        return data[:at] + bytes([data[at] ^ (1 << self.chance.randrange(8))]) + data[at + 1 :]
