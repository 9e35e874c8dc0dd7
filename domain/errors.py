"""Errors that a person reads: what is wrong, where, and what to do.

Every error that can reach a user is a `LineproofError`; its text is one clear sentence (or two).
The command line prints it on standard error and leaves with the class's `exit_status`; the API
turns it into a problem document (RFC 9457) with the class's `http_status`. A page says it in the
reader's language (`api.pages.refusals`), whole where the texts are marked to be translated (`N_`):
what differs from time to time is then in `values`, as in
`InputError(N_("'%(text)s' is no day"), todo=N_("Write 2026-03-31."), values={"text": text})`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from domain.texts import N_

_NAMED = re.compile(r"%\((\w+)\)s")
_SAID_MAX = 60  # characters
_NAMES_MAX = 20


class LineproofError(Exception):
    """What is wrong, where it is, what to do about it.

    `message`, `advice`: what is wrong and what to do, as they stand in the catalogues, with the
    names of `values` in them.
    """

    exit_status = 2
    http_status = 500

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        todo: str = "",
        values: Mapping[str, str | float] | None = None,
    ) -> None:
        self.message, self.advice, self.values = what, todo, dict(values or {})
        self.what = what % self.values if self.values else what
        self.where = where
        # What is known may be listed in it, and those are names that somebody else gave.
        self.todo = _NAMED.sub(lambda it: str(self.values.get(it[1], it[0])), todo)
        super().__init__(self.what)

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        if not self.todo:
            return head
        stop = "" if head.endswith((".", "!", "?")) else "."
        return f"{head}{stop} {self.todo}"


class InputError(LineproofError):
    """A file, option or request that cannot be used as it is."""

    http_status = 422


class NotFoundError(InputError):
    """Something was named that does not exist."""

    http_status = 404


class NotSignedInError(LineproofError):
    """Who asks has to say first who it is."""

    http_status = 401


class NotAllowedError(LineproofError):
    """Who asks may not do that."""

    http_status = 403


class TooManyTriesError(LineproofError):
    """Who asks has guessed wrongly too often, and waits."""

    http_status = 429

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(
            N_("there were too many wrong tries"),
            todo=N_("Wait %(seconds)s seconds, then try again."),
            values={"seconds": retry_after_s},
        )


class BusyError(LineproofError):
    """A resource (port, data folder) belongs to somebody else at present."""

    http_status = 409


class StorageError(LineproofError):
    """The disk or the database could not store what it had to."""

    http_status = 507


class CheckFailedError(LineproofError):
    """The data say no: a check that was asked for did not pass."""

    exit_status = 1
    http_status = 409


def shortened(said: str) -> str:
    """So much of what somebody else wrote as fits a sentence."""
    return said if len(said) <= _SAID_MAX else f"{said[:_SAID_MAX]}…"


def listed(names: Sequence[str]) -> str:
    """Names that somebody else gave, as many as fit a sentence."""
    more = ", …" if len(names) > _NAMES_MAX else ""
    return ", ".join(shortened(name) for name in names[:_NAMES_MAX]) + more


def did_you_mean(wrong: str, known: Sequence[str]) -> str:
    """`Did you mean 'x'?` for a near miss, else the list of what is known."""
    by_lower = {name.lower(): name for name in reversed(known)}
    near = get_close_matches(wrong.lower(), by_lower, n=1)
    if near and by_lower[near[0]] != wrong:
        return f"Did you mean '{by_lower[near[0]]}'?"
    return f"Known are: {', '.join(known)}." if known else ""
