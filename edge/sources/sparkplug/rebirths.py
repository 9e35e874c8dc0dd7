"""When a node is asked for its births: at once, then less and less often while it does not help.

A node that never answers, or whose every birth is followed by a message out of order, is asked
again after 10 s, 20 s and so on up to 5 minutes; after 10 minutes in which nothing was wanted the
next request is sent at once again. A new connection of ours is no fault of the node's: then it
waits for 10 s at most. Pure: times are seconds of a clock that only goes forward.
"""

from __future__ import annotations

PAUSE_FIRST_S = 10.0
PAUSE_MOST_S = 300.0
CALM_S = 600.0


class Rebirths:
    """`allowed` False: other hosts ask, we wait."""

    def __init__(self, *, allowed: bool = True) -> None:
        self._allowed = allowed
        self._wanted = False
        self._asked_s: float | None = None
        self._pause_s = PAUSE_FIRST_S

    def connected(self) -> None:
        """We are connected anew, and whatever the node said meanwhile is missing."""
        self._pause_s = PAUSE_FIRST_S

    def want(self) -> None:
        self._wanted = self._allowed

    def came(self) -> None:
        """A birth, asked for or not."""
        self._wanted = False

    @property
    def due_s(self) -> float | None:
        """When to ask; None: nothing is wanted. Minus infinity: at once."""
        if not self._wanted:
            return None
        return float("-inf") if self._asked_s is None else self._asked_s + self._pause_s

    def ask(self, now_s: float) -> bool:
        """Whether a request is to be sent now; then it counts as sent."""
        due_s = self.due_s
        if due_s is None or now_s < due_s:
            return False
        is_calm = self._asked_s is None or now_s - self._asked_s > CALM_S
        self._pause_s = PAUSE_FIRST_S if is_calm else min(self._pause_s * 2, PAUSE_MOST_S)
        self._asked_s = now_s
        return True
