"""What a forger may do to a dossier, and which check has to see it: for every verifier the same."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from forged_dossier import Arrived, Forgery

from domain.ledger.policies import TrustPolicy, parse_policy
from domain.ledger.signed_notes import COSIGNATURE, ED25519, VerifierKey
from lineproof.dossier import paths


@dataclass(frozen=True)
class Case:
    """`check`: the first that does not hold; `path`: how the path begins that is named."""

    name: str
    forge: Callable[[Forgery], None]
    check: str
    path: str


def _flipped(folder: str, check: str, path: str) -> Case:
    def forge(it: Forgery) -> None:
        it.flip(it.only(folder))
        it.manifest_mended()

    return Case(f"a byte of {folder}", forge, check, path)


def _unmended(it: Forgery) -> None:
    it.flip(it.only("facts/"))


def _left_out_file(it: Forgery) -> None:
    del it.files[it.only("samples/")]


def _another_file(it: Forgery) -> None:
    it.files["samples/press-1/2031-01.parquet"] = b"x"


def _batches(change: Callable[[list[Arrived]], list[Arrived]]) -> Callable[[Forgery], None]:
    def forge(it: Forgery) -> None:
        path = it.only("batches/import/")
        batches = it.batches(path)
        assert len(batches) > 1
        it.put_batches(path, change(batches))
        it.sealed_again()

    return forge


def _batch_byte(place: Callable[[bytes], int]) -> Callable[[Forgery], None]:
    def forge(it: Forgery) -> None:
        path = it.only("batches/agent-1/")
        (received, latest, data), *rest = it.batches(path)
        changed = bytearray(data)
        changed[place(data)] ^= 1
        it.put_batches(path, [(received, latest, bytes(changed)), *rest])
        it.sealed_again()

    return forge


def _in_header(data: bytes) -> int:
    return data.index(b'"sealed_at":') + len(b'"sealed_at":')


def _cut_off(it: Forgery) -> None:
    path = it.only("batches/import/")
    it.files[path] = it.files[path][:-1]
    it.sealed_again()


def _leaf_changed(it: Forgery) -> None:
    lines = it.lines
    lines[0]["leaf"] = str(lines[0]["leaf"]).replace('"number":', '"number":1', 1)
    it.put_lines(lines)
    it.manifest_mended()


def _row_changed(it: Forgery) -> None:
    it.replace(paths.LEAVES, r"\"attached_by\":\"Chan\"", r"\"attached_by\":\"Chen\"")
    it.sealed_again()


def _row_left_out(it: Forgery) -> None:
    lines = [line for line in it.lines if "corrections" not in str(line["leaf"])]
    it.put_lines([{**line, "index": index} for index, line in enumerate(lines)])
    it.sealed_again()


def _other_key(it: Forgery) -> None:
    it.signed_again(Ed25519PrivateKey.generate())
    it.manifest_mended()


def _other_text(it: Forgery) -> None:
    """The signature stays, the root is another."""
    lines = it.files[paths.CHECKPOINT].decode().split("\n")
    lines[2] = base64.b64encode(bytes(32)).decode()
    it.files[paths.CHECKPOINT] = "\n".join(lines).encode()
    it.manifest_mended()


def _policy_of_another(it: Forgery) -> None:
    other = VerifierKey(
        "lineproof/another/00000000", ED25519, it.key.public_key().public_bytes_raw()
    )
    it.files[paths.POLICY] = str(TrustPolicy((other,))).encode()
    it.manifest_mended()


def _asks_for_witness(it: Forgery) -> None:
    """A quorum that nobody reached."""
    policy = parse_policy(it.files[paths.POLICY].decode())
    witness = VerifierKey("witness.example", COSIGNATURE, bytes(range(32)))
    asking = TrustPolicy(policy.logs, {"w": witness}, {}, "w")
    it.files[paths.POLICY] = str(asking).encode()
    it.manifest_mended()


def _proof_of_another(it: Forgery) -> None:
    proofs = [path for path in sorted(it.files) if path.startswith("ledger/proofs/")]
    it.replace(proofs[0], "index ", "index 1")
    it.manifest_mended()


def _terms_changed(it: Forgery) -> None:
    path = it.only("terms/")
    it.files[path] = it.files[path].replace(b"kind", b"kinD", 1)
    it.sealed_again()


def _attachment_changed(it: Forgery) -> None:
    it.flip(it.only("attachments/"))
    it.sealed_again()


def _attachment_gone(it: Forgery) -> None:
    del it.files[it.only("attachments/")]
    it.sealed_again()


def _attachment_more(it: Forgery) -> None:
    it.files[f"attachments/{'0' * 64}/c.pdf"] = b"%PDF"
    it.sealed_again()


def _stamp(it: Forgery) -> None:
    it.files["timestamps/checkpoint.tsr"] = b"0"
    it.manifest_mended()


CASES = (
    Case("a file changed", _unmended, "manifest", "facts/"),
    Case("a file left out", _left_out_file, "manifest", "samples/"),
    Case("a file more", _another_file, "manifest", "samples/press-1/2031-01.parquet"),
    *(
        _flipped(folder, "inclusion", "MANIFEST.sha256")
        for folder in (
            "README.txt",
            "verdicts.json",
            "corrections.json",
            "decisions.json",
            "terms/",
            "plants/",
            "facts/press-1",
            "facts/accepted/",
            "samples/",
            "batches/",
            "attachments/",
        )
    ),
    Case("a checkpoint of another key", _other_key, "checkpoint_signature", "ledger/checkpoint"),
    Case("another root", _other_text, "checkpoint_signature", "ledger/checkpoint"),
    Case("a policy of another ledger", _policy_of_another, "checkpoint_signature", "ledger/"),
    Case("a witness that did not see it", _asks_for_witness, "witnesses", "ledger/checkpoint"),
    Case("a time stamp that is none", _stamp, "timestamps", "timestamps/checkpoint.tsr"),
    Case("a leaf changed", _leaf_changed, "inclusion", "ledger/leaves.jsonl"),
    Case("a row changed", _row_changed, "inclusion", "ledger/leaves.jsonl"),
    Case("a row left out", _row_left_out, "inclusion", "ledger/leaves.jsonl"),
    Case("a proof of another leaf", _proof_of_another, "inclusion", "ledger/proofs/"),
    Case("terms changed", _terms_changed, "terms_before_window", "terms/"),
    Case("a batch's samples changed", _batch_byte(lambda _: -1), "batch_signatures", "batches/"),
    Case("a batch's header changed", _batch_byte(_in_header), "batch_signatures", "batches/"),
    Case("batches cut off", _cut_off, "batch_signatures", "batches/import/"),
    Case("the first batch left out", _batches(lambda it: it[1:]), "batch_chains", "batches/"),
    Case("the last batch left out", _batches(lambda it: it[:-1]), "batch_chains", "batches/"),
    Case("a batch repeated", _batches(lambda it: [it[0], *it]), "batch_chains", "batches/"),
    Case("batches in disorder", _batches(lambda it: it[::-1]), "batch_chains", "batches/"),
    Case("a document changed", _attachment_changed, "attachments", "attachments/"),
    Case("a document gone", _attachment_gone, "attachments", "attachments/"),
    Case("a document more", _attachment_more, "attachments", f"attachments/{'0' * 64}/c.pdf"),
)
