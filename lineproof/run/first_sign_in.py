"""The link by which the first administrator of a node signs in.

Told on the console when a node starts that has no account; each start ends the links before. What
it tells is a secret of three days, so it goes to the console alone and into no file of the node.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from lineproof.output import note
from store.registry.registry import Registry


def note_first_sign_in(registry: Registry, url: str, now: Callable[[], datetime]) -> None:
    """One line where the node is open; nothing where somebody has an account."""
    if registry.accounts.any():
        return
    code = registry.sign_in_codes.for_first_administrator(now())
    note(
        "There is no account yet: everybody who reaches this node may do everything, until the "
        f"first administrator signs in at {url}/sign-in?code={code}"
    )
