"""Inputs that nobody would send on purpose: seeds that are changed a little, many times over.

How many of a kind says LINEPROOF_FUZZ (`make fuzz`); without it few enough for every run of the
tests, and always the same ones. The seeds lie beside each test. What failed once is kept in
build/fuzz and is tried first the next time.
"""

from __future__ import annotations

import ctypes
import functools
import gc
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase
from peers import ROOT

ASKED = os.environ.get("LINEPROOF_FUZZ")
CORPUS = ROOT / "build" / "fuzz"
ROUND_INPUTS = 1_000
GROWTH_MAX_BYTES = 100 << 20  # behind the first round
CACHES_MAX_BYTES = 300 << 20  # in the first one

_Test = TypeVar("_Test", bound=Callable[..., None])


def inputs(few: int, *, parts: int = 1) -> Callable[[_Test], _Test]:
    """So many inputs, or as many as were asked for, of all `parts` of a test together: in rounds,
    because hypothesis keeps each of a round. Fails where memory goes on growing behind the first
    round, in which caches fill up; a few inputs are not measured."""
    count = -(-int(ASKED) // parts) if ASKED else few
    rounds = -(-count // ROUND_INPUTS)

    def decorate(test: _Test) -> _Test:
        made = _settings(-(-count // rounds))(test)

        @functools.wraps(made)
        def run(*arguments: Any, **named: Any) -> None:
            limit = used_bytes() + CACHES_MAX_BYTES
            for number in range(rounds):
                made(*arguments, **named)
                used = used_bytes()
                assert used < limit, f"{used >> 20} MB after {number + 1} of {rounds} rounds"
                if number == 0:
                    limit = used + GROWTH_MAX_BYTES

        return cast(_Test, run if ASKED else made)

    return decorate


def _settings(count: int) -> settings:
    return settings(
        max_examples=count,
        derandomize=ASKED is None,
        database=DirectoryBasedExampleDatabase(CORPUS) if ASKED else None,
        deadline=None,
        phases=[Phase.reuse, Phase.generate, Phase.shrink] if ASKED else [Phase.generate],
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


def used_bytes() -> int:
    """The memory of this process, without what is free already and could be given back: hypothesis
    needs much for a moment."""
    gc.collect()
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's
    if malloc_trim is not None:
        malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


_ODD_BYTES = (0, 1, 9, 10, 13, 32, 34, 44, 45, 58, 91, 92, 93, 123, 125, 127, 128, 192, 255)
_byte = st.one_of(st.sampled_from(_ODD_BYTES), st.integers(0, 255))


@st.composite
def changed(draw: st.DrawFn, seeds: Sequence[bytes], words: Sequence[bytes] = ()) -> bytes:
    """A seed with a few changes: bytes set, cut out, repeated, moved, or `words` put in."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 4))):
        here = draw(st.integers(0, len(data)))
        there = min(len(data), here + draw(st.sampled_from((1, 1, 2, 4, 8, 40, 400))))
        kind = draw(st.integers(0, 5 if words else 4))
        if kind == 0 and here < len(data):
            data[here] = draw(_byte)
        elif kind == 1:
            del data[here:there]
        elif kind == 2:
            data[here:here] = data[here:there] * draw(st.sampled_from((1, 2, 50)))
        elif kind == 3:
            data[here:there] = bytes([draw(_byte)]) * (there - here)
        elif kind == 4:
            elsewhere = draw(st.integers(0, len(data)))
            data[elsewhere:elsewhere] = data[here:there]
        elif words:
            data[here:there] = draw(st.sampled_from(words))
    return bytes(data)


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from((0, -1, 2**31, 2**53, 2**63, -(2**63) - 1, 10**30)),
    st.floats(),
    st.text(st.characters(), max_size=20),
    st.sampled_from(("", "\0", "\ud800", "a\nb", "\u202e", "x" * 300, "NaN", "1e999", "２")),
)
# What JSON can say, and Python's reader of it lets through besides.
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(st.characters(), max_size=8), inner, max_size=4),
    ),
    max_leaves=8,
)
