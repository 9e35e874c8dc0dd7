"""The tree is held against RFC 6962's own words; proofs against whoever changes them."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peers import SHARED_DATA, require_shared_data

from domain.ledger.tree import (
    EMPTY_ROOT,
    consistency_proof,
    hashes_of_leaf,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    root_hash,
)

SIZES = st.integers(1, 130)


def leaf(index: int) -> bytes:
    return f"leaf {index}".encode()


class Stored:
    """What hashes_of_leaf gave, as a store keeps it: nothing is written twice."""

    def __init__(self, size: int) -> None:
        self.hashes: dict[tuple[int, int], bytes] = {}
        for index in range(size):
            hashed = leaf_hash(leaf(index))
            for level, number, it in hashes_of_leaf(index, hashed, self.read):
                assert (level, number) not in self.hashes
                self.hashes[level, number] = it

    def read(self, level: int, number: int) -> bytes:
        return self.hashes[level, number]


ALL = Stored(130)


def _sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def mth(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return _sha(b"")
    if len(leaves) == 1:
        return _sha(b"\x00" + leaves[0])
    k = _split(len(leaves))
    return _sha(b"\x01" + mth(leaves[:k]) + mth(leaves[k:]))


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], is_whole: bool) -> list[bytes]:
    """RFC 6962, 2.1.2, word for word."""
    if m == len(leaves):
        return [] if is_whole else [mth(leaves)]
    k = _split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], is_whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def _split(count: int) -> int:
    k = 1
    while 2 * k < count:
        k *= 2
    return k


def _leaves(size: int) -> list[bytes]:
    return [leaf(index) for index in range(size)]


@given(size=st.integers(0, 130))
def test_the_root_is_that_of_the_standard(size: int) -> None:
    assert root_hash(size, ALL.read) == mth(_leaves(size))


def test_a_tree_without_leaves_has_the_root_of_the_standard() -> None:
    assert root_hash(0, ALL.read) == EMPTY_ROOT == mth([])


@given(size=SIZES, data=st.data())
def test_a_leafs_proof_is_that_of_the_standard_and_is_believed(
    size: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, ALL.read)
    assert proof == path(index, _leaves(size))
    assert is_included(leaf_hash(leaf(index)), index, size, proof, mth(_leaves(size)))


@given(second=SIZES, data=st.data())
def test_a_proof_of_growth_is_that_of_the_standard_and_is_believed(
    second: int, data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, second))
    proof = consistency_proof(first, second, ALL.read)
    assert proof == subproof(first, _leaves(second), True)
    assert is_consistent(first, second, proof, mth(_leaves(first)), mth(_leaves(second)))


def _spoilt(proof: list[bytes], other: bytes) -> list[list[bytes]]:
    """Truncated, longer at both ends, doubled, in another order, changed, cut."""
    made = [[*proof, other], [other, *proof], [*proof, *proof, other], [*proof, b""]]
    for at, it in enumerate(proof):
        made += [proof[:at] + proof[at + 1 :], [*proof[:at], other, *proof[at + 1 :]]]
        made += [[*proof[:at], it[:-1], *proof[at + 1 :]], [*proof[:at], it, *proof[at:]]]
    made += [proof[::-1]] if proof[::-1] != proof else []
    return made


@given(size=SIZES, data=st.data())
def test_no_other_proof_of_a_leaf_is_believed(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashed, root = leaf_hash(leaf(index)), mth(_leaves(size))
    proof = inclusion_proof(index, size, ALL.read)
    for it in _spoilt(proof, _sha(b"other")):
        assert not is_included(hashed, index, size, it, root)
    for wrong in {-1, size, *range(size)} - {index}:
        assert not is_included(hashed, wrong, size, proof, root)
    assert not is_included(leaf_hash(b"other"), index, size, proof, root)
    assert not is_included(hashed, index, size, proof, _sha(b"other"))


@given(second=SIZES, data=st.data())
def test_no_other_proof_of_growth_is_believed(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second))
    roots = mth(_leaves(first)), mth(_leaves(second))
    proof = consistency_proof(first, second, ALL.read)
    for it in _spoilt(proof, _sha(b"other")):
        assert not is_consistent(first, second, it, *roots)
    for wrong in (_sha(b"other"), b""):
        assert not is_consistent(first, second, proof, wrong, roots[1])
        assert not is_consistent(first, second, proof, roots[0], wrong)
    if first < second:
        assert not is_consistent(first, second, proof, roots[1], roots[0])
    assert not is_consistent(second + 1, second, proof, *roots)
    assert not is_consistent(0, second, proof, EMPTY_ROOT, roots[1])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="has no leaf"):
        inclusion_proof(index, size, ALL.read)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 3), (4, 3)])
def test_there_is_no_proof_that_a_tree_shrank_or_of_an_empty_one(first: int, second: int) -> None:
    with pytest.raises(ValueError, match="there is no proof"):
        consistency_proof(first, second, ALL.read)


def _cases(kind: str) -> list[Path]:
    return sorted((SHARED_DATA / "rfc6962" / kind).rglob("*.json"))


def _bytes(text: str | None) -> bytes:
    return b64decode(text or "")


@pytest.mark.parametrize("case", _cases("inclusion"), ids=str)
def test_proofs_of_leaves_made_by_others(case: Path) -> None:
    said = json.loads(case.read_text())
    proof = [_bytes(it) for it in said["proof"] or []]
    believed = is_included(
        _bytes(said["leafHash"]), said["leafIdx"], said["treeSize"], proof, _bytes(said["root"])
    )
    assert believed is not said["wantErr"], said["desc"]


@pytest.mark.parametrize("case", _cases("consistency"), ids=str)
def test_proofs_of_growth_made_by_others(case: Path) -> None:
    said = json.loads(case.read_text())
    roots = _bytes(said["root1"]), _bytes(said["root2"])
    proof = [_bytes(it) for it in said["proof"] or []]
    if said["size1"] == said["size2"] == 1 and len(roots[0]) != 32 and not said["wantErr"]:
        roots = _sha(roots[0]), _sha(roots[1])  # it says "don't care", which is no hash
    assert is_consistent(said["size1"], said["size2"], proof, *roots) is not said["wantErr"]


def test_the_cases_of_others_are_there() -> None:
    require_shared_data("rfc6962")
    assert len(_cases("inclusion")) + len(_cases("consistency")) == 196
