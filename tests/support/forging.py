"""A dossier in a forger's hands: taken apart, changed, put together again.

Who has the zip alone can mend its manifest. Who owns the node can also let its ledger vouch for
what was changed (`sealed_anew`): then only what follows from other evidence gives them away.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson

from domain.batches import parse_batch
from lineproof.clock import utc_now
from lineproof.dossier import paths
from lineproof.dossier.batch_files import ArrivedBatch, read_batches, written
from lineproof.dossier.making import make_dossier
from lineproof.dossier.zip_file import DossierZip
from lineproof.progress import StepProgress
from lineproof.verification.outcome import Failed
from lineproof.verification.verify import verify_dossier
from store.node.ledger_keeper import LedgerKeeper
from store.node.opening import open_stores

Files = dict[str, bytes]
AS_OF = datetime(2026, 3, 25, tzinfo=UTC)  # so that few days are to be computed


def project_of(node: Path) -> str:
    with open_stores(node) as stores:
        return stores.registry.projects.all()[0].reference


def made(
    node: Path,
    out: Path,
    languages: Sequence[str] = (),
    progress: StepProgress | None = None,
    as_of: datetime = AS_OF,
) -> Path:
    """The dossier of the node's first project; `languages`: of its reports."""
    with open_stores(node) as stores:
        ref = stores.registry.projects.all()[0].reference
        make_dossier(stores, ref, out, as_of, utc_now, progress, languages)
    return out


def files_of(dossier: Path) -> Files:
    with zipfile.ZipFile(dossier) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def put_together(files: Files, out: Path, *, mended: bool = True) -> Path:
    """A zip of these files; `mended`: with a manifest that names them."""
    with DossierZip(out) as dossier:
        for name, data in files.items():
            if name != paths.MANIFEST:
                dossier.add(name, data)
        manifest = paths.manifest(dossier.digests) if mended else files[paths.MANIFEST]
        dossier.add(paths.MANIFEST, manifest)
    return out


def sealed_anew(node: Path, files: Files, out: Path) -> Path:
    """The same where the node's ledger vouches for the files."""
    kept = {name: data for name, data in files.items() if not name.startswith("ledger/proofs/")}
    put_together(kept, out)
    digests = paths.read_manifest(files_of(out)[paths.MANIFEST])
    assert digests is not None
    rows = orjson.loads(files[paths.ABOUT])["record"]
    with open_stores(node) as stores:
        keeper = LedgerKeeper(stores.ledger, stores.registry, stores.telemetry, utc_now)
        keeper.tell_dossier(paths.evidence_digest(digests), rows)
        known = len(files[paths.LEAVES].splitlines())
        more = b"".join(
            orjson.dumps({"index": index, "leaf": leaf.decode()}) + b"\n"
            for index, leaf in stores.ledger.leaves(known, 1000)
        )
        kept[paths.LEAVES] = files[paths.LEAVES] + more
        kept[paths.CHECKPOINT] = stores.ledger.checkpoint_note().encode()
    return put_together(kept, out)


def batches_in(files: Files, path: str) -> list[ArrivedBatch]:
    return list(read_batches(BytesIO(files[path]), path))


def with_batches(files: Files, path: str, batches: Sequence[ArrivedBatch]) -> Files:
    return {**files, path: b"".join(written(batches))}


def payload_start(batch: ArrivedBatch) -> int:
    return len(batch.data) - len(parse_batch(batch.data).payload)


def caught(dossier: Path, **options: Any) -> Failed:
    failed = verify_dossier(dossier, **options).failed
    assert failed is not None, "nobody saw it"
    return failed


def edited(files: Files, path: str, old: str, new: str) -> Files:
    text = files[path].decode()
    assert old in text
    return {**files, path: text.replace(old, new, 1).encode()}
