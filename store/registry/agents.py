"""The agents whose batches are let in, each with the keys that it sealed and seals with.

The first key comes with the enrolment. Each later one is signed by the one before, which is
believed for OVERLAP more. What counts is the time in a batch's header, so that what an agent still
holds can be handed over later, and a rebuild believes the same batches. Nothing is ever removed: a
revocation is a row too, and what came in before it stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, select

from domain.agent_keys import key_statement
from domain.errors import InputError, NotAllowedError, NotFoundError
from domain.time import instant
from store.registry.audit import Done, changed
from store.registry.database import RegistryDatabase
from store.registry.record import insert_recorded
from store.registry.tables import agent_keys as later_keys
from store.registry.tables import agent_revocations as revocations
from store.registry.tables import agents as table
from store.registry.versions import instead_of

OVERLAP = timedelta(days=7)
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class AgentKey:
    """`public_key`: raw Ed25519; `until` None: the present one."""

    public_key: bytes
    since: datetime
    until: datetime | None = None

    def seals_at(self, sealed: datetime) -> bool:
        """Whether a batch that was sealed then is believed by it."""
        return self.until is None or sealed < self.until


@dataclass(frozen=True, slots=True)
class Agent:
    """`public_key`: the one of the enrolment; `origin`: who or what enrolled it."""

    name: str
    public_key: bytes
    origin: str
    enrolled_at: datetime
    keys: tuple[AgentKey, ...] = ()
    revoked_at: datetime | None = None


class Agents:
    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database

    def enrol(self, agent: str, public_key: bytes, now: datetime, *, origin: str = "") -> bool:
        """Let the agent's batches in; False where it was enrolled with this key already.

        Raises InputError where the name has another key: a second agent must not take over
        the first one's chain.
        """
        _check_size(agent, public_key)
        with self._database.writing() as connection:
            known = _keys(connection, agent)
            if public_key in [it.public_key for it in known]:
                return False
            if known:
                raise InputError(
                    f"an agent '{agent}' is enrolled with another key",
                    todo="Give the new agent a name of its own; the old one's batches stay "
                    "bound to the old key.",
                )
            insert_recorded(
                connection,
                table,
                agent=agent,
                public_key=public_key,
                origin=origin,
                enrolled_at=now,
            )
            changed(connection, Done.AGENT, agent, "enrolled")
        return True

    def rotate(self, agent: str, new_key: bytes, signature: bytes, now: datetime) -> datetime:
        """The agent seals with that key from now on; gives until when the one before is believed.
        A second time changes nothing. Raises NotAllowedError where the present key did not sign
        the new one, or the agent was revoked; InputError, NotFoundError."""
        _check_size(agent, new_key)
        with self._database.writing() as connection:
            known = _keys(connection, agent)
            if not known:
                raise self._unknown(agent)
            if _revoked_at(connection, agent) is not None:
                raise NotAllowedError(f"agent '{agent}' was revoked")
            if known[-1].public_key == new_key:
                return known[-1].since + OVERLAP
            if not _signed(known[-1].public_key, signature, key_statement(agent, new_key)):
                raise NotAllowedError(
                    f"the new key of agent '{agent}' is not signed by its present one",
                    todo="Rotate on the agent itself: lineproof edge rotate --config FILE.",
                )
            insert_recorded(
                connection,
                later_keys,
                agent=agent,
                public_key=new_key,
                signature=signature,
                since=now,
            )
            changed(connection, Done.AGENT, agent, "new key")
        return now + OVERLAP

    def revoke(self, agent: str, now: datetime, *, by: str) -> bool:
        """Nothing more is taken from it; False where it was revoked before. Raises
        NotFoundError."""
        with self._database.writing() as connection:
            if not _keys(connection, agent):
                raise self._unknown(agent)
            if _revoked_at(connection, agent) is not None:
                return False
            insert_recorded(connection, revocations, agent=agent, revoked_by=by, revoked_at=now)
            changed(connection, Done.AGENT, agent, "revoked")
        return True

    def keys_of(self, agent: str, sealed_us: int) -> list[bytes]:
        """The raw public keys by which a batch that was sealed then is believed; none for a name
        that is not enrolled."""
        sealed = instant(sealed_us)
        with self._database.reading() as connection:
            known = _keys(connection, agent)
        return [it.public_key for it in known if it.seals_at(sealed)]

    def is_revoked(self, agent: str) -> bool:
        with self._database.reading() as connection:
            return _revoked_at(connection, agent) is not None

    def all(self) -> list[Agent]:
        """By name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(table).order_by(table.c.agent)).all()
            return [
                Agent(
                    row.agent,
                    row.public_key,
                    row.origin,
                    row.enrolled_at,
                    tuple(_keys(connection, row.agent)),
                    _revoked_at(connection, row.agent),
                )
                for row in rows
            ]

    def _unknown(self, agent: str) -> NotFoundError:
        with self._database.reading() as connection:
            names = list(connection.execute(select(table.c.agent)).scalars())
        return NotFoundError(
            f"there is no agent '{agent}'",
            todo=instead_of(agent, names, "enrol one with 'lineproof agent code'"),
        )


def _keys(connection: Connection, agent: str) -> list[AgentKey]:
    """In the order in which they followed each other."""
    first = connection.execute(
        select(table.c.public_key, table.c.enrolled_at).where(table.c.agent == agent)
    ).all()
    later = connection.execute(
        select(later_keys.c.public_key, later_keys.c.since)
        .where(later_keys.c.agent == agent)
        .order_by(later_keys.c.id)
    ).all()
    rows = [(row[0], row[1]) for row in (*first, *later)]
    ends = [since + OVERLAP for _, since in rows[1:]]
    return [
        AgentKey(key, since, until)
        for (key, since), until in zip(rows, [*ends, None], strict=False)
    ]


def _revoked_at(connection: Connection, agent: str) -> datetime | None:
    return connection.execute(
        select(revocations.c.revoked_at).where(revocations.c.agent == agent)
    ).scalar()


def _check_size(agent: str, public_key: bytes) -> None:
    if len(public_key) != _KEY_BYTES:
        raise InputError(
            f"the public key of agent '{agent}' has {len(public_key)} bytes, not {_KEY_BYTES}",
            todo="Give the raw Ed25519 public key that the agent prints.",
        )


def _signed(key: bytes, signature: bytes, statement: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, statement)
    except (InvalidSignature, ValueError):
        return False
    return True
