"""The Merkle tree of the ledger (RFC 6962, section 2.1): hashes, root and proofs.

What is stored is the hash of every *whole subtree*: 2^level leaves from a multiple of as many on.
A new leaf makes one of level 0, and one more for each subtree that it completes. With seven leaves:

    level 2   2/0 (leaves 0 to 3)
    level 1   1/0      1/1      1/2 (leaves 4 and 5)
    level 0   0/0 0/1  0/2 0/3  0/4 0/5  0/6         root = H(2/0, H(1/2, 0/6)), H as node_hash

So a leaf is added, a root computed and a proof made with as many reads as the tree is high, squared
at most, whatever the number of leaves. Who stores them gives `read(level, number)`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()  # of a tree without leaves
Read = Callable[[int, int], bytes]  # the hash of whole subtree `number` of `level`, from 0


def leaf_hash(leaf: bytes) -> bytes:
    """RFC 6962, 2.1: SHA-256 of 0x00 and the leaf, so that no leaf passes for a node."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962, 2.1: SHA-256 of 0x01 and both halves."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def hashes_of_leaf(index: int, hashed: bytes, read: Read) -> Iterator[tuple[int, int, bytes]]:
    """What is to be stored when the leaf of that index and hash is added behind all others: level,
    number and hash of each subtree that it completes, itself first."""
    level, number = 0, index
    yield level, number, hashed
    while number % 2:  # it is a right half: with the left one it makes a whole
        hashed = node_hash(read(level, number - 1), hashed)
        level, number = level + 1, number // 2
        yield level, number, hashed


def root_hash(size: int, read: Read) -> bytes:
    """MTH of the first `size` leaves."""
    return _range_hash(0, size, read) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, read: Read) -> list[bytes]:
    """PATH of the leaf in the tree of `size` leaves (RFC 6962, 2.1.1), from its sibling upwards.
    Raises ValueError where that tree has no such leaf."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + _largest_power_below(end - start)
        if index < middle:
            path.append(_range_hash(middle, end, read))
            end = middle
        else:
            path.append(_range_hash(start, middle, read))
            start = middle
    return path[::-1]


def consistency_proof(first: int, second: int, read: Read) -> list[bytes]:
    """PROOF that the tree of `second` leaves begins with that of `first` (RFC 6962, 2.1.2). Raises
    ValueError where it has fewer, or the first none: of that there is no proof."""
    if not 0 < first <= second:
        raise ValueError(f"there is no proof from {first} to {second} leaves")
    start, end, path = 0, second, []
    is_known = True  # the subtree is the whole first tree, whose root who asks has
    while first != end:
        middle = start + _largest_power_below(end - start)
        if first <= middle:
            path.append(_range_hash(middle, end, read))
            end = middle
        else:
            path.append(_range_hash(start, middle, read))
            start, is_known = middle, False
    if not is_known:
        path.append(_range_hash(start, end, read))
    return path[::-1]


def is_included(hashed: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from the leaf's hash to the root of the tree of `size` leaves
    (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes([hashed, root, *proof]):
        return False
    number, last = index, size - 1
    for sibling in proof:
        if last == 0:
            return False
        if number % 2 or number == last:
            hashed = node_hash(sibling, hashed)
            while number % 2 == 0 and number:
                number, last = number >> 1, last >> 1
        else:
            hashed = node_hash(hashed, sibling)
        number, last = number >> 1, last >> 1
    return last == 0 and hashed == root


def is_consistent(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    """Whether the proof leads from both roots to one another: the tree of `second` leaves begins
    with that of `first` (RFC 9162, 2.1.4.2)."""
    if not 0 < first <= second or not _are_hashes([first_root, second_root, *proof]):
        return False
    if first == second:
        return not proof and first_root == second_root
    path = list(proof) if first & (first - 1) else [first_root, *proof]
    if not path:
        return False
    number, last = first - 1, second - 1
    while number % 2:
        number, last = number >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if number % 2 or number == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while number % 2 == 0 and number:
                number, last = number >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        number, last = number >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _range_hash(start: int, end: int, read: Read) -> bytes:
    """MTH of the leaves from `start` up to `end`, where `start` is a border of every subtree that
    is as large: whole subtrees, the largest first, joined from the right."""
    parts = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(read(level, start >> level))
        start += 1 << level
    hashed = parts.pop()
    while parts:
        hashed = node_hash(parts.pop(), hashed)
    return hashed


def _largest_power_below(count: int) -> int:
    """k of RFC 6962, 2.1: the largest power of two smaller than `count`.

    >>> [_largest_power_below(count) for count in (2, 3, 4, 5)]
    [1, 2, 2, 4]
    """
    return int(1 << ((count - 1).bit_length() - 1))


def _are_hashes(values: Sequence[bytes]) -> bool:
    return all(len(it) == HASH_BYTES for it in values)
