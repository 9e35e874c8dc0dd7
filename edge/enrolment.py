"""How an agent becomes known to a collector, and how its key is followed by another.

The code that an integrator hands over holds a secret and the fingerprint of the collector's
authority. Nothing secret is sent before the one who answers has shown a certificate of just that
authority; from then on the agent believes it alone. The key itself never leaves the agent.
"""

from __future__ import annotations

import contextlib
import ssl
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx

from domain.agent_keys import key_statement
from domain.errors import InputError, StorageError
from edge.collector_trust import (
    NOT_TRUSTED,
    PINNED_FILE,
    pinned,
    pinned_authority,
    trust,
    why_not_trusted,
)
from edge.config import AgentConfig
from edge.keys import agent_key, next_key, public_key, take_next_key

_AGENTS = "/api/v1/agents"
_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Enrolled:
    """`pinned`: the file of the authority that is believed from now on; None: the system's."""

    agent: str
    pinned: Path | None


def enrol(
    data: Path, url: str, code: str, *, agent: str | None = None, authority: Path | None = None
) -> Enrolled:
    """Make the key in that folder known to the collector. `authority`: a file to believe where the
    code names none. Raises InputError with what the collector says, StorageError."""
    _check_secret_way(url)
    secret, _, fingerprint = code.strip().partition(".")
    trusts: ssl.SSLContext | bool = trust(authority)
    pin = None if authority is None else authority.read_text(encoding="utf-8")
    if url.startswith("https://") and fingerprint:
        pin = _announced_authority(url, fingerprint)
        trusts = pinned(pin)
    key = public_key(agent_key(data))
    body = {"code": secret, "public_key": key} | ({"agent": agent} if agent else {})
    with _client(url, trusts) as client:
        answer = _answered(client, "POST", f"{_AGENTS}/enrol", body)
    if pin is None:
        return Enrolled(str(answer["agent"]), None)
    return Enrolled(str(answer["agent"]), _pin(data / PINNED_FILE, pin))


def rotate(config: AgentConfig) -> str:
    """A new key follows the present one; gives until when the collector believes both. What breaks
    off half way is completed by doing it again."""
    old, new = agent_key(config.data), next_key(config.data)
    raw = new.public_key().public_bytes_raw()
    signature = old.sign(key_statement(config.name, raw))
    body = {"public_key": public_key(new), "signature": b64encode(signature).decode()}
    trusts = trust(pinned_authority(config.data, config.authority))
    with _client(config.collector, trusts) as client:
        answer = _answered(client, "POST", f"{_AGENTS}/{config.name}/keys", body)
    take_next_key(config.data)
    return str(answer["old_key_until"])


def _announced_authority(url: str, fingerprint: str) -> str:
    """The authority that the code means. Whoever answers may be anybody: the fingerprint decides,
    and nothing secret is sent."""
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname = False
    anybody.verify_mode = ssl.CERT_NONE
    with _client(url, anybody) as client:
        pem = str(_answered(client, "GET", f"{_AGENTS}/authority").get("authority", ""))
    with contextlib.suppress(ValueError):
        if sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest() == fingerprint.lower():
            return pem
    raise InputError(
        f"what answers at {url} has another authority than the one that this code is for; the code "
        "was not sent to it",
        todo="Find out who answers there; or ask for a new code, if the node's authority was made "
        "anew.",
    )


def _check_secret_way(url: str) -> None:
    """A code goes over TLS, or stays on this machine."""
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        address = httpx.URL()
    on_this_machine = address.host == "localhost"
    with contextlib.suppress(ValueError):
        on_this_machine = on_this_machine or ip_address(address.host).is_loopback
    if (address.scheme == "https" and address.host) or (
        address.scheme == "http" and on_this_machine
    ):
        return
    raise InputError(
        f"a code cannot be sent to '{url}'",
        where="--url",
        todo="Give the collector's address with https://, as in https://node.example:8443.",
    )


@contextlib.contextmanager
def _client(url: str, trusts: ssl.SSLContext | bool) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, verify=trusts, timeout=_TIMEOUT_S) as client:
        yield client


def _answered(
    client: httpx.Client, method: str, path: str, body: dict[str, str] | None = None
) -> dict[str, Any]:
    where = str(client.base_url).rstrip("/")
    try:
        response = client.request(method, path, json=body)
    except httpx.HTTPError as error:
        if untrusted := why_not_trusted(error):
            raise InputError(NOT_TRUSTED.format(url=where, why=untrusted)) from None
        raise InputError(
            f"the collector at {where} cannot be reached ({str(error) or type(error).__name__})",
            todo="Check the address and that the collector runs.",
        ) from None
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if response.is_success and isinstance(answer, dict):
        return answer
    said = answer.get("detail") if isinstance(answer, dict) else None
    raise InputError(
        str(said or f"the collector answers {response.status_code} {response.reason_phrase}"),
        where=where,
    )


def _pin(path: Path, pem: str) -> Path:
    try:
        path.write_text(pem, encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"the collector's authority cannot be kept ({error.strerror})",
            where=str(path),
            todo="Give the agent a data folder that it may write to, and enrol it again.",
        ) from None
    return path
