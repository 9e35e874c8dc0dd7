"""The leaves of the ledger: small records of digests, and the bytes that are hashed.

    {"agent":"hall-2","at":"2026-03-02T00:00:00.000000Z","digest":"9f86…","kind":"chain_head","number":7}
    {"at":"2026-03-02T09:00:00.000000Z","digest":"d7a8…","kind":"dossier","number":3}
    {"at":"2026-03-02T00:00:07.000000Z","content":"60d0…","digest":"2c26…","kind":"record","number":3,"of":"terms_versions"}

A chain head is the last batch of an agent's chain, and with it all batches before it. A record leaf
is one row of the registry's record (store.registry.record): `content` is the digest of all that the
row says and of a salt, `digest` that of the record's row, which follows from the one before. A
dossier leaf is the evidence that was handed out in a dossier: the digest of all its files, and how
many rows the record had then. What a leaf is about cannot be read from it, only proved by who has
it.

The bytes: JSON in UTF-8, keys sorted, no spaces, no escapes but those that JSON needs, texts and
whole numbers only. `at` is what the node's clock said when the leaf was made, in UTC.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.errors import InputError
from domain.names import is_name

LEAF_MAX_BYTES = 65_535  # C2SP tlog-tiles: an entry's length has 16 bits
_NUMBER_MAX = (1 << 53) - 1  # every JSON reader knows whole numbers so far exactly
_TIME_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class ChainHeadLeaf:
    """Batch `number` of the agent, the last that came in until `at`, by its digest."""

    at: datetime
    agent: str
    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class RecordLeaf:
    """Row `number` of the record; `of`: which kind of row (its table in the registry)."""

    at: datetime
    number: int
    of: str
    content: str
    digest: str


@dataclass(frozen=True, slots=True)
class DossierLeaf:
    """Evidence that was handed out; `number`: how many rows the record had."""

    at: datetime
    number: int
    digest: str


Leaf = ChainHeadLeaf | RecordLeaf | DossierLeaf


def leaf_bytes(leaf: Leaf) -> bytes:
    """What is hashed and kept. Raises InputError where it holds what no leaf may."""
    values: dict[str, str | int] = {
        "at": leaf.at.astimezone(UTC).strftime(_TIME_FORM),
        "number": leaf.number,
        "digest": leaf.digest,
    }
    if isinstance(leaf, ChainHeadLeaf):
        values |= {"kind": "chain_head", "agent": leaf.agent}
    elif isinstance(leaf, RecordLeaf):
        values |= {"kind": "record", "of": leaf.of, "content": leaf.content}
    else:
        values |= {"kind": "dossier"}
    written = _written(values)
    parse_leaf(written)
    return written


def parse_leaf(data: bytes) -> Leaf:
    """The leaf of these bytes. Raises InputError where they are not exactly those of one."""
    try:
        values = json.loads(data) if len(data) <= LEAF_MAX_BYTES else None
        leaf = _leaf(values) if isinstance(values, dict) else None
    except (ValueError, TypeError, RecursionError):  # no JSON, no UTF-8, no time
        leaf = None
    if leaf is None or _written(values) != data:
        raise InputError(
            f"this is no leaf of a ledger: {data[:200]!r}",
            todo="Take it as the ledger gives it, to the last byte.",
        )
    return leaf


def _leaf(values: dict[str, object]) -> Leaf | None:
    at, number, digest = values.get("at"), values.get("number"), values.get("digest")
    if not isinstance(at, str) or type(number) is not int or not 0 < number <= _NUMBER_MAX:
        return None
    time = datetime.strptime(at, _TIME_FORM).replace(tzinfo=UTC)
    if time.strftime(_TIME_FORM) != at or not _is_digest(digest):
        return None
    match values:
        case {"kind": "chain_head", "agent": str(agent)} if len(values) == 5 and is_name(agent):
            return ChainHeadLeaf(time, agent, number, str(digest))
        case {"kind": "record", "of": str(of), "content": content} if len(values) == 6:
            if is_name(of) and _is_digest(content):
                return RecordLeaf(time, number, of, str(content), str(digest))
        case {"kind": "dossier"} if len(values) == 4:
            return DossierLeaf(time, number, str(digest))
    return None


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and bool(_DIGEST.match(value))


def _written(values: object) -> bytes:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
