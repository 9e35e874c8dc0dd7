"""Agents as commands and routes show them, and the text of a code that enrols one."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from cryptography import x509

from lineproof.tls.certificates import fingerprint
from store.registry.agents import Agent


def agent_json(agent: Agent, now: datetime) -> dict[str, Any]:
    """With every key that it ever had."""
    return {
        "agent": agent.name,
        "origin": agent.origin,
        "enrolled_at": agent.enrolled_at.isoformat(),
        "revoked_at": None if agent.revoked_at is None else agent.revoked_at.isoformat(),
        "keys": [
            {
                "public_key": base64.b64encode(it.public_key).decode(),
                "since": it.since.isoformat(),
                "until": None if it.until is None else it.until.isoformat(),
                "in_force": agent.revoked_at is None and (it.until is None or now < it.until),
            }
            for it in agent.keys
        ],
    }


def code_text(secret: str, authority: str | None) -> str:
    """What is handed to the agent: the secret and, where the node has an authority of its own, its
    fingerprint, so that nobody in between can pass for the node."""
    if authority is None:
        return secret
    return f"{secret}.{fingerprint(x509.load_pem_x509_certificate(authority.encode()))}"
