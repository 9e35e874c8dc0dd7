"""What the sender of a batch is told, in a word for programs and a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass

from collector.intake.decisions import ACKNOWLEDGED, Decision, Outcome
from domain.batch_header import BatchHeader

_DETAILS = {
    Outcome.ACCEPTED: "Batch {number} is stored.",
    Outcome.DUPLICATE: "Batch {number} was there already.",
    Outcome.UNKNOWN_AGENT: "No agent of that name is enrolled.",
    Outcome.BAD_SIGNATURE: "The signature does not fit the key enrolled for this agent.",
    Outcome.REVOKED_AGENT: "This agent was revoked: nothing more is taken from it.",
    Outcome.BAD_PAYLOAD: "The payload is not the one that the header signed.",
    Outcome.CONFLICT: "Another batch was accepted as number {number}; next is {expected}.",
    Outcome.GAP: "Batches are missing before number {number}: send number {expected} first.",
    Outcome.BROKEN_CHAIN: "Batch {number} does not follow the last accepted one; next is "
    "{expected}.",
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a batch. `agent`, `number` and `digest` are empty for what is no batch."""

    outcome: Outcome
    agent: str = ""
    number: int = 0
    digest: str = ""
    expected: int | None = None
    detail: str = ""

    @property
    def acknowledged(self) -> bool:
        return self.outcome in ACKNOWLEDGED


def detail_of(outcome: Outcome) -> str:
    """The sentence of a refusal that needs no number."""
    return _DETAILS[outcome]


def receipt_of(header: BatchHeader, digest: str, decision: Decision, detail: str = "") -> Receipt:
    """The receipt for a decision; `detail` where there is more to say than the outcome."""
    sentence = detail or _DETAILS[decision.outcome].format(
        number=header.number, expected=decision.expected
    )
    return Receipt(
        decision.outcome, header.agent, header.number, digest, decision.expected, sentence
    )
