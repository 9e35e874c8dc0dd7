"""Paths of a dossier lead nowhere else, whatever a line or an agent is called."""

from __future__ import annotations

import hashlib

import pytest

from lineproof.dossier import paths


@pytest.mark.parametrize(
    "name", ["..", ".", "a/b", "a\\b", "../../etc/passwd", "線 1", "C:x", "...."]
)
def test_a_name_is_one_part_of_a_path(name: str) -> None:
    for path in (paths.facts_path(name), paths.samples_path(name, "2026-03")):
        folder, *_, last = path.split("/")
        assert folder in ("facts", "samples")
        assert not {"..", ".", ""} & set(path.split("/")), path
        assert "\\" not in path
        assert ":" not in last
    first, _, third = paths.batches_path(name, 7).split("/")
    assert (first, third) == ("batches", "000000000007.batches")


def test_a_manifest_comes_back() -> None:
    digests = {"b": "1" * 64, "a c": "2" * 64}
    data = paths.manifest(digests)
    assert data == f"{'2' * 64}  a c\n{'1' * 64}  b\n".encode()
    assert paths.read_manifest(data) == digests


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-1],
        lambda data: data + b"x\n",
        lambda data: data.replace(b"  ", b" "),
        lambda data: data.upper(),
        lambda data: data + data,
        lambda data: b"\n".join(data.split(b"\n")[1::-1]) + b"\n",
        lambda data: b"\xff" + data,
    ],
)
def test_what_is_no_manifest_is_none(change: object) -> None:
    data = paths.manifest({"b": "a" * 64, "a": "f" * 64})
    assert callable(change)
    assert paths.read_manifest(change(data)) is None


def test_the_dossiers_leaf_vouches_for_all_but_the_ledger() -> None:
    evidence = {"verdicts.json": "a" * 64, "facts/x.csv": "b" * 64}
    digest = paths.evidence_digest(evidence)
    assert digest == hashlib.sha256(paths.manifest(evidence)).hexdigest()
    more = {"ledger/leaves.jsonl": "c" * 64, "timestamps/a.tsr": "d" * 64, paths.MANIFEST: "e" * 64}
    assert paths.evidence_digest(evidence | more) == digest
    assert paths.evidence_digest(evidence | {"ledgers": "c" * 64}) != digest
