"""Opens the days of a challenge: the plant hands over just their sealed batches, and nothing else.

Before, it is made sure that the challenge is to a dossier that this node made, and that its days
are drawn from a checkpoint of this ledger: nobody can ask for days of their choice.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from api.queries.lines import Queries
from api.queries.verdicts import verdicts
from collector.intake.payload import decode
from collector.intake.row_rules import AHEAD_MAX
from collector.replay.index import Entry, ReplayIndex
from domain.batches import parse_batch
from domain.corrections import Correction
from domain.errors import CheckFailedError, InputError, LineproofError
from domain.ledger.base64_lines import to_base64
from domain.ledger.checkpoints import Checkpoint, parse_checkpoint
from domain.ledger.signed_notes import verified_keys
from domain.ledger.tree import leaf_hash
from domain.plant import Confidential, Plant
from lineproof.dossier import documents, paths
from lineproof.dossier.batch_files import ArrivedBatch, in_files
from lineproof.dossier.content import TOLD_BY_PEOPLE
from lineproof.dossier.zip_file import DossierZip
from lineproof.openings import opened_paths
from lineproof.openings.challenge_file import Challenge
from lineproof.openings.day_facts import line_days, production_days
from lineproof.openings.needed_batches import ArchivedBatches, BatchName, needed_batches
from lineproof.progress import StepProgress
from store.archive.blobs import storage_errors
from store.ledger.keys import verify_ed25519
from store.node.opening import Stores, StoreSettings, open_stores


@dataclass(frozen=True, slots=True)
class OpeningMade:
    """`days`: of all lines together; `batches`: how many are handed over, of how many there are."""

    path: Path
    bytes: int
    days: int
    batches: int
    of_batches: int


def make_opening(
    stores: Stores,
    ref: str,
    challenge: Challenge,
    out: Path,
    progress: StepProgress | None = None,
) -> OpeningMade:
    """Write the batches of the challenge's days to `out`, in its place at once or not at all.

    Raises CheckFailedError where the challenge does not hold, NotFoundError for an unknown project,
    InputError, StorageError.
    """
    if out.is_dir():
        raise InputError("this is a folder", where=str(out), todo="Name the file to be written.")
    leaves = _checked_leaves(stores, ref, challenge)
    _check_days(stores, challenge)
    aside, scratch = out.with_name(f".{out.name}.tmp"), out.with_name(f".{out.name}.scratch")
    with storage_errors(out):
        shutil.rmtree(scratch, ignore_errors=True)  # of one that was killed
        scratch.mkdir()
        try:
            with ReplayIndex(scratch / "index.sqlite", stores.archive) as index:
                archived = _archived(stores, index, challenge, progress)
            needed = _needed(stores, challenge, archived, scratch)
            _check_reasons(_plant(stores, challenge), archived, needed)
            with DossierZip(aside) as made:
                _write(made, challenge, leaves, archived, needed)
            aside.replace(out)
        finally:
            aside.unlink(missing_ok=True)
            shutil.rmtree(scratch, ignore_errors=True)
    size = out.stat().st_size
    return OpeningMade(out, size, challenge.count, len(needed), len(archived.names))


def _checked_leaves(stores: Stores, ref: str, challenge: Challenge) -> list[str]:
    """Hashes of the leaves between the two checkpoints."""
    of, ledger = challenge.dossier, stores.ledger
    project = stores.registry.projects.by_reference(ref)
    if of.project != project.reference:
        raise _refused(f"it is to a dossier of project {of.project}")
    place = ledger.leaf_of_dossier(of.evidence) if ledger.is_begun else None
    if place is None or place >= of.leaves:
        raise _refused("this node made no such dossier")
    checkpoint = _own_checkpoint(stores, challenge)
    if checkpoint.size <= of.leaves:
        raise _refused("its checkpoint is not later than the dossier's")
    between = ledger.leaves(of.leaves, checkpoint.size - of.leaves)
    return [to_base64(leaf_hash(leaf)) for _, leaf in between]


def _own_checkpoint(stores: Stores, challenge: Challenge) -> Checkpoint:
    ledger = stores.ledger
    try:
        checkpoint = parse_checkpoint(challenge.note.text)
        verified_keys(challenge.note, [ledger.verifier_key()], verify_ed25519)
    except LineproofError as error:
        raise _refused(f"its checkpoint is none of this ledger ({error.what})") from None
    if ledger.root_at(checkpoint.size) != checkpoint.root:
        raise _refused("its checkpoint is not how this ledger was")
    return checkpoint


def _check_days(stores: Stores, challenge: Challenge) -> None:
    """The days are drawn from all that can be, and as everybody draws them."""
    of = challenge.dossier
    queries = Queries(stores.telemetry, stores.registry, lambda: of.as_of, stores.archive)
    found = verdicts(queries, of.project, of.as_of)
    facts = documents.evidence_facts(queries, found)
    if challenge.lines.keys() != facts.keys():
        raise _refused("it does not name the lines of the project")
    for line, shown in facts.items():
        days = production_days(shown)
        if odd := set(days) ^ set(challenge.lines[line].days):
            raise _refused(
                f"{min(odd)} is a production day of {line} either in the dossier or by now alone: "
                "figures changed since",
                todo="Make a new dossier, and have days of that one drawn.",
            )
    for line, again in challenge.drawn_again().items():
        if again.drawn != challenge.lines[line].drawn:
            raise _refused(f"its days of {line} are not those that are drawn")


def _archived(
    stores: Stores, index: ReplayIndex, challenge: Challenge, progress: StepProgress | None
) -> ArchivedBatches:
    """Those that the dossier has."""
    entries: dict[BatchName, Entry] = {}
    for agent, last in sorted(challenge.dossier.batches.items()):
        for place in index.places(agent):
            if place.meant.number <= last:
                entries[agent, place.meant.number] = place.meant
    done = 0

    def get(name: BatchName) -> ArrivedBatch:
        nonlocal done
        done += 1
        if progress is not None and done <= len(entries):
            progress("reading batches", done, len(entries))
        entry, archive = entries[name], stores.archive
        received = entry.received or archive.written_at(entry.digest)
        return ArrivedBatch(
            archive.get(entry.digest), received, entry.latest or received + AHEAD_MAX
        )

    return ArchivedBatches(list(entries), get)


def _needed(
    stores: Stores, challenge: Challenge, archived: ArchivedBatches, scratch: Path
) -> list[BatchName]:
    plant, basis = _plant(stores, challenge), stores.registry.facts_basis

    def corrections(line: str) -> Sequence[Correction]:
        """Those that the reader knows."""
        return () if plant.confidential & TOLD_BY_PEOPLE else basis.line_corrections(line).in_force

    with open_stores(scratch / "stores", StoreSettings(kind="duckdb")) as own:
        days = line_days(_drawn(challenge), plant.zone)
        return needed_batches(archived, days, corrections, own.telemetry)


def _check_reasons(plant: Plant, archived: ArchivedBatches, needed: Sequence[BatchName]) -> None:
    """A batch is handed over as it was sealed, with the reasons that machines told in it."""
    if Confidential.REASONS not in plant.confidential:
        return
    for agent, number in needed:
        arrived = archived.get((agent, number))
        samples = decode(parse_batch(arrived.data), arrived.latest).samples
        if told := samples.filter(signal="stop_reason")["machine"].to_list():
            raise CheckFailedError(
                f"batch {number} of {agent} cannot be opened: {told[0]} tells reasons of stops in "
                "it, which the plant keeps confidential, and a batch that was sealed can be handed "
                "over only as a whole",
                todo="Take 'reasons' out of 'confidential' in the plant file to open these days.",
            )


def _plant(stores: Stores, challenge: Challenge) -> Plant:
    return stores.registry.plants.of_line(next(iter(challenge.lines)))


def _write(
    made: DossierZip,
    challenge: Challenge,
    leaves: Sequence[str],
    archived: ArchivedBatches,
    needed: Sequence[BatchName],
) -> None:
    of = challenge.dossier
    about = opened_paths.opening_document(of.project, of.evidence, _drawn(challenge), leaves)
    made.add(opened_paths.OPENING, documents.as_json(about))
    made.add(opened_paths.CHALLENGE, challenge.to_bytes())
    for agent in of.batches:
        for first, chunks in in_files(_of_agent(agent, archived, needed)):
            made.add_stream(paths.batches_path(agent, first), chunks)
    made.add(paths.MANIFEST, paths.manifest(made.digests))


def _of_agent(
    agent: str, archived: ArchivedBatches, needed: Sequence[BatchName]
) -> Iterator[tuple[int, ArrivedBatch]]:
    for name in needed:
        if name[0] == agent:
            yield name[1], archived.get(name)


def _drawn(challenge: Challenge) -> Mapping[str, Sequence[date]]:
    return {line: it.drawn for line, it in challenge.lines.items()}


def _refused(
    why: str, todo: str = "Ask whoever sent it for the file as they drew it."
) -> LineproofError:
    return CheckFailedError(f"the challenge does not hold: {why}", todo=todo)
