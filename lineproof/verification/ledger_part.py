"""Checks that need no telemetry: the files are those of the manifest, the ledger's checkpoint is
signed by who is trusted, and its leaves vouch for what the dossier says.

Each check gives what is to be known beside it ("": nothing), or raises DoesNotHoldError.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from cryptography.x509 import Certificate

from domain.errors import CheckFailedError, InputError, LineproofError
from domain.ledger.base64_lines import from_base64
from domain.ledger.checkpoints import Checkpoint, parse_checkpoint
from domain.ledger.cosignatures import cosigners
from domain.ledger.leaves import DossierLeaf, RecordLeaf, parse_leaf
from domain.ledger.policies import TrustPolicy, parse_policy
from domain.ledger.signed_notes import SignedNote, parse_note, verified_keys
from domain.ledger.tlog_proofs import parse_proof, verified_checkpoint
from domain.ledger.tree import HASH_BYTES, hashes_of_leaf, leaf_hash, root_hash
from lineproof.dossier import paths
from lineproof.verification.dossier_file import DossierFile
from lineproof.verification.evidence import Evidence, LeafTold, differs
from lineproof.verification.outcome import DoesNotHoldError
from lineproof.witnesses.time_stamps import Stamp, verified_stamp
from store.archive.blobs import storage_errors
from store.ledger.keys import verify_ed25519
from store.registry.opened_rows import OpenedRow


@dataclass(frozen=True, slots=True)
class SeenEarlier:
    """A checkpoint that the reader kept, and where it lies."""

    path: str
    note: SignedNote
    checkpoint: Checkpoint


def check_manifest(evidence: Evidence) -> str:
    evidence.digests = digests_of_files(evidence.dossier)
    return ""


def digests_of_files(dossier: DossierFile) -> dict[str, str]:
    """The files are those of the manifest: the digest of each."""
    named = paths.read_manifest(dossier.read(paths.MANIFEST))
    if named is None:
        raise differs(paths.MANIFEST, "it is no list of files and digests")
    there = set(dossier.names) - {paths.MANIFEST}
    for path in sorted(named.keys() ^ there):
        if path in there:
            raise differs(path, "the manifest does not name this file")
        raise differs(path, "the manifest names this file, and it is not there")
    for path in sorted(named):
        if dossier.digest(path) != named[path]:
            raise differs(path, "the file is not the one that the manifest names: it was changed")
    return named


def read_policy(path: Path) -> TrustPolicy:
    """The reader's own. Raises InputError where it is none."""
    return _policy(read_file(path), str(path))


def read_seen(path: Path) -> SeenEarlier:
    """A checkpoint that the reader kept, alone or in a dossier. Raises InputError where it is
    none."""
    data = read_file(path)
    if data.startswith(b"PK"):
        with DossierFile(path) as dossier:
            data = dossier.read(paths.CHECKPOINT)
    try:
        return SeenEarlier(str(path), *read_note(data, str(path)))
    except DoesNotHoldError as error:
        raise InputError(
            error.says, where=str(path), todo="Give a checkpoint, or a dossier, as it was given."
        ) from None


def check_checkpoint(evidence: Evidence, policy: TrustPolicy | None) -> str:
    """By the policy that the reader brings; else by that of the dossier, which proves less."""
    dossier = evidence.dossier
    note, checkpoint = read_note(dossier.read(paths.CHECKPOINT), paths.CHECKPOINT)
    try:
        trusted = policy or _policy(dossier.read(paths.POLICY), paths.POLICY)
    except InputError as error:
        raise differs(paths.POLICY, error.what) from None
    check_signed(note, checkpoint, trusted, paths.CHECKPOINT)
    evidence.checkpoint, evidence.policy = checkpoint, trusted
    if policy is None:
        return (
            "The key of the ledger is the one that the dossier itself names. Give --policy with "
            "the key that you got from the node's owner on another way."
        )
    return ""


def check_witnesses(evidence: Evidence) -> str:
    note, _ = read_note(evidence.dossier.read(paths.CHECKPOINT), paths.CHECKPOINT)
    assert evidence.policy is not None, "checked before"
    seen = dict(cosigners(note, evidence.policy.witnesses.values(), verify_ed25519))
    if not evidence.policy.is_quorum(seen.keys()):
        raise differs(
            paths.CHECKPOINT,
            f"{len(seen)} of the witnesses that the policy names cosigned the checkpoint, fewer "
            "than it asks for",
        )
    if not evidence.policy.witnesses:
        return "The policy asks for no witness."
    return f"Cosigned by {', '.join(sorted(it.name for it in seen)) or 'nobody'}."


def check_timestamps(evidence: Evidence, roots: Sequence[Certificate]) -> str:
    """`roots`: certificates of authorities that the reader trusts. Where there are some, a stamp
    must be under one of them; without, it is only seen what the stamps are of."""
    note, _ = read_note(evidence.dossier.read(paths.CHECKPOINT), paths.CHECKPOINT)
    told, rooted = [], 0
    tokens = evidence.dossier.under("timestamps/")
    for path in tokens:
        stamp, why = _stamp(evidence.dossier.read(path), note.text, roots, path)
        rooted += stamp.is_rooted
        how = "" if stamp.is_rooted else f", not checked against a root{why}"
        at = stamp.time.isoformat(timespec="seconds")
        told.append(f"{path}: it was there by {at}, says '{stamp.authority}'{how}.")
    if roots and not rooted:
        where = tokens[0] if tokens else paths.CHECKPOINT
        raise differs(where, " ".join(told) or "no authority under the given roots stamped it")
    if not tokens:
        return "The dossier has no time stamp of a third party."
    more = "" if rooted else " Give --tsa-root with the authority's root certificate."
    return f"{' '.join(told)}{more}"


def _stamp(token: bytes, text: str, roots: Sequence[Certificate], path: str) -> tuple[Stamp, str]:
    """What the token says, and why that is not checked against a root ("": no root was given)."""
    try:
        return verified_stamp(token, text, roots), ""
    except CheckFailedError as error:
        why = error.what
    try:
        return verified_stamp(token, text, ()), f" ({why})"
    except CheckFailedError as error:
        raise differs(path, error.what) from None


def check_inclusion(evidence: Evidence) -> str:
    """All leaves together give the checkpoint's root; rows are those that leaves tell; one leaf
    vouches for the dossier's evidence."""
    dossier, checkpoint = evidence.dossier, evidence.checkpoint
    assert checkpoint is not None, "checked before"
    leaves = list(_leaves(dossier))
    if root_of([it.hashed for it in leaves]) != checkpoint.root or len(leaves) != checkpoint.size:
        raise differs(paths.LEAVES, "these are not the leaves that the checkpoint signs")
    evidence.leaves = leaves
    _check_rows(leaves)
    wanted = paths.evidence_digest(evidence.digests)
    own = [
        it.leaf for it in leaves if isinstance(it.leaf, DossierLeaf) and it.leaf.digest == wanted
    ]
    if not own:
        raise differs(
            paths.MANIFEST,
            "no leaf of the ledger vouches for these files: they were changed after the dossier "
            "was made, or made without the ledger",
        )
    if own[0].number != evidence.about["record"]:
        raise differs(paths.ABOUT, "its 'record' is not what the dossier's leaf says")
    for path in dossier.under("ledger/proofs/"):
        _check_proof(evidence, path, leaves)
    return f"{len(evidence.rows)} of {own[0].number} rows of the record are of this project."


def check_consistency(evidence: Evidence, seen: Sequence[SeenEarlier]) -> str:
    """What was signed earlier is how the ledger begins. `seen`: what the reader kept."""
    assert evidence.checkpoint is not None, "checked before"
    assert evidence.policy is not None, "checked before"
    hashes = [it.hashed for it in evidence.leaves]
    for it in seen:
        path, earlier = it.path, it.checkpoint
        check_signed(it.note, earlier, evidence.policy, path)
        if earlier.origin != evidence.checkpoint.origin:
            raise differs(paths.CHECKPOINT, f"{path} is a checkpoint of another ledger")
        if earlier.size > len(hashes):
            raise differs(
                paths.CHECKPOINT,
                f"the ledger was rolled back: {path} signs {earlier.size} leaves, and the dossier "
                f"has {len(hashes)}",
            )
        if root_of(hashes[: earlier.size]) != earlier.root:
            raise differs(
                paths.CHECKPOINT,
                f"the ledger was forked: its first {earlier.size} leaves are not those that {path} "
                "signs",
            )
    return "" if seen else "No earlier checkpoint was given to compare with (--seen)."


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root of the tree of leaves with these hashes (RFC 6962, 2.1)."""
    whole: dict[tuple[int, int], bytes] = {}

    def read(level: int, number: int) -> bytes:
        return whole[level, number]

    for index, hashed in enumerate(hashes):
        for level, number, made in list(hashes_of_leaf(index, hashed, read)):
            whole[level, number] = made
    return root_hash(len(hashes), read)


def _leaves(dossier: DossierFile) -> Iterator[LeafTold]:
    with dossier.open(paths.LEAVES) as file:
        for index, line in enumerate(file):
            try:
                said = orjson.loads(line)
                if said["index"] != index:
                    raise ValueError
                if "hash" in said:
                    hashed = from_base64(said["hash"])
                    if hashed is None or len(hashed) != HASH_BYTES or len(said) != 2:
                        raise ValueError
                    yield LeafTold(index, hashed)
                    continue
                written = said["leaf"].encode()
                leaf = parse_leaf(written)
                row = None
                if "row" in said and isinstance(leaf, RecordLeaf):
                    row = OpenedRow(leaf.number, leaf.of, said["row"].encode())
                yield LeafTold(index, leaf_hash(written), leaf, row)
            except (ValueError, TypeError, KeyError, AttributeError, InputError):
                raise differs(paths.LEAVES, f"line {index + 1} is none of a leaf") from None


def _check_rows(leaves: Sequence[LeafTold]) -> None:
    number = 0
    for told in leaves:
        leaf = told.leaf
        if not isinstance(leaf, RecordLeaf):
            continue
        number += 1
        if leaf.number != number:
            raise differs(paths.LEAVES, f"row {number} of the record has no leaf at its place")
        if told.row is not None and hashlib.sha256(told.row.text).hexdigest() != leaf.content:
            raise differs(
                paths.LEAVES,
                f"the row beside leaf {told.index} is not the one that the leaf tells "
                f"({leaf.of}): it was changed",
            )


def _check_proof(evidence: Evidence, path: str, leaves: Sequence[LeafTold]) -> None:
    assert evidence.policy is not None
    try:
        proof = parse_proof(evidence.dossier.read(path).decode())
        verified_checkpoint(proof, proof.extra, evidence.policy.logs, verify_ed25519)
    except UnicodeDecodeError:
        raise differs(path, "it is no text") from None
    except LineproofError as error:
        raise differs(path, error.what) from None
    if proof.index >= len(leaves) or leaf_hash(proof.extra) != leaves[proof.index].hashed:
        raise differs(path, "it proves another leaf than the dossier has at that place")


def read_file(path: Path) -> bytes:
    """Of the reader's. Raises InputError where it is not there."""
    if not path.is_file():
        raise InputError("there is no such file", where=str(path), todo="Check the path.")
    with storage_errors(path):
        return path.read_bytes()


def read_note(data: bytes, path: str) -> tuple[SignedNote, Checkpoint]:
    """Of a file with that path; nothing is verified yet."""
    try:
        note = parse_note(data.decode())
        return note, parse_checkpoint(note.text)
    except UnicodeDecodeError:
        raise differs(path, "it is no text") from None
    except LineproofError as error:
        raise differs(path, error.what) from None


def _policy(data: bytes, where: str) -> TrustPolicy:
    try:
        return parse_policy(data.decode())
    except UnicodeDecodeError:
        raise InputError("this is no text in UTF-8", where=where) from None
    except InputError as error:
        place = f"{where}, {error.where}" if error.where else where
        raise InputError(error.what, where=place, todo=error.todo) from None


def check_signed(note: SignedNote, checkpoint: Checkpoint, policy: TrustPolicy, path: str) -> None:
    """By the key of a ledger that the policy trusts, whose name is the origin."""
    known = [it for it in policy.logs if it.name == checkpoint.origin]
    if not known:
        raise differs(path, f"the policy does not trust the ledger '{checkpoint.origin}'")
    try:
        verified_keys(note, known, verify_ed25519)
    except LineproofError as error:
        raise differs(path, error.what) from None
