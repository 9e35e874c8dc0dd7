"""The agents whose batches are let in, each with the one key that it was enrolled with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from domain.errors import InputError
from store.registry.audit import Done, changed
from store.registry.database import RegistryDatabase
from store.registry.tables import agents as table


@dataclass(frozen=True, slots=True)
class Agent:
    """`public_key`: raw Ed25519, 32 bytes; `origin`: who or what enrolled it."""

    name: str
    public_key: bytes
    origin: str
    enrolled_at: datetime


class Agents:
    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database

    def enrol(self, agent: str, public_key: bytes, now: datetime, *, origin: str = "") -> bool:
        """Let the agent's batches in; False where it was enrolled with this key already.

        Raises InputError where the name has another key: a second agent must not take over
        the first one's chain.
        """
        if len(public_key) != 32:
            raise InputError(
                f"the public key of agent '{agent}' has {len(public_key)} bytes, not 32",
                todo="Give the raw Ed25519 public key that the agent prints.",
            )
        with self._database.writing() as connection:
            known = connection.execute(
                select(table.c.public_key).where(table.c.agent == agent)
            ).scalar()
            if known == public_key:
                return False
            if known is not None:
                raise InputError(
                    f"an agent '{agent}' is enrolled with another key",
                    todo="Give the new agent a name of its own; the old one's batches stay "
                    "bound to the old key.",
                )
            connection.execute(
                insert(table).values(
                    agent=agent, public_key=public_key, origin=origin, enrolled_at=now
                )
            )
            changed(connection, Done.AGENT, agent, "enrolled")
        return True

    def key_of(self, agent: str) -> bytes | None:
        """The raw Ed25519 public key enrolled under that name; None without one."""
        with self._database.reading() as connection:
            return connection.execute(
                select(table.c.public_key).where(table.c.agent == agent)
            ).scalar()

    def all(self) -> list[Agent]:
        """By name."""
        columns = table.c
        with self._database.reading() as connection:
            rows = connection.execute(
                select(
                    columns.agent, columns.public_key, columns.origin, columns.enrolled_at
                ).order_by(columns.agent)
            )
            return [Agent(*row) for row in rows]
