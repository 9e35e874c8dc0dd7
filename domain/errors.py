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
from typing import Self

from domain.singulars import for_one
from domain.texts import N_

_NAMED = re.compile(r"%\((\w+)\)s")
_SAID_MAX = 60  # characters
_NAMES_MAX = 20
_WHAT_MAX = 500  # characters of what is wrong in a file; it may repeat a value of any length
GO_BACK = (
    "Nothing was changed: use the later version again, or restore the backup that was made before "
    "the upgrade."
)
# Of a key in a file of settings, which has no number of its format.
MAYBE_LATER = "unknown key: it is misspelt, or a later version of Lineproof knows it"
MORE_IN_FILE = N_("(%(count)s more problems in this file.)")


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
        self.what = for_one(what, self.values) % self.values if self.values else what
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

    def twin(self) -> Self:
        """The same, to be changed apart. What `copy.copy` gives depends on how exceptions travel
        between processes, which some libraries change for all of them."""
        twin = type(self).__new__(type(self), *self.args)
        twin.__dict__.update(self.__dict__)
        return twin


class InputError(LineproofError):
    """A file, option or request that cannot be used as it is."""

    http_status = 422


class FileError(InputError):
    """What is wrong in a file, at a line of it (0: in all of it), and in which field, if in one.

    `clause`: of the agreement, where the line belongs to one. `in_full`: what is wrong in English,
    where that says more than `message` does. `others`: how many more problems the file has.
    """

    def __init__(
        self,
        what: str,
        *,
        file: str = "",
        line: int = 0,
        field: str = "",
        clause: str = "",
        todo: str = "",
        values: Mapping[str, str | float] | None = None,
        in_full: str = "",
        others: int = 0,
    ) -> None:
        where = f"{file}, line {line}" if line else file
        where = f"{where}, clause {clause}" if clause else where
        super().__init__(what, where=where, todo=todo, values=values)
        self.file, self.line, self.field, self.clause = file, line, field, clause
        self.in_full, self.others = in_full, others
        said = _cut(in_full or self.what)
        self.what = f"field '{field}': {said}" if field else said
        self.values = {
            name: _cut(it) if isinstance(it, str) else it for name, it in self.values.items()
        }
        if others:
            count = {"count": others}
            self.todo = f"{self.todo} {for_one(MORE_IN_FILE, count) % count}".strip()


class WrongValueError(ValueError):
    """What a validator of a model says of a value, in half a sentence that can be translated as
    those of a `LineproofError` can; whoever reads the file adds where it stands."""

    def __init__(
        self, what: str, values: Mapping[str, str | float] | None = None, *, todo: str = ""
    ) -> None:
        self.message, self.advice, self.values = what, todo, dict(values or {})
        super().__init__(str(LineproofError(what, todo=todo, values=values)))


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


class LaterVersionError(StorageError):
    """A later version of this program wrote `thing`, as in "the spool": it has the format `found`,
    and this version knows those up to `known`. Whoever raises it has changed nothing."""

    def __init__(
        self, thing: str, found: object, known: object, *, where: str = "", todo: str = GO_BACK
    ) -> None:
        super().__init__(of_later_version(thing, found, known), where=where, todo=todo)


class CheckFailedError(LineproofError):
    """The data say no: a check that was asked for did not pass."""

    exit_status = 1
    http_status = 409


def of_later_version(thing: str, found: object, known: object) -> str:
    """What is wrong with a thing of that format."""
    return (
        f"{thing} was written by a later version of Lineproof (format {found}; this one knows "
        f"{known})"
    )


def shortened(said: str) -> str:
    """So much of what somebody else wrote as fits a sentence."""
    return said if len(said) <= _SAID_MAX else f"{said[:_SAID_MAX]}…"


def listed(names: Sequence[str]) -> str:
    """Names that somebody else gave, as many as fit a sentence."""
    more = ", …" if len(names) > _NAMES_MAX else ""
    return ", ".join(shortened(name) for name in names[:_NAMES_MAX]) + more


def did_you_mean(wrong: str, known: Sequence[str]) -> str:
    """`Did you mean 'x'?` for a near miss, else the list of what is known."""
    todo, values = suggestion(wrong, known)
    return todo % values


def suggestion(wrong: str, known: Sequence[str]) -> tuple[str, dict[str, str]]:
    """The same to be translated: what to do, and its values."""
    by_lower = {name.lower(): name for name in reversed(known)}
    near = get_close_matches(wrong.lower(), by_lower, n=1)
    if near and by_lower[near[0]] != wrong:
        return N_("Did you mean '%(near)s'?"), {"near": by_lower[near[0]]}
    return (N_("Known are: %(known)s."), {"known": ", ".join(known)}) if known else ("", {})


def _cut(said: str) -> str:
    return said if len(said) <= _WHAT_MAX else f"{said[:_WHAT_MAX]}…"
