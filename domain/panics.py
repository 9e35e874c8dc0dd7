"""Faults of libraries that Python does not take for errors.

Libraries written in Rust (polars, pydantic, cryptography, orjson) panic where they meet what their
authors held to be impossible. That reaches Python as a `PanicException`, which is no `Exception`:
whatever promises to go on after any error would end by it. At the edges where bytes come in, it
becomes an error like any other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from domain.errors import LineproofError


class LibraryPanicError(LineproofError):
    """A library gave up in the middle of its work."""


def is_panic(error: BaseException) -> bool:
    """Whether a library written in Rust gave up. Each of them has a class of its own for it, of
    the same name, which only a panic makes."""
    return type(error).__name__ == "PanicException"


@contextlib.contextmanager
def panics_as_errors() -> Iterator[None]:
    """A panic within the block as a LibraryPanicError, with the panic as its cause."""
    try:
        yield
    except BaseException as error:
        if not is_panic(error):
            raise
        reason = " ".join(str(error).split())[:300]
        raise LibraryPanicError(
            f"a library gave up on it ({reason})",
            todo="This should not be: please report it, with what was given to it.",
        ) from error
