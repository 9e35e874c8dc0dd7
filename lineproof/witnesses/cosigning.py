"""One witness is asked to cosign a checkpoint (C2SP tlog-witness, add-checkpoint).

What it answers is believed once its signature is verified. What it refuses is said in a sentence:
what it means, and what to do. Two refusals are grave, because an honest witness says them only of
a ledger that was put back or forked: it saw more leaves than there are, or other ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import httpx

from domain.errors import shortened
from domain.ledger.checkpoints import parse_checkpoint
from domain.ledger.cosignatures import Cosignature, cosignature_of
from domain.ledger.signed_notes import SignedNote
from domain.ledger.witnessing import SIZE_TYPE, add_checkpoint_body, answered_note, parse_size
from lineproof.witnesses.posting import Answer, NoAnswerError, post
from store.ledger.keys import verify_ed25519
from store.node.witness_settings import Witness

CLOCK_S = 300  # a witness whose time differs by more is told
Growth = Callable[[int, int], Sequence[bytes]]  # as Ledger.growth
_TRIES = 3  # it may have seen another checkpoint meanwhile
_TEXT = "text/plain; charset=utf-8"
_GRAVE = (
    "Do not go on as if nothing had happened: find out whether the data folder was put back from "
    "an older copy or runs twice, put the newest copy back, and tell the officer."
)
_KEY = (
    "Give its operator the ledger's key, the line 'log' of 'lineproof ledger policy'{more}; or "
    "correct its address, which ends before /add-checkpoint."
)
_REFUSALS = {
    400: ("it could not read what was sent", "Tell its operator; its log says more."),
    403: (
        "it knows another key of this ledger",
        _KEY.format(more=", and find out why it has another"),
    ),
    404: ("it does not know this ledger", _KEY.format(more="")),
    429: ("it asks to be asked less often (429)", "Nothing: it is asked again later."),
}


async def cosigned(
    client: httpx.AsyncClient, witness: Witness, note: SignedNote, known: int, growth: Growth
) -> Cosignature:
    """What the witness says of the checkpoint; `known`: how many leaves it saw last, as far as we
    know. Raises NoAnswerError, StorageError."""
    size = parse_checkpoint(note.text).size
    old = known if known <= size else 0  # then it says itself what it saw
    for _ in range(_TRIES):
        proof = growth(old, size) if 0 < old < size else ()
        body = add_checkpoint_body(old, proof, note).encode()
        answer = await post(client, f"{witness.address}/add-checkpoint", _TEXT, body)
        if answer.status == 200:
            return _cosignature(witness, note, answer)
        if answer.status != 409:
            raise _refused(answer, old)
        old = _seen(answer, old, size)
    raise NoAnswerError(
        "it names another size each time that it is asked",
        todo="See that nothing else runs with this ledger's key; else tell its operator.",
    )


def clock_difference(said: int, now: datetime) -> str:
    """How far a time that was said (seconds since 1970) is from ours, as a sentence; "" where it is
    as good as the same."""
    seconds = said - now.timestamp()
    if abs(seconds) <= CLOCK_S:
        return ""
    try:
        time = datetime.fromtimestamp(said, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        time = f"second {said}"
    way = "ahead of" if seconds > 0 else "behind"
    return f"its clock says {time}, far {way} this machine's"


def _cosignature(witness: Witness, note: SignedNote, answer: Answer) -> Cosignature:
    said = answered_note(note, answer.text)
    if said is None:
        raise NoAnswerError(
            f"its answer is no cosignature: '{shortened(answer.text)}'",
            todo="Check that the address is the right one.",
        )
    found = cosignature_of(said, witness.key, verify_ed25519)
    if found is not None:
        return found
    if any((it.name, it.key_id) == (witness.key.name, witness.key.id) for it in said.signatures):
        raise NoAnswerError(
            "its signature is wrong: it is not of this checkpoint, or not by its key",
            todo="Tell its operator.",
        )
    others = ", ".join(f"{shortened(it.name)}+{it.key_id.hex()}" for it in said.signatures[:3])
    raise NoAnswerError(
        f"it signs by another key ({others}) than the one of the policy",
        todo="Ask its operator, on another way, which key is right, and correct witnesses.policy.",
    )


def _seen(answer: Answer, old: int, size: int) -> int:
    """How many leaves it says that it saw."""
    seen = parse_size(answer.text) if answer.kind == SIZE_TYPE else None
    if seen is None:
        raise NoAnswerError(
            "it refuses (409) and does not say how many leaves it saw",
            todo="Check that the address is the right one; else tell its operator.",
        )
    if seen > size:
        raise NoAnswerError(
            f"it says that it saw {seen} leaves of this ledger, which has {size}: the ledger was "
            "rolled back",
            todo=_GRAVE,
            is_grave=True,
        )
    if seen == old == size:
        raise _forked(seen)
    if seen == old:
        raise NoAnswerError(
            f"it contradicts itself: it saw {seen} leaves, and refuses what goes on from them",
            todo="Tell its operator.",
        )
    return seen


def _refused(answer: Answer, old: int) -> NoAnswerError:
    if answer.status == 422:
        return _forked(old)
    what, todo = _REFUSALS.get(
        answer.status,
        (f"it answers with status {answer.status}", "Nothing at first: it is asked again later."),
    )
    return NoAnswerError(what, todo=todo)


def _forked(seen: int) -> NoAnswerError:
    return NoAnswerError(
        f"it says that the {seen} leaves that it saw are not how this ledger begins: the ledger "
        "was forked, or its past was changed",
        todo=_GRAVE,
        is_grave=True,
    )
