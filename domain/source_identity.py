"""Who a machine's data come from: which agent reads it, at which address, by which profile.

An agent tells it of each machine when it starts (`domain.signals.SOURCE_IDENTITY`), as JSON with
sorted keys. Another digest is another meaning of the same readings: a scale, an address, a sign. An
example:

    {"address":"opc.tcp://10.0.0.5:4840","agent":"filler-agent","profile":"packml/opcua",
     "profile_digest":"9f2b…"}

Standard library only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from domain.errors import shortened

_ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class SourceIdentity:
    """`address`: where the source is reached, without who signs in there."""

    agent: str
    profile: str
    profile_digest: str
    address: str

    def to_text(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def agent_of(text: str) -> str | None:
    """The agent that a text of an identity names; None where it is none."""
    agent = (_fields(text) or {}).get("agent")
    return agent if isinstance(agent, str) else None


def differences(before: str, now: str) -> str:
    """What differs between two texts of identities, as `name: old → new`; of an address only that
    it does, since it tells how a plant's network is built. Of texts that are none (a serial
    number) these themselves.

    >>> differences('{"agent":"a","profile":"p"}', '{"agent":"b","profile":"p"}')
    'agent: a → b'
    >>> differences("EM-7", "EM-9")
    'EM-7 → EM-9'
    """
    old, new = _fields(before), _fields(now)
    if old is None or new is None:
        return f"{shortened(before)} → {shortened(now)}"
    return ", ".join(
        name if name == _ADDRESS else f"{name}: {_shown(old, name)} → {_shown(new, name)}"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    )


def _shown(fields: Mapping[str, object], name: str) -> str:
    return shortened(str(fields.get(name, "")))


def _fields(text: str) -> dict[str, object] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
