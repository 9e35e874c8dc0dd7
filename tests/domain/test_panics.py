"""A library's panic, a real one of polars, as an error like any other."""

from __future__ import annotations

import io

import polars as pl
import pytest
from bad_batches import panicking_stream

from domain.panics import LibraryPanicError, is_panic, panics_as_errors


def test_a_panic_is_no_exception_and_becomes_one() -> None:
    stream = panicking_stream()
    with pytest.raises(LibraryPanicError, match="gave up on it") as told, panics_as_errors():
        pl.read_ipc_stream(io.BytesIO(stream))
    cause = told.value.__cause__
    assert cause is not None
    assert is_panic(cause)
    assert not isinstance(cause, Exception)


@pytest.mark.parametrize("other", [KeyboardInterrupt, SystemExit, ValueError, GeneratorExit])
def test_everything_else_stays_what_it_is(other: type[BaseException]) -> None:
    with pytest.raises(other), panics_as_errors():
        raise other
