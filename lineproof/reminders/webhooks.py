"""A message by HTTP, signed as Standard Webhooks 1.0 says (standardwebhooks.com).

    POST /hooks
    webhook-id: 5a0c…             the message's identity, the same with every try
    webhook-timestamp: 1772438400  when it was sent, in seconds since 1970
    webhook-signature: v1,K5oZ…    base64 of HMAC-SHA-256 over "id.timestamp.body"

Whoever receives one with an id that it has had already has had it: an answer was lost on its way.
Any answer of 200 to 299 means that it arrived. Redirects are not followed.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ssl
from collections.abc import Mapping
from datetime import datetime

import httpx

from domain.errors import InputError, shortened
from lineproof.reminders.delivery import NotDeliveredError
from lineproof.reminders.settings import Webhook, webhook_secret

WEBHOOK_TIMEOUT_S = 10.0
_COME_AGAIN = frozenset({408, 421, 425, 429})  # RFC 9110, RFC 8470, RFC 6585


def signature(secret: bytes, identity: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`.

    >>> signature(b"secret", "msg_1", 1772438400, b"{}")
    'v1,emcj84LvFRIlBzxKD95AbqqDy8rg6W53kp44uikfsqI='
    """
    signed = f"{identity}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def send_webhook(webhook: Webhook, identity: str, body: bytes, now: datetime) -> None:
    """Raises NotDeliveredError."""
    timestamp = int(now.timestamp())
    try:
        headers = {
            "content-type": "application/json",
            "webhook-id": identity,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(webhook_secret(webhook), identity, timestamp, body),
        }
        status = asyncio.run(_posted(webhook, headers, body))
    except InputError as error:
        raise NotDeliveredError(str(error)) from None
    except TimeoutError:
        said = f"it did not answer within {WEBHOOK_TIMEOUT_S:g} seconds"
        raise NotDeliveredError(said, is_server=True) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        said = shortened(" ".join(str(error).split()) or type(error).__name__)
        raise NotDeliveredError(said, is_server=True) from None
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise NotDeliveredError(f"it answered {status}, a redirect, which is not followed")
    is_final = 400 <= status < 500 and status not in _COME_AGAIN
    raise NotDeliveredError(f"it answered {status}", for_good=is_final)


async def _posted(webhook: Webhook, headers: Mapping[str, str], body: bytes) -> int:
    """The status of its answer, of whose body nothing is read. The time is for all of it: who sends
    an answer byte by byte has no more. Raises TimeoutError."""
    async with (
        asyncio.timeout(WEBHOOK_TIMEOUT_S),
        httpx.AsyncClient(
            verify=_trust(webhook), timeout=None, follow_redirects=False, trust_env=False
        ) as client,
        client.stream("POST", webhook.url, content=body, headers=headers) as response,
    ):
        return response.status_code


def _trust(webhook: Webhook) -> ssl.SSLContext:
    trust = ssl.create_default_context()
    if webhook.authority is not None:
        trust.load_verify_locations(webhook.authority)
    return trust
