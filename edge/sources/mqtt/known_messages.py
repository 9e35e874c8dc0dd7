"""Messages that were taken before: the broker repeats what it has no acknowledgement of. Pure.

A broker that sends a message again says so (DUP, MQTT 5, 3.3.1.1) and gives it the number that it
had. So one that is said to be repeated, with the number, topic and content of one that was taken,
is that one. A broker may use a number again as soon as it was acknowledged; of two messages
that are the same in everything nobody can tell whether the second one is the first again, and it is
taken for that.
"""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b

REMEMBERED_MAX = 4_000  # twice what is under way at once
_DIGEST_BYTES = 9


class KnownMessages:
    """The last `most` messages of one machine."""

    def __init__(self, most: int = REMEMBERED_MAX) -> None:
        self._most = most
        self._known: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, message: str) -> bool:
        return message in self._known

    def add(self, *messages: str) -> None:
        """What was taken, oldest first."""
        for message in messages:
            self._known[message] = None
            self._known.move_to_end(message)
        while len(self._known) > self._most:
            self._known.popitem(last=False)


def known_as(number: int, topic: str, payload: bytes) -> str:
    """What a message is known by. No topic has a NUL character (MQTT 5, 1.5.4)."""
    head = f"{number} {topic}\0".encode("utf-8", "surrogatepass")
    return blake2b(head + payload, digest_size=_DIGEST_BYTES).hexdigest()
