"""One question to somebody outside, over HTTP, with limits on time and length.

Whatever comes back is theirs: a redirect is not followed, nothing is unpacked, and what is longer
than an answer can be is not read to its end.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

import httpx

from domain.errors import LineproofError, shortened

ANSWER_S = 15.0  # for all of it, from the name's address to the last byte
ANSWER_MAX_BYTES = 64 * 1024


class NoAnswerError(LineproofError):
    """Somebody outside did not say what was asked for. `is_grave`: what they say instead means that
    this ledger is not the one that they know."""

    def __init__(self, what: str, *, todo: str, is_grave: bool = False) -> None:
        super().__init__(what, todo=todo)
        self.is_grave = is_grave


@dataclass(frozen=True, slots=True)
class Answer:
    """`kind`: its media type, without parameters."""

    status: int
    kind: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


def client_for(addresses: list[str]) -> httpx.AsyncClient:
    """A client for these; to load whom TLS trusts takes a while, and plain HTTP asks nobody."""
    is_tls = any(it.lower().startswith("https:") for it in addresses)
    trust = True if is_tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.AsyncClient(verify=trust, timeout=ANSWER_S, follow_redirects=False)


async def post(client: httpx.AsyncClient, url: str, kind: str, body: bytes) -> Answer:
    """Raises NoAnswerError where none comes, or one that cannot be an answer."""
    headers = {"Content-Type": kind, "Accept-Encoding": "identity"}
    try:
        async with (
            asyncio.timeout(ANSWER_S),
            client.stream("POST", url, content=body, headers=headers) as response,
        ):
            if response.is_redirect:
                to = shortened(response.headers.get("location", ""))
                raise NoAnswerError(
                    f"it answers with a redirect to '{to}', which is not followed",
                    todo="Ask its operator for the address that it has now, and write that one.",
                )
            received = await _received(response)
    except (TimeoutError, httpx.TimeoutException):
        raise NoAnswerError(
            f"{url} did not answer within {ANSWER_S:.0f} seconds",
            todo="See that this machine may reach it: a firewall or proxy may stand between.",
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
        said = shortened(" ".join(str(error).split()) or type(error).__name__)
        raise NoAnswerError(
            f"{url} cannot be reached ({said})",
            todo="Check the address, and that this machine may reach it.",
        ) from None
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Answer(response.status_code, kind, received)


async def _received(response: httpx.Response) -> bytes:
    received = bytearray()
    async for part in response.aiter_raw():
        received += part
        if len(received) > ANSWER_MAX_BYTES:
            raise NoAnswerError(
                f"its answer is longer than {ANSWER_MAX_BYTES // 1024} KiB",
                todo="Check that the address is the right one.",
            )
    return bytes(received)
