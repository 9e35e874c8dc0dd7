"""How long work says how far it is.

Whoever does the work calls this at each step; `lineproof.output` draws bars of it.
"""

from __future__ import annotations

from collections.abc import Callable

StepProgress = Callable[[str, int, int | None], None]  # what is done, how much, of how much


def adding_up(progress: StepProgress | None, what: str, total: int) -> Callable[[int], None]:
    """For work that only knows how much it did since it told last. `total` may be too small."""
    done = 0

    def tell(count: int) -> None:
        nonlocal done
        done += count
        if progress is not None:
            progress(what, done, max(total, done))

    return tell
