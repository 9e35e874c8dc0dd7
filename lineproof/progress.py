"""How long work says how far it is.

Whoever does the work calls this at each step; `lineproof.output` draws bars of it.
"""

from __future__ import annotations

from collections.abc import Callable

StepProgress = Callable[[str, int, int | None], None]  # what is done, how much, of how much
