"""What an agent must know of a machine with its samples, whole or not at all. Pure.

Where the agent adds up what a machine counts, the total and the messages that are in it lie in the
spool in the chunk of the samples that they led to. So a process that is killed at any moment
has either counted a message, and knows it again when the broker repeats it, or it has not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

KNOWN_MESSAGES_MAX = 4_000  # of a machine: twice what a broker may have to repeat


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a machine ("line/machine") from here on. `totals`: a text of whoever counts;
    empty: as before. `messages`: those that are in it and were not before."""

    machine: str
    totals: str
    messages: tuple[str, ...] = ()

    def then(self, later: Kept) -> Kept:
        """Both, one after the other."""
        messages = (*self.messages, *later.messages)[-KNOWN_MESSAGES_MAX:]
        return Kept(self.machine, later.totals or self.totals, messages)


def folded(kept: Iterable[Kept]) -> dict[str, Kept]:
    """By machine, what holds after all of them."""
    found: dict[str, Kept] = {}
    for it in kept:
        found[it.machine] = found[it.machine].then(it) if it.machine in found else it
    return found


def kept_text(kept: Mapping[str, Kept]) -> str:
    """As it lies in a chunk, without a line break; empty where there is none."""
    if not kept:
        return ""
    return json.dumps([(it.machine, it.totals, it.messages) for it in kept.values()])


def kept_of(text: str) -> list[Kept]:
    """What `kept_text` gave."""
    if not text:
        return []
    return [
        Kept(machine, totals, tuple(messages)) for machine, totals, messages in json.loads(text)
    ]
