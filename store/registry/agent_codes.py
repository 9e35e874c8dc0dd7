"""Codes by which an agent enrols itself: for one name, for one time, until an end."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from domain.errors import BusyError, InputError, NotAllowedError
from store.registry.accounts.secrets import new_secret, secret_hash
from store.registry.agents import Agents
from store.registry.audit import Done, changed
from store.registry.database import RegistryDatabase
from store.registry.tables import agent_codes as table

ENROLMENT_LASTS = timedelta(days=1)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class AgentCodes:
    def __init__(self, database: RegistryDatabase, agents: Agents) -> None:
        self._database = database
        self._agents = agents

    def make(self, agent: str, now: datetime, *, by: str) -> str:
        """A code for that name; earlier ones that were not used end. Raises InputError for a name
        that is none, BusyError for one that is enrolled."""
        if not _NAME.fullmatch(agent):
            raise InputError(
                f"'{agent}' is no name of an agent",
                todo="Write a letter or digit and then up to 99 of A-Z, a-z, 0-9, '.', '_', '-'.",
            )
        if agent in [it.name for it in self._agents.all()]:
            raise BusyError(
                f"an agent '{agent}' is enrolled already",
                todo="Give the new one a name of its own; on the same machine a new key follows "
                "the old one with 'lineproof edge rotate'.",
            )
        code = new_secret()
        with self._database.writing(visible=False) as connection:
            mine = (table.c.agent == agent) & table.c.used_at.is_(None)
            connection.execute(delete(table).where(mine))
            connection.execute(
                insert(table).values(
                    secret=secret_hash(code),
                    agent=agent,
                    made_by=by,
                    made_at=now,
                    ends_at=now + ENROLMENT_LASTS,
                )
            )
            changed(connection, Done.AGENT, agent, "code made")
        return code

    def use(self, code: str, public_key: bytes, now: datetime, *, agent: str | None = None) -> str:
        """Enrols that key under the code's name, which it gives. `agent`: the name that the agent
        has in its own file. The same key with the same code may come again, for an answer may be
        lost. Raises NotAllowedError for a code that does not work, InputError for another name or
        key; then the code still works."""
        secret = secret_hash(code)
        with self._database.reading() as connection:
            row = connection.execute(select(table).where(table.c.secret == secret)).first()
        if row is None:
            raise _no_code("there is no such code", "Copy it whole")
        if agent is not None and agent != row.agent:
            raise InputError(
                f"this code is for agent '{row.agent}', not '{agent}'",
                todo="Write that name into the agent's file, or ask for a code for yours.",
            )
        known = {it.name: it.public_key for it in self._agents.all()}.get(row.agent)
        if row.used_at is not None and known != public_key:
            raise _no_code("this code was used before", "Each works once")
        if row.used_at is None and row.ends_at <= now:
            raise _no_code(
                f"this code ended at {row.ends_at:%Y-%m-%d %H:%M} UTC", "Codes last a day"
            )
        self._agents.enrol(row.agent, public_key, now, origin=f"code of {row.made_by}".strip())
        with self._database.writing(visible=False) as connection:
            unused = (table.c.secret == secret) & table.c.used_at.is_(None)
            connection.execute(update(table).where(unused).values(used_at=now))
        return str(row.agent)


def _no_code(what: str, why: str) -> NotAllowedError:
    return NotAllowedError(
        what, todo=f"{why}, or ask an integrator for a new one ('lineproof agent code NAME')."
    )
