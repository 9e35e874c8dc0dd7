"""Which version of the protocol an agent and a collector speak with each other, request by request.

An agent says in each request which versions it speaks, the collector answers with the newest that
it speaks, too. Before there were versions nobody said any: that is the first one.

    agent says       collector speaks    answer
    2, 1             2, 1                2
    nothing          2, 1                1, and nothing is said
    2, 1             1 (says nothing)    1: an agent takes silence for it
    4, 3             2, 1                refused; the agent keeps what it has

Each version speaks the one before it, so agents and collectors may be upgraded in any order. What
is sealed does not depend on it (`domain.batches`).
"""

from __future__ import annotations

HEADER = "Lineproof-Protocol"
FIRST = 1  # of those who say nothing
SPOKEN = (2, 1)  # here; the newest first
SAID = ", ".join(map(str, SPOKEN))
_LENGTH_MAX = 100


def agreed(said: str | None) -> int | None:
    """The version to speak with somebody whose header says `said` (None: it has none); None where
    there is none that both speak."""
    if said is None:
        return FIRST
    theirs = {it.strip() for it in said[:_LENGTH_MAX].split(",")}
    return next((it for it in SPOKEN if str(it) in theirs), None)
