"""What lies where in a dossier, and what its own leaf vouches for.

MANIFEST.sha256 names every other file with its SHA-256, as `sha256sum` writes it. The dossier's
leaf in the ledger has the digest of those lines of it that name evidence: all but the files of
the ledger itself, which are written after that leaf.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from urllib.parse import quote

FORMAT = "lineproof-dossier/1"
README = "README.txt"
ABOUT = "project.json"
VERDICTS = "verdicts.json"
CORRECTIONS = "corrections.json"
DECISIONS = "decisions.json"
CHECKPOINT = "ledger/checkpoint"
POLICY = "ledger/policy"
LEAVES = "ledger/leaves.jsonl"
MANIFEST = "MANIFEST.sha256"
LANGUAGES = ("en", "zh-Hant", "zh-Hans")  # of the reports

_OUTSIDE = ("ledger/", "timestamps/")
_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)\Z")


def report_path(language: str) -> str:
    return f"report.{language}.pdf"


def facts_path(line: str) -> str:
    return f"facts/{_part(line)}.csv"


def samples_path(line: str, month: str) -> str:
    """`month` as in 2026-03."""
    return f"samples/{_part(line)}/{month}.parquet"


def batches_path(agent: str, first: int) -> str:
    """Of the file whose first batch has that number."""
    return f"batches/{_part(agent)}/{first:012}.batches"


def batches_folder(agent: str) -> str:
    return f"batches/{_part(agent)}/"


def terms_path(digest: str) -> str:
    return f"terms/{digest}.json"


def plant_path(digest: str) -> str:
    return f"plants/{digest}.json"


def accepted_path(digest: str) -> str:
    """Facts of an accepted period, as they were accepted."""
    return f"facts/accepted/{digest}.arrow"


def attachment_path(sha256: str, file_name: str) -> str:
    return f"attachments/{sha256}/{file_name}"


def proof_path(leaf: int) -> str:
    return f"ledger/proofs/{leaf}.tlog-proof"


def stamp_path(authority: str) -> str:
    """Of the answer of a time stamp authority (RFC 3161)."""
    return f"timestamps/{_part(authority)}.tsr"


def manifest(digests: Mapping[str, str]) -> bytes:
    """The manifest of files by path, sorted."""
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests)).encode()


def read_manifest(data: bytes) -> dict[str, str] | None:
    """Path to digest; None where it is no manifest."""
    try:
        *lines, end = data.decode().split("\n")
    except UnicodeDecodeError:
        return None
    found = [_LINE.match(line) for line in lines]
    digests = {it[2]: it[1] for it in found if it is not None}
    return digests if not end and manifest(digests) == data else None


def evidence_digest(digests: Mapping[str, str]) -> str:
    """What the dossier's leaf holds: SHA-256 of the manifest of all but the ledger's files."""
    inside = {path: it for path, it in digests.items() if not path.startswith(_OUTSIDE)}
    inside.pop(MANIFEST, None)
    return hashlib.sha256(manifest(inside)).hexdigest()


def _part(name: str) -> str:
    """A name as one part of a path: what is no plain letter is written as in an address."""
    return quote(name, safe="") if name.strip(".") else name.replace(".", "%2E")
