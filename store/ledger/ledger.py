"""A node's ledger: leaves that are only ever added, and signed checkpoints over all of them.

Rules: its name (origin) and key are made once and never change. Nothing is signed that does not
begin with what was signed before: where the hashes on disk do not give the root of the last
checkpoint, no leaf is added. What it says by itself is checked by `faults`; what the registry and
the batch ledger say of it, by lineproof.upkeep.ledger_checks.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, takewhile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.errors import InputError, LineproofError, NotFoundError, StorageError
from domain.ledger.checkpoints import Checkpoint, parse_checkpoint
from domain.ledger.cosignatures import Cosignature, cosignature_of, cosigners
from domain.ledger.leaves import Leaf, RecordLeaf, leaf_bytes, parse_leaf
from domain.ledger.policies import NO_QUORUM, TrustPolicy
from domain.ledger.signed_notes import (
    ED25519,
    NoteSignature,
    SignedNote,
    VerifierKey,
    parse_note,
    parse_verifier_key,
    verified_keys,
)
from domain.ledger.tiles import TILE_LEVELS, TILE_WIDTH, Tile, bundle_bytes, is_within
from domain.ledger.tlog_proofs import TlogProof
from domain.ledger.tree import consistency_proof, hashes_of_leaf, inclusion_proof, leaf_hash
from domain.ledger.tree import root_hash as root_of
from domain.ledger.witnessing import answered_note
from store.archive.blobs import storage_errors, sync_folder
from store.ledger.keys import make_ledger_key, read_ledger_key, verify_ed25519
from store.ledger.tree_file import TreeFile
from store.ledger.witness_file import WitnessFile

LEDGER_BACKUP = (
    "Put the folder 'ledger' back from a backup; where there is none, tell whoever keeps its "
    "checkpoints (the officer, the witnesses)."
)
_ID_DIGITS = 8
_NO_MORE = (-1, "")


class Ledger:
    """The one in that folder, where one was begun. Opens nothing before it is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = TreeFile(folder / "tree.sqlite")
        self.others = WitnessFile(folder / "witnesses.sqlite")
        self._key_path = folder / "key.pem"

    def refuse_later(self) -> None:
        """Raises LaterVersionError where a later version of the program wrote it."""
        self._file.refuse_later()
        self.others.refuse_later()

    @property
    def is_begun(self) -> bool:
        return self._file.exists

    @property
    def size(self) -> int:
        """How many leaves it has; 0 where it was not begun. Raises StorageError."""
        return self._file.size() if self.is_begun else 0

    def begin(self, plant: str) -> None:
        """Name it after the plant and its own key, as in lineproof/tko-foods/1a2b3c4d; nothing
        where it was begun. Raises StorageError."""
        if self.is_begun:
            return
        with storage_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self._key_path.exists():
                make_ledger_key(self._key_path)
            public = read_ledger_key(self._key_path).public_key().public_bytes_raw()
            own = hashlib.sha256(public).hexdigest()[:_ID_DIGITS]
            key = VerifierKey(f"lineproof/{plant}/{own}", ED25519, public)
            self._file.make(str(key))
            sync_folder(self.folder)
            sync_folder(self.folder.parent)

    def verifier_key(self) -> VerifierKey:
        """By which its checkpoints are checked; the name is the origin. Raises StorageError."""
        try:
            return parse_verifier_key(self._file.verifier_key())
        except LineproofError as error:
            raise _changed(self.folder, error.what) from None

    def append(self, leaves: Sequence[Leaf]) -> Checkpoint:
        """Add leaves (one or more) and sign the tree that has them; the new checkpoint.

        Raises StorageError where that cannot be, or where what is there is not what was signed.
        """
        key, private = self.verifier_key(), self._private_key()
        before = self._signed()
        made: list[Checkpoint] = []

        def sign(size: int, root: bytes) -> str:
            made.append(Checkpoint(key.name, size, root))
            signature = private.sign(made[-1].text.encode())
            return str(SignedNote(made[-1].text, (NoteSignature(key.name, key.id, signature),)))

        self._file.append(before.size if before else 0, [*map(leaf_bytes, leaves)], sign)
        return made[-1]

    def checkpoint_note(self) -> str:
        """The newest signed checkpoint, as a note, with the lines of the witnesses that cosigned
        it. Raises NotFoundError where nothing was added yet, StorageError."""
        last = self._file.last_checkpoint() if self.is_begun else None
        if last is None:
            raise NotFoundError(
                "the ledger has no leaf yet", todo="A running node begins it within seconds."
            )
        return str(self._with_cosignatures(last[1]))

    def witnessed_note(self, policy: TrustPolicy, size_min: int = 1) -> str | None:
        """The newest checkpoint of so many leaves that a quorum of the policy's witnesses
        cosigned; None where there is none, or where the policy asks for no witness."""
        if policy.quorum == NO_QUORUM or not self.is_begun:
            return None
        for size in self.others.cosigned_sizes():
            if size < size_min:
                return None
            signed = self._file.checkpoint(size)
            if signed is None:  # of another past
                continue
            note = self._with_cosignatures(signed)
            seen_by = cosigners(note, policy.witnesses.values(), verify_ed25519)
            if policy.is_quorum([key for key, _ in seen_by]):
                return str(note)
        return None

    def cosign(self, size: int, cosignature: Cosignature) -> None:
        """Keep what a witness said of the checkpoint of that size; its note has the line from now
        on. Raises NotFoundError where there is no such checkpoint, or it is not of that."""
        signed = self._file.checkpoint(size)
        note = None if signed is None else parse_note(signed)
        of_it = note and replace(note, signatures=(cosignature.line,))
        if of_it is None or cosignature_of(of_it, cosignature.witness, verify_ed25519) is None:
            raise NotFoundError(f"this is no cosignature of the checkpoint of {size} leaves")
        key, line = str(cosignature.witness), str(cosignature.line)
        self.others.keep_cosignature(size, of_it.text, key, line)

    def checkpoint(self) -> Checkpoint:
        """The same without its signature. Raises as `checkpoint_note`."""
        return parse_checkpoint(parse_note(self.checkpoint_note()).text)

    def proof(self, index: int, policy: TrustPolicy | None = None) -> TlogProof:
        """That the leaf is in the tree of the newest checkpoint; with a policy, in that of the
        newest that its quorum saw, where one has the leaf. Raises NotFoundError, StorageError."""
        witnessed = None if policy is None else self.witnessed_note(policy, index + 1)
        note = parse_note(witnessed or self.checkpoint_note())
        size = parse_checkpoint(note.text).size
        if not 0 <= index < size:
            raise NotFoundError(
                f"there is no leaf {index}", todo=f"The ledger has the leaves 0 to {size - 1}."
            )
        return TlogProof(index, tuple(inclusion_proof(index, size, self._file.hash)), note)

    def growth(self, first: int, second: int) -> list[bytes]:
        """The consistency proof between two sizes. Raises NotFoundError where it never had these,
        StorageError."""
        if not 0 < first <= second <= self.checkpoint().size:
            raise NotFoundError(
                f"there is no proof from {first} to {second} leaves",
                todo=f"Ask for 1 to {self.checkpoint().size} leaves, the smaller number first.",
            )
        return consistency_proof(first, second, self._file.hash)

    def tile(self, tile: Tile) -> bytes:
        """Hashes or entries of a tile, as they are mirrored. Raises NotFoundError where the newest
        checkpoint's tree has not all of it, StorageError."""
        if not is_within(tile, self.checkpoint().size):
            raise NotFoundError(
                f"the ledger has no {tile.path} yet", todo="Its checkpoint says how large it is."
            )
        start = tile.number * TILE_WIDTH
        if tile.level is None:
            return bundle_bytes([leaf for _, leaf in self.leaves(start, tile.width)])
        height = TILE_LEVELS * tile.level
        numbers = range(start, start + tile.width)
        return b"".join(self._file.hash(height, number) for number in numbers)

    def leaves(self, start: int, limit: int) -> list[tuple[int, bytes]]:
        """Index and bytes of those from `start` on; none where it was not begun."""
        return self._file.leaves(start, limit) if self.is_begun else []

    def all_leaves(self) -> Iterator[tuple[int, bytes]]:
        return self._file.all_leaves()

    def root_at(self, size: int) -> bytes | None:
        """The root that it had at that size; None where it is smaller."""
        return self._file.root_at(size) if size <= self._file.size() else None

    def last_record(self) -> RecordLeaf | None:
        """The leaf of the record's last row that is in it."""
        written = self._file.last_record_leaf()
        leaf = None if written is None else parse_leaf(written)
        return leaf if isinstance(leaf, RecordLeaf) else None

    def leaf_of_record(self, number: int) -> tuple[int, RecordLeaf] | None:
        """Index and leaf of that row of the record; None where it is not in it yet."""
        index = self._file.index_of_record(number) if self.is_begun else None
        for _, written in () if index is None else self._file.leaves(index, 1):
            leaf = parse_leaf(written)
            if isinstance(leaf, RecordLeaf) and index is not None:
                return index, leaf
        return None

    def leaf_of_dossier(self, digest: str) -> int | None:
        """The index of the leaf that tells of it."""
        return self._file.index_of_dossier(digest) if self.is_begun else None

    def heads(self) -> dict[str, int]:
        """The number of the batch that is each agent's newest chain head."""
        return self._file.heads()

    def faults(self) -> Iterator[str]:
        """What is not as it was signed, in words."""
        try:
            self._private_key()
        except LineproofError as error:
            yield f"nothing can be added to it: {error.where}: {error.what}"
        leaves, hashes, signed = self._file.counts()
        if leaves != signed:
            yield f"{leaves} leaves are there, and the last checkpoint signs {signed}"
        if hashes != 2 * leaves - leaves.bit_count():
            yield "hashes of subtrees are missing, or there are too many"
        # What a running node adds meanwhile is not looked at.
        notes = takewhile(lambda it: it[0] <= leaves, self._file.checkpoints())
        size, note = next(notes, _NO_MORE)
        whole: dict[int, bytes] = {}  # of each level, the last subtree: all that a root is made of
        for index, (number, leaf) in enumerate(islice(self._file.all_leaves(), leaves)):
            if number != index:
                yield f"leaf {index} is missing"
                return
            yield from self._leaf_faults(index, leaf, whole)
            if size == index + 1:
                root = root_of(size, lambda level, _number: whole[level])
                yield from self._checkpoint_faults(size, note, root)
                size, note = next(notes, _NO_MORE)
        if (size, note) != _NO_MORE:
            yield f"the checkpoint of {size} leaves was changed"

    def close(self) -> None:
        self._file.close()
        self.others.close()

    def _with_cosignatures(self, signed: str) -> SignedNote:
        """The note, with what was kept of its text and is what it says: the file of it may be
        another's."""
        note = parse_note(signed)
        lines = list(note.signatures)
        for witness, line in self.others.cosignatures(note.text):
            said = answered_note(note, line)
            with contextlib.suppress(InputError):
                key = parse_verifier_key(witness)
                if said and (found := cosignature_of(said, key, verify_ed25519)):
                    lines.append(found.line)
        return replace(note, signatures=tuple(lines))

    def _leaf_faults(self, index: int, leaf: bytes, whole: dict[int, bytes]) -> Iterator[str]:
        try:
            parse_leaf(leaf)
        except LineproofError as error:
            yield f"leaf {index} was changed ({error.what})"
        made = hashes_of_leaf(index, leaf_hash(leaf), lambda level, _number: whole[level])
        for level, number, hashed in list(made):
            whole[level] = hashed
            try:
                is_kept = self._file.hash(level, number) == hashed
            except StorageError:
                is_kept = False
            if not is_kept:
                yield (
                    f"leaf {index} or its hash was changed"
                    if level == 0
                    else f"the hash of the {1 << level} leaves up to {index} was changed"
                )

    def _checkpoint_faults(self, size: int, note: str, root: bytes) -> Iterator[str]:
        try:
            parsed = parse_note(note)
            verified_keys(parsed, [self.verifier_key()], verify_ed25519)
            said = parse_checkpoint(parsed.text)
        except LineproofError as error:
            yield f"the checkpoint of {size} leaves was changed ({error.what})"
            return
        if said != Checkpoint(self.verifier_key().name, size, root):
            yield f"the first {size} leaves are not those that were signed"

    def _signed(self) -> Checkpoint | None:
        """The last checkpoint, once it is sure that the tree on disk is the one that it signs."""
        last, size = self._file.last_checkpoint(), self._file.size()
        if last is None and size == 0:
            return None
        note = last[1] if last else ""
        for fault in self._checkpoint_faults(size, note, self._file.root_at(size)):
            raise _changed(self.folder, fault)
        return parse_checkpoint(parse_note(note).text)

    def _private_key(self) -> Ed25519PrivateKey:
        key = read_ledger_key(self._key_path)
        if key.public_key().public_bytes_raw() != self.verifier_key().key:
            raise StorageError(
                "this is the key of another ledger", where=str(self._key_path), todo=LEDGER_BACKUP
            )
        return key


def _changed(folder: Path, why: str) -> StorageError:
    return StorageError(
        f"the ledger is not as it was written: {why}", where=str(folder), todo=LEDGER_BACKUP
    )
