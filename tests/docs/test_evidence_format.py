"""The examples of docs/evidence-format.md are what the program hashes, signs and writes."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64decode
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from itertools import accumulate

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from peers import ROOT

from analytics.milestones.evidence import facts_digest
from domain.frames import FACTS, STATE_COLUMNS
from domain.ledger.checkpoints import Checkpoint
from domain.ledger.cosignatures import cosigned_text
from domain.ledger.drawing import draw_seed, drawn_days
from domain.ledger.leaves import DossierLeaf, RecordLeaf, leaf_bytes, parse_leaf
from domain.ledger.policies import TrustPolicy, parse_policy
from domain.ledger.signed_notes import ED25519, NoteSignature, SignedNote, VerifierKey
from domain.ledger.tlog_proofs import TlogProof, parse_proof, verified_checkpoint
from domain.ledger.tree import leaf_hash, node_hash
from lineproof.dossier import batch_files, paths
from lineproof.dossier.facts_csv import facts_csv, read_facts_csv
from lineproof.verification.outcome import DossierCheck
from store.archive.segment_format import (
    LINE_BYTES,
    SEGMENT_HEAD_BYTES,
    RecordHead,
    SegmentHead,
)
from store.ledger.keys import verify_ed25519

PAGE = (ROOT / "docs" / "evidence-format.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"<!-- example: (.+?) -->\n```\w+\n(.*?)```", PAGE, re.DOTALL))
LEAVES = [EXAMPLES[name].rstrip("\n").encode() for name in ("record", "chain_head")]
DOSSIER_LEAF = EXAMPLES["dossier"].rstrip("\n").encode()
FACTS_CSV = EXAMPLES["facts"].encode()
OF_DOSSIERS = {"manifest", "dossier", "leaves.jsonl", "row", "batch head", "facts", "facts digest"}
# RFC 8032, section 7.1, test 1.
PRIVATE = Ed25519PrivateKey.from_private_bytes(
    bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
)
KEY = VerifierKey("lineproof/tko-foods/21fe31df", ED25519, PRIVATE.public_key().public_bytes_raw())


def in_fields(head: bytes) -> str:
    """A line for each field of a record's head, in hex."""
    ends = list(accumulate((8, 8, 8, 32, 32, 8, 8, 16)))
    return "".join(
        f"{head[start:end].hex()}\n" for start, end in zip([0, *ends], ends, strict=False)
    )


def expected() -> dict[str, str]:
    hashes = [leaf_hash(it) for it in LEAVES]
    root = node_hash(*hashes)
    text = Checkpoint(KEY.name, 2, root).text
    note = SignedNote(text, (NoteSignature(KEY.name, KEY.id, PRIVATE.sign(text.encode())),))
    segment = SegmentHead("hall-2", date(2026, 3, 2), bytes(range(16)))
    received = datetime(2026, 3, 2, 0, 0, 7, tzinfo=UTC)
    record = RecordHead(
        sequence=7,
        length=300,
        digest=hashlib.sha256(b"header").hexdigest(),
        content=hashlib.sha256(bytes(300)).hexdigest(),
        received=received,
        latest=received + timedelta(days=1),
    )
    seed = draw_seed(json.loads(DOSSIER_LEAF)["digest"], "seven green bottles", text)
    days = [date(2026, 3, 2) + timedelta(days=it) for it in range(10)]
    return {
        "segment line": segment.to_bytes()[:LINE_BYTES].rstrip(b" \n").decode() + "\n",
        "record head": in_fields(record.to_bytes(segment.salt, SEGMENT_HEAD_BYTES)),
        "leaf hashes": "".join(f"{it.hex()}\n" for it in hashes),
        "root": f"{root.hex()}\n",
        "verifier key": f"{KEY}\n",
        "checkpoint": str(note),
        "proof": str(TlogProof(0, (hashes[1],), note)),
        "cosigned text": cosigned_text(1772416800, text),
        "policy": str(TrustPolicy((KEY,))),
        "seed": f"{seed.hex()}\n",
        "drawn days": "".join(f"{it}\n" for it in drawn_days(seed, "press-1", days, 4)),
    }


@pytest.mark.parametrize("name", expected())
def test_an_example_is_what_the_program_makes(name: str) -> None:
    assert EXAMPLES[name] == expected()[name]


def test_every_example_is_held() -> None:
    assert set(EXAMPLES) == {"record", "chain_head", *expected(), *OF_DOSSIERS}


@pytest.mark.parametrize("leaf", [*LEAVES, DOSSIER_LEAF])
def test_the_leaves_are_leaves(leaf: bytes) -> None:
    assert leaf_bytes(parse_leaf(leaf)) == leaf


def test_a_reader_who_has_the_page_can_check_the_proof() -> None:
    known = parse_policy(EXAMPLES["policy"]).logs
    checkpoint = verified_checkpoint(
        parse_proof(EXAMPLES["proof"]), LEAVES[0], known, verify_ed25519
    )
    assert checkpoint.root.hex() == EXAMPLES["root"].strip()


def test_the_dossiers_leaf_has_the_digest_of_the_manifests_evidence() -> None:
    digests = paths.read_manifest(EXAMPLES["manifest"].encode())
    assert digests is not None
    leaf = parse_leaf(DOSSIER_LEAF)
    assert isinstance(leaf, DossierLeaf)
    assert leaf.digest == paths.evidence_digest(digests)
    first, _, last = EXAMPLES["manifest"].splitlines(keepends=True)
    assert leaf.digest == hashlib.sha256(f"{first}{last}".encode()).hexdigest()


def test_a_row_has_the_content_that_its_leaf_tells() -> None:
    hidden, opened, last = map(json.loads, EXAMPLES["leaves.jsonl"].splitlines())
    assert [it["index"] for it in (hidden, opened, last)] == [0, 1, 2]
    assert len(b64decode(hidden["hash"])) == len(leaf_hash(b""))
    assert opened["row"] == EXAMPLES["row"].rstrip("\n")
    leaf = parse_leaf(opened["leaf"].encode())
    assert isinstance(leaf, RecordLeaf)
    assert leaf.content == hashlib.sha256(opened["row"].encode()).hexdigest()
    assert last["leaf"].encode() == DOSSIER_LEAF


def test_a_batch_has_the_head_that_the_page_shows() -> None:
    received = datetime(2026, 3, 2, 0, 0, 7, tzinfo=UTC)
    batch = batch_files.ArrivedBatch(bytes(300), received, received + timedelta(days=1))
    head, _ = batch_files.written([batch])
    assert head.hex() == EXAMPLES["batch head"].replace(" ", "").strip()


def test_the_facts_are_written_and_digested_as_the_page_says() -> None:
    facts = read_facts_csv(FACTS_CSV, "the page")
    assert facts_csv(facts) == FACTS_CSV
    assert facts_digest(facts) == EXAMPLES["facts digest"].strip()


def test_every_column_of_the_facts_is_told() -> None:
    table = PAGE.partition("| columns | mean |")[2].partition("\n\n")[0]
    cells = [line.split(" | ")[0] for line in table.splitlines()]
    told = [it.replace("…", "*") for cell in cells for it in re.findall(r"`([^`]+)`", cell)]
    left = [it for it in FACTS.names() if it not in STATE_COLUMNS]
    assert [it for it in left if not any(fnmatchcase(it, form) for form in told)] == []
    assert [STATE_COLUMNS[0], STATE_COLUMNS[-1]] == [it for it in told if it in STATE_COLUMNS]


def test_every_check_is_told_in_order() -> None:
    table = PAGE.partition("| check | holds where |")[2]
    cells = [line.split(" | ")[0] for line in table.splitlines()]
    told = [it for cell in cells for it in re.findall(r"`(\w+)`", cell)]
    assert told == [it.value for it in DossierCheck]
