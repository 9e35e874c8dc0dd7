"""A dossier in the hands of a forger: its files can be changed, and what vouches for them mended as
far as the forger can. `manifest_mended` is all that somebody without keys can do; `sealed_again` is
what the owner of the ledger's key can."""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from whole_folder import make

from domain.document_acts import ActOnDocument, DocumentAct
from domain.ledger.checkpoints import Checkpoint
from domain.ledger.leaves import DossierLeaf, leaf_bytes, parse_leaf
from domain.ledger.signed_notes import ED25519, NoteSignature, SignedNote, VerifierKey
from domain.ledger.tree import leaf_hash
from lineproof.clock import utc_now
from lineproof.dossier import paths
from lineproof.dossier.making import make_dossier
from lineproof.verification.ledger_part import root_of
from store.ledger.keys import read_ledger_key
from store.node.opening import open_stores
from store.registry.registry import Registry

PROJECT = "NIFS-2026-001"
AS_OF = datetime(2026, 4, 2, tzinfo=UTC)  # behind the first due day; few days are to be computed
_HEAD = struct.Struct(">QQQ")
Arrived = tuple[int, int, bytes]  # received, latest, the batch


@dataclass
class Forgery:
    """`files`: of the dossier, by path, to be changed in place; `key`: the ledger's."""

    files: dict[str, bytes]
    key: Ed25519PrivateKey

    def only(self, folder: str) -> str:
        """The first path that begins so."""
        return next(it for it in sorted(self.files) if it.startswith(folder))

    def flip(self, path: str, at: int = -1) -> None:
        """Change one byte of a file."""
        data = bytearray(self.files[path])
        data[at] ^= 1
        self.files[path] = bytes(data)

    def replace(self, path: str, old: str, new: str) -> None:
        text = self.files[path].decode()
        assert old in text, f"{path} does not hold {old}"
        self.files[path] = text.replace(old, new, 1).encode()

    def batches(self, path: str) -> list[Arrived]:
        data, found = self.files[path], []
        while data:
            length, received, latest = _HEAD.unpack_from(data)
            end = _HEAD.size + length
            found.append((received, latest, data[_HEAD.size : end]))
            data = data[end:]
        return found

    def put_batches(self, path: str, batches: Sequence[Arrived]) -> None:
        self.files[path] = b"".join(
            _HEAD.pack(len(data), *times) + data for *times, data in batches
        )

    @property
    def lines(self) -> list[dict[str, object]]:
        """Those of leaves.jsonl."""
        return [json.loads(it) for it in self.files[paths.LEAVES].splitlines()]

    def put_lines(self, lines: Sequence[dict[str, object]]) -> None:
        text = "".join(
            json.dumps(it, separators=(",", ":"), ensure_ascii=False) + "\n" for it in lines
        )
        self.files[paths.LEAVES] = text.encode()

    def manifest_mended(self) -> None:
        self.files[paths.MANIFEST] = paths.manifest(self._digests())

    def signed_again(self, key: Ed25519PrivateKey | None = None) -> None:
        """A checkpoint of the leaves as they are, by the ledger's key or another under its name."""
        *_, line = self.files[paths.POLICY].decode().partition("log ")
        origin = line.partition("+")[0]
        key = key or self.key
        shown = VerifierKey(origin, ED25519, key.public_key().public_bytes_raw())
        hashes = [leaf_hash(str(it["leaf"]).encode()) for it in self.lines]
        text = Checkpoint(origin, len(hashes), root_of(hashes)).text
        note = SignedNote(text, (NoteSignature(origin, shown.id, key.sign(text.encode())),))
        self.files[paths.CHECKPOINT] = str(note).encode()

    def sealed_again(self) -> None:
        """The dossier's leaf and checkpoint fit the files again; proofs are left out."""
        for path in [it for it in self.files if it.startswith("ledger/proofs/")]:
            del self.files[path]
        lines = self.lines
        for line in lines:
            leaf = parse_leaf(str(line["leaf"]).encode())
            if isinstance(leaf, DossierLeaf):
                digest = paths.evidence_digest(self._digests())
                line["leaf"] = leaf_bytes(DossierLeaf(leaf.at, leaf.number, digest)).decode()
        self.put_lines(lines)
        self.signed_again()
        self.manifest_mended()

    def write(self, path: Path) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
            for name, data in self.files.items():
                made.writestr(name, data)
        return path

    def _digests(self) -> dict[str, str]:
        return {
            path: hashlib.sha256(data).hexdigest()
            for path, data in self.files.items()
            if path != paths.MANIFEST
        }


@dataclass(frozen=True)
class Kept:
    """A dossier as it was made, and the data folder that it was made of."""

    path: Path
    data: Path

    def forged(self) -> Forgery:
        with zipfile.ZipFile(self.path) as given:
            files = {name: given.read(name) for name in given.namelist()}
        return Forgery(files, read_ledger_key(self.data / "ledger" / "key.pem"))


def made(folder: Path, *, without_documents: bool = False) -> Kept:
    """The dossier of a whole folder (see whole_folder); `without_documents`: their bytes were
    removed behind the days for which they had to be kept."""
    data, path = make(folder / "node"), folder / "dossier.zip"
    with open_stores(data) as stores:
        if without_documents:
            _remove_documents(stores.registry)
        make_dossier(stores, PROJECT, path, AS_OF, utc_now)
    return Kept(path, data)


def _remove_documents(registry: Registry) -> None:
    for it in registry.attachments.of_project(PROJECT):
        if it.hold is not None:
            released = DocumentAct.RELEASE
            act = ActOnDocument(it.project, it.sha256, released, "Ho", utc_now(), "it is closed")
            registry.retain.put(act)
    late = utc_now() + timedelta(days=366 * 12)
    assert registry.retain.remove_expired(late, author="Ho", agree=lambda _due: True)
