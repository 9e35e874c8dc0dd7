"""Terms were in the ledger before their window began, or were changed by what was approved before.

The first version of terms may be late (a line that ran before anybody sealed anything): that is
told. A later one may be only where its grant file carries an approved change request out, whose
decision has a leaf before that of the terms: that is told, too, and the verdict shows both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.grants import Milestone
from domain.ledger.leaves import RecordLeaf
from domain.terms_changes import TermsVersion
from lineproof.dossier import paths
from lineproof.verification.evidence import Evidence, differs

_Leaves = list[tuple[RecordLeaf, Mapping[str, Any]]]


class TermsLeaves:
    """The leaves of a project's terms, and of the decisions on its change requests."""

    def __init__(self, evidence: Evidence) -> None:
        self._terms = _of(evidence, "terms_versions")
        self._decisions = _of(evidence, "change_decisions")
        self._late: list[str] = []
        self._changed: list[str] = []

    def check(
        self, milestone: Milestone, versions: Sequence[TermsVersion], begin: datetime | None
    ) -> None:
        """`versions`: as the rows tell them; `begin`: from when on data count for the target, None
        where none does yet. Raises DoesNotHoldError."""
        own = [(leaf, said) for leaf, said in self._terms if said["milestone"] == milestone.id]
        digests = [said["digest"] for _, said in own]
        if digests != [it.milestone.terms_digest for it in versions] or not own:
            raise differs(paths.LEAVES, f"the terms of {milestone.id} have no leaf")
        if digests[-1] != milestone.terms_digest:
            raise differs(paths.LEAVES, f"the terms of {milestone.id} have no leaf")
        for (leaf, _), version in zip(own, versions, strict=True):
            if begin is None or leaf.at < begin:
                continue
            told = f"{leaf.at:%Y-%m-%d %H:%M} UTC, after their window began"
            if version.number == 1:
                self._late.append(f"{milestone.id} ({leaf.at:%Y-%m-%d})")
            elif version.request is None or not self._is_decided(version.request.number, leaf):
                raise differs(
                    paths.terms_path(version.milestone.terms_digest),
                    f"the terms of {milestone.id} were changed on {told} (version "
                    f"{version.number}), and no change request that was approved before allows it",
                )
            else:
                self._changed.append(
                    f"{milestone.id} (version {version.number}, {leaf.at:%Y-%m-%d}, change request "
                    f"{version.request.number})"
                )

    def said(self) -> str:
        """What is to be told of terms that hold."""
        found = []
        if self._late:
            late = ", ".join(self._late)
            found.append(f"The terms were sealed only after their window had begun: {late}.")
        if self._changed:
            changed = ", ".join(self._changed)
            found.append(f"The terms were changed after their window had begun: {changed}.")
        return " ".join(found)

    def _is_decided(self, request: int, terms: RecordLeaf) -> bool:
        """Whether the approval has a leaf before that of the terms."""
        return any(
            said["request"] == request and said["approved"] and leaf.number < terms.number
            for leaf, said in self._decisions
        )


def _of(evidence: Evidence, rows: str) -> _Leaves:
    return [it for it in evidence.record_leaves(rows) if it[1]["project"] == evidence.project]
