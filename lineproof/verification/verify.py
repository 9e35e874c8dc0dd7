"""Checks a dossier from beginning to end; what does not hold is named.

The ledger's part comes first: where it does not hold, nothing else is worth a look. Rows of the
record that the ledger vouches for make a registry, batches that their agents signed make telemetry;
facts and verdicts follow from these as they do at a node.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.x509 import Certificate

from domain.errors import InputError
from domain.texts import one_line
from lineproof.progress import StepProgress
from lineproof.verification import ledger_part
from lineproof.verification.batches_part import BatchesRead
from lineproof.verification.dossier_file import DossierFile
from lineproof.verification.evidence import Evidence, read_about
from lineproof.verification.opened_part import OpenedDays
from lineproof.verification.outcome import DoesNotHoldError, DossierCheck, Failed, Outcome
from lineproof.verification.recomputed_part import Recomputed
from lineproof.verification.report_part import check_report
from store.node.opening import ONCE_MEMORY, StoreSettings, open_stores
from store.node.time_stamp_settings import read_certificates

_SAYS_MAX = 1_000  # characters


def verify_dossier(
    file: Path,
    policy: Path | None = None,
    seen: Sequence[Path] = (),
    progress: StepProgress | None = None,
    tsa_roots: Sequence[Path] = (),
    report_roots: Sequence[Path] = (),
    *,
    opened: OpenedDays | None = None,
) -> Outcome:
    """What holds of the dossier in that file. `policy`: whom the reader trusts (C2SP tlog-policy);
    `seen`: checkpoints, or dossiers, that the reader had earlier; `tsa_roots`: certificates (PEM)
    of time stamp authorities that the reader trusts; `report_roots`: the same of who signs reports;
    `opened`: days that the plant opened.

    Raises InputError where it is no dossier, or where a file of the reader's cannot be used.
    """
    trusted = None if policy is None else ledger_part.read_policy(policy)
    earlier = [ledger_part.read_seen(path) for path in seen]
    roots = _certificates(tsa_roots)
    signers = _certificates(report_roots)
    with DossierFile(file) as dossier:
        outcome = Outcome()
        evidence = Evidence(dossier, read_about(dossier))
        ledger: Sequence[tuple[DossierCheck, Callable[[], str]]] = (
            (DossierCheck.MANIFEST, lambda: ledger_part.check_manifest(evidence)),
            (
                DossierCheck.CHECKPOINT_SIGNATURE,
                lambda: ledger_part.check_checkpoint(evidence, trusted),
            ),
            (DossierCheck.WITNESSES, lambda: ledger_part.check_witnesses(evidence)),
            (DossierCheck.TIMESTAMPS, lambda: ledger_part.check_timestamps(evidence, roots)),
            (DossierCheck.INCLUSION, lambda: ledger_part.check_inclusion(evidence)),
            (DossierCheck.CONSISTENCY, lambda: ledger_part.check_consistency(evidence, earlier)),
        )
        for check, made in ledger:
            _make(outcome, check, made)
            if not outcome.verified:
                return outcome
        with TemporaryDirectory(prefix="lineproof-verify-") as folder:
            _check_the_rest(outcome, evidence, Path(folder), progress, signers, opened)
    return outcome


def _certificates(files: Sequence[Path]) -> list[Certificate]:
    return [it for path in files for it in read_certificates(path)]


def _check_the_rest(
    outcome: Outcome,
    evidence: Evidence,
    folder: Path,
    progress: StepProgress | None,
    signers: Sequence[Certificate],
    opened: OpenedDays | None,
) -> None:
    settings = StoreSettings(kind="duckdb")
    with open_stores(folder / "stores", settings, memory_limit=ONCE_MEMORY) as stores:
        recomputed = Recomputed(evidence, stores, progress)
        _make(outcome, DossierCheck.TERMS_BEFORE_WINDOW, lambda: _restored(recomputed))
        if not stores.registry.projects.all():
            return
        if not outcome.verified:
            opened = None  # the dossier itself does not hold
        if opened is not None:
            opened.check(evidence)
        batches = BatchesRead(evidence, stores, progress, opened)
        batches.read()
        _make(outcome, DossierCheck.BATCH_SIGNATURES, lambda: _held(batches.signatures))
        _make(outcome, DossierCheck.BATCH_CHAINS, lambda: _held(batches.chains))
        if batches.signatures is None and batches.chains is None:
            _make(outcome, DossierCheck.FACTS_FROM_BATCHES, lambda: _facts_held(recomputed, opened))
        _make(outcome, DossierCheck.CORRECTIONS, recomputed.check_corrections)
        _make(outcome, DossierCheck.DECISIONS, recomputed.check_decisions)
        _make(outcome, DossierCheck.VERDICTS_FROM_FACTS, recomputed.check_verdicts)
        _make(outcome, DossierCheck.ATTACHMENTS, recomputed.check_attachments)
        _make(outcome, DossierCheck.REPORT, lambda: _report_held(evidence, recomputed, signers))
        if outcome.verified:
            outcome.milestones, outcome.of_days = recomputed.milestones, recomputed.days
            outcome.days = recomputed.days if recomputed.has_all else recomputed.opened_days


def _make(outcome: Outcome, check: DossierCheck, made: Callable[[], str]) -> None:
    """The first that does not hold is the one that is named; those behind it are made as well."""
    try:
        says = made()
    except DoesNotHoldError as failed:
        outcome.failures.append(Failed(check, failed.path, _short(failed.says)))
    except InputError as error:
        outcome.failures.append(Failed(check, error.where, _short(error.what)))
    else:
        outcome.held[check] = says


def _short(says: str) -> str:
    """On one line, as long as a sentence may be: it may quote what a stranger wrote."""
    line = one_line(says)
    return line if len(line) <= _SAYS_MAX else f"{line[:_SAYS_MAX]}…"


def _restored(recomputed: Recomputed) -> str:
    recomputed.restore()
    return recomputed.check_terms()


def _facts_held(recomputed: Recomputed, opened: OpenedDays | None) -> str:
    return recomputed.check_facts() if opened is None else recomputed.check_opened(opened)


def _report_held(evidence: Evidence, recomputed: Recomputed, signers: Sequence[Certificate]) -> str:
    tells_more = recomputed.report_tells_more
    return check_report(evidence, recomputed.report(), signers, tells_more=tells_more)


def _held(failed: DoesNotHoldError | None) -> str:
    if failed is not None:
        raise failed
    return ""
