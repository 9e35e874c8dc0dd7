"""What a dossier says, once it is sure that the ledger's leaves vouch for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from analytics.facts.line_digest import FORMAT as FACTS_FORMAT
from domain.errors import InputError, shortened
from domain.ledger.checkpoints import Checkpoint
from domain.ledger.leaves import ChainHeadLeaf, Leaf, RecordLeaf
from domain.ledger.policies import TrustPolicy
from lineproof.dossier import paths
from lineproof.dossier.content import ROWS_BY_PEOPLE, TOLD_BY_PEOPLE
from lineproof.dossier.documents import TIME
from lineproof.verification.dossier_file import DossierFile, refuse_later
from lineproof.verification.outcome import DoesNotHoldError
from store.registry.opened_rows import OpenedRow


@dataclass(frozen=True, slots=True)
class LeafTold:
    """A leaf of the ledger, as leaves.jsonl has it; `leaf` None: only its hash is told. `row`: the
    row of the record that it tells, where the dossier has it."""

    index: int
    hashed: bytes
    leaf: Leaf | None = None
    row: OpenedRow | None = None


@dataclass(slots=True)
class Evidence:
    """Filled in by the checks, one after the other."""

    dossier: DossierFile
    about: Mapping[str, Any]  # project.json
    digests: dict[str, str] = field(default_factory=dict)
    checkpoint: Checkpoint | None = None
    policy: TrustPolicy | None = None
    leaves: Sequence[LeafTold] = ()

    @property
    def project(self) -> str:
        return str(self.about["project"])

    @property
    def as_of(self) -> datetime:
        return _time(self.about["as_of"])

    @property
    def rows(self) -> list[OpenedRow]:
        """What the record tells of the project, in its order."""
        found = [it.row for it in self.leaves if it.row is not None]
        return sorted(found, key=lambda it: it.number)

    def record_leaves(self, of: str) -> Iterator[tuple[RecordLeaf, Mapping[str, Any]]]:
        """The leaves of one kind of row that the dossier opens, and what these rows say."""
        for told in self.leaves:
            if told.row is not None and told.row.of == of and isinstance(told.leaf, RecordLeaf):
                yield told.leaf, orjson.loads(told.row.text)

    @property
    def keeps_what_people_said(self) -> bool:
        """Whether the record has corrections or exceptions, and the plant keeps them confidential:
        they may be of these lines."""
        return not TOLD_BY_PEOPLE.isdisjoint(self.about["confidential"]) and any(
            isinstance(it.leaf, RecordLeaf) and it.leaf.of in ROWS_BY_PEOPLE for it in self.leaves
        )

    def heads(self, agent: str) -> list[ChainHeadLeaf]:
        return [
            it.leaf
            for it in self.leaves
            if isinstance(it.leaf, ChainHeadLeaf) and it.leaf.agent == agent
        ]


def read_about(dossier: DossierFile) -> Mapping[str, Any]:
    """project.json. Raises InputError where this program cannot read such a dossier."""
    about = read_json(dossier, paths.ABOUT)
    texts = ("project", "scheme", "plant", "zone", "as_of", "program")
    lists = ("lines", "agents", "confidential", "milestones")
    refuse_later(about, paths.ABOUT)
    if not isinstance(about, dict) or about.get("format") != paths.FORMAT:
        raise InputError(
            f"this dossier is not of the format {paths.FORMAT}",
            where=paths.ABOUT,
            todo="Check it with the version of this program that made it.",
        )
    if not (
        all(isinstance(about.get(it), str) for it in texts)
        and all(isinstance(about.get(it), list) for it in lists)
        and all(isinstance(it, str) for name in lists[:3] for it in about[name])
        and isinstance(about.get("record"), int)
        and isinstance(about.get("facts_format"), int)
    ):
        raise InputError("it does not say what a dossier is of", where=paths.ABOUT)
    if about["facts_format"] != FACTS_FORMAT:
        raise InputError(
            f"the facts of this dossier are of format {about['facts_format']}, and this program "
            f"makes format {FACTS_FORMAT}: it would not find the same figures",
            where=paths.ABOUT,
            todo=f"Check it with the version that made it ({shortened(about['program'])}).",
        )
    try:
        _time(about["as_of"])
    except ValueError:
        raise InputError("'as_of' is no time", where=paths.ABOUT) from None
    return about


def read_json(dossier: DossierFile, path: str) -> Any:
    try:
        return orjson.loads(dossier.read(path))
    except ValueError as error:
        raise InputError(f"it is no JSON ({error})", where=path) from None


def differs(path: str, says: str) -> DoesNotHoldError:
    return DoesNotHoldError(path, says)


def _time(text: str) -> datetime:
    return datetime.strptime(text, TIME).replace(tzinfo=UTC)
