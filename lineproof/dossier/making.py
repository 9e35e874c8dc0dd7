"""Makes a project's dossier from the stores of a node.

Of one that runs, nothing may change meanwhile: its intake is held, and nobody else adds to its
ledger. First the ledger gets a leaf for all that is there; then the evidence is written, with the
reports signed where a certificate is configured; then the ledger gets a leaf with the digest of the
evidence, the witnesses are asked to cosign it, and what proves it is written behind. The same
stores and the same `as_of` give the same bytes: a report that was signed and evidence that has its
leaf already get no second one, and a witness that cosigned it is not asked again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from api.queries.lines import Queries
from api.queries.verdicts import verdicts
from collector.replay.index import ReplayIndex
from domain.errors import BusyError, InputError
from lineproof.dossier import documents, paths
from lineproof.dossier.content import content_of
from lineproof.dossier.evidence_files import write_evidence, write_reports
from lineproof.dossier.ledger_files import write_ledger
from lineproof.dossier.telemetry_files import write_batches, write_samples
from lineproof.dossier.zip_file import DossierZip
from lineproof.progress import StepProgress
from lineproof.witnesses.keeper import WitnessKeeper
from lineproof.witnesses.outsiders import outsiders_of
from store.archive.blobs import storage_errors, sync_folder
from store.node.ledger_keeper import LedgerKeeper
from store.node.opening import Stores
from store.node.report_signing_settings import read_report_signing


@dataclass(frozen=True, slots=True)
class DossierMade:
    """`leaf`: the dossier's own in the ledger, which has `evidence`, the digest of its evidence;
    `missing`: why a report or what a witness would say is not in it, in sentences."""

    path: Path
    bytes: int
    files: int
    leaf: int
    evidence: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunningNode:
    """The parts of a node that go on meanwhile: its `keeper` of the ledger, and `held`, within
    whose block its intake stores nothing."""

    keeper: LedgerKeeper
    held: Callable[[], AbstractContextManager[None]]


def make_dossier(
    stores: Stores,
    ref: str,
    out: Path,
    as_of: datetime,
    now: Callable[[], datetime],
    progress: StepProgress | None = None,
    languages: Sequence[str] = paths.LANGUAGES,
    running: RunningNode | None = None,
    *,
    confidential: bool = False,
) -> DossierMade:
    """Write the project's dossier to `out`, in its place at once or not at all. `now`: the clock
    of the ledger's leaves; `languages`: of the reports; `running`: the node that runs on the
    stores; None where none does. `confidential`: raw samples stay at the plant, also where its file
    does not say so.

    Raises NotFoundError for an unknown project, InputError (also where reports are to be signed and
    cannot be), StorageError; BusyError where somebody recorded something meanwhile.
    """
    if out.is_dir():
        raise InputError("this is a folder", where=str(out), todo="Name the file to be written.")
    if running is None:
        keeper = LedgerKeeper(stores.ledger, stores.registry, stores.telemetry, now)
        running = RunningNode(keeper, contextlib.nullcontext)
    folder = stores.folder
    signing = read_report_signing(folder.report_signing, folder.timestamps, now())
    aside = out.with_name(f".{out.name}.tmp")
    scratch = out.with_name(f".{out.name}.scratch")
    with storage_errors(out), running.keeper.alone():
        shutil.rmtree(scratch, ignore_errors=True)  # of one that was killed
        scratch.mkdir()
        try:
            with DossierZip(aside) as dossier:
                with running.held():
                    running.keeper.refresh(with_heads=True)
                    version = stores.registry.version
                    queries = Queries(
                        stores.telemetry, stores.registry, lambda: as_of, stores.archive
                    )
                    found = verdicts(queries, ref, as_of)
                    withheld = documents.withheld_of(found.plant, keeps_samples=confidential)
                    with ReplayIndex(scratch / "index.sqlite", stores.archive) as index:
                        content = content_of(stores, queries, found, index, withheld)
                        reports = write_evidence(content, dossier, languages, signing)
                        write_samples(content, dossier, scratch, progress)
                        write_batches(content, dossier, index, progress)
                    if stores.registry.version != version:
                        raise BusyError("somebody recorded something meanwhile", todo="Try again.")
                kept = folder.report_signatures
                missing = write_reports(reports, dossier, signing, now(), kept)
                evidence = paths.evidence_digest(dossier.digests)
                leaf = running.keeper.tell_dossier(evidence, content.count)
                missing = (*missing, *_witnessed(stores, now))
                write_ledger(content, dossier, leaf)
                dossier.add(paths.MANIFEST, paths.manifest(dossier.digests))
            _put(aside, out)
        finally:
            aside.unlink(missing_ok=True)
            shutil.rmtree(scratch, ignore_errors=True)
    return DossierMade(out, out.stat().st_size, len(dossier.digests), leaf, evidence, missing)


def _witnessed(stores: Stores, now: Callable[[], datetime]) -> Iterator[str]:
    """Those outside are shown the newest checkpoint; why one of them said nothing of it."""
    witnesses, authorities, troubles = outsiders_of(stores.folder, stores.ledger)
    for error in troubles:
        yield f"Nobody was asked of those outside: {error}"
    keeper = WitnessKeeper(stores.ledger, stores.folder, now)
    for it in keeper.ask_now([*witnesses, *authorities]):
        if not it.is_done:
            yield f"No answer of {it.outsider.title}: {it.standing.says}."


def _put(aside: Path, out: Path) -> None:
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    aside.replace(out)
    sync_folder(out.parent)
