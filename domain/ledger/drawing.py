"""Days drawn by lot from a checkpoint: nobody chooses them, and everybody draws the same ones.

The seed is SHA-256 of a text:

    lineproof-challenge/1
    <digest of the dossier's evidence, 64 hex digits>
    <the officer's word, or nothing>
    <text of the checkpoint: origin, number of leaves, root>

Signatures are not in it: one text can be signed in many ways. The days of each line that are left
are numbered in their order, from 0. Draw 0, 1, 2, … is SHA-256 of the seed, the line's name in
UTF-8, a line feed and the draw's number in decimal digits; its first 8 bytes are a number, the
highest first. With `left` days left it takes out the day of the number that remains when it is
divided by `left`. Only where it is not below the greatest multiple of `left` up to 2^64 it is
passed over, so that every day is as likely as every other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from math import ceil, prod

_RANGE = 1 << 64


def draw_seed(evidence: str, word: str, checkpoint: str) -> bytes:
    """`evidence`: digest of the dossier's evidence; `checkpoint`: its text, with the last line
    break."""
    text = f"lineproof-challenge/1\n{evidence}\n{word}\n{checkpoint}"
    return hashlib.sha256(text.encode()).digest()


def drawn_days(seed: bytes, line: str, days: Sequence[date], count: int) -> list[date]:
    """So many of the days, each once, in the order in which they are drawn. Raises ValueError where
    there are fewer."""
    if not 0 <= count <= len(days):
        raise ValueError(f"{count} of {len(days)} days")
    found: list[date] = []
    left, number = sorted(days), 0
    while len(found) < count:
        written = seed + f"{line}\n{number}".encode()
        draw = int.from_bytes(hashlib.sha256(written).digest()[:8], "big")
        number += 1
        if draw < _RANGE - _RANGE % len(left):
            found.append(left.pop(draw % len(left)))
    return found


def catch_probability(days: int, forged_share: float, opened: int) -> float:
    """How likely at least one forged day is among those opened, where that share of all days is
    forged (hypergeometric, without replacement).

    >>> round(catch_probability(60, 0.1, 5), 3)
    0.42
    """
    forged = min(days, ceil(round(forged_share * days, 9)))
    honest = days - forged
    return 1.0 - prod(max(honest - it, 0) / (days - it) for it in range(min(opened, days)))
