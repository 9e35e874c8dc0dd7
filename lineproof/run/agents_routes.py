"""`/api/v1/agents`: who is enrolled; codes, enrolment, keys that follow, revocation.

An agent has no account: a code enrols it once, and its present key speaks for the next one.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from domain.errors import InputError, NotFoundError
from lineproof.agents import agent_json, code_text
from store.registry.registry import Registry

PATH = "/api/v1/agents"
_Base64 = Annotated[str, Field(max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=500)


class EnrolmentBody(_Body):
    """`agent`: the name in the agent's own file, to find out a mistake."""

    code: str
    public_key: _Base64
    agent: str | None = None


class NextKeyBody(_Body):
    """`signature`: of the present key."""

    public_key: _Base64
    signature: _Base64


def agents_router(
    registry: Registry, now: Callable[[], datetime], authority: str | None = None
) -> APIRouter:
    """The routes; `authority`: the certificate (PEM) that agents pin, where the node made one."""
    routes = APIRouter(tags=["agents"])

    @routes.get(PATH, summary="Agents that are or were enrolled")
    def agents() -> list[dict[str, Any]]:
        return [agent_json(it, now()) for it in registry.agents.all()]

    @routes.get(f"{PATH}/authority", summary="The authority of this node's certificate")
    def pem() -> dict[str, str]:
        if authority is None:
            raise NotFoundError("this node's certificate is not of an authority of its own")
        return {"authority": authority}

    @routes.post(f"{PATH}/enrol", summary="Enrol an agent by a code")
    def enrol(body: EnrolmentBody) -> dict[str, str | None]:
        key = _bytes(body.public_key, "public_key")
        name = registry.agent_codes.use(body.code, key, now(), agent=body.agent)
        return {"agent": name, "authority": authority}

    @routes.post(f"{PATH}/{{name}}/code", summary="A code that enrols an agent once")
    def code(name: str, request: Request) -> dict[str, str]:
        by = request.state.caller.name
        return {
            "agent": name,
            "code": code_text(registry.agent_codes.make(name, now(), by=by), authority),
        }

    @routes.post(f"{PATH}/{{name}}/keys", summary="The key that follows, signed by the present one")
    def keys(name: str, body: NextKeyBody) -> dict[str, str]:
        key, signature = _bytes(body.public_key, "public_key"), _bytes(body.signature, "signature")
        until = registry.agents.rotate(name, key, signature, now())
        return {"agent": name, "old_key_until": until.isoformat()}

    @routes.post(f"{PATH}/{{name}}/revocation", summary="Take nothing more from an agent")
    def revoke(name: str, request: Request) -> dict[str, Any]:
        changed = registry.agents.revoke(name, now(), by=request.state.caller.name)
        return {"agent": name, "changed": changed}

    return routes


def _bytes(text: str, field: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InputError("this is no base64", where=field, todo="Send the raw bytes so.") from None
