"""What came of checking a dossier: each check by its name, and the first that does not hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class DossierCheck(StrEnum):
    """In the order in which they are made."""

    MANIFEST = "manifest"
    CHECKPOINT_SIGNATURE = "checkpoint_signature"
    WITNESSES = "witnesses"
    TIMESTAMPS = "timestamps"
    INCLUSION = "inclusion"
    CONSISTENCY = "consistency"
    TERMS_BEFORE_WINDOW = "terms_before_window"
    BATCH_SIGNATURES = "batch_signatures"
    BATCH_CHAINS = "batch_chains"
    FACTS_FROM_BATCHES = "facts_from_batches"
    CORRECTIONS = "corrections"
    DECISIONS = "decisions"
    VERDICTS_FROM_FACTS = "verdicts_from_facts"
    ATTACHMENTS = "attachments"
    REPORT = "report"


class DoesNotHoldError(Exception):
    """A check does not hold. `path`: of the file in the dossier."""

    def __init__(self, path: str, says: str) -> None:
        super().__init__(says)
        self.path = path
        self.says = says


@dataclass(frozen=True, slots=True)
class Failed:
    check: DossierCheck
    path: str
    says: str


@dataclass(slots=True)
class Outcome:
    """`held`: the checks that hold, each with what is to be known beside ("": nothing);
    `milestones`, `days`: how many verdicts, and facts of how many `of_days`, were made again."""

    held: dict[DossierCheck, str] = field(default_factory=dict)
    failures: list[Failed] = field(default_factory=list)
    milestones: int = 0
    days: int = 0
    of_days: int = 0

    @property
    def failed(self) -> Failed | None:
        """The first check that does not hold."""
        return self.failures[0] if self.failures else None

    @property
    def verified(self) -> bool:
        return not self.failures
