"""Checkpoints are shown to the witnesses, and what they say is kept beside them.

A witness is asked when there is something new that others will rest on (chain heads, which come
every hour and with each submission, decision or accepted period; dossiers), and an hour after the
last time at the latest. One that fails is asked again later and later. Nothing waits for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from httpx import AsyncClient

from domain.errors import InputError, LineproofError
from domain.ledger.checkpoints import parse_checkpoint
from domain.ledger.leaves import RecordLeaf, parse_leaf
from domain.ledger.signed_notes import SignedNote, parse_note
from lineproof.witnesses.cosigning import clock_difference, cosigned
from lineproof.witnesses.posting import NoAnswerError, client_for
from store.ledger.ledger import Ledger
from store.ledger.witness_file import Standing
from store.node.ledger_keeper import WITH_HEADS
from store.node.witness_settings import Witness, read_witness_policy, witnesses_of
from store.work import piece

ASKED_EVERY = timedelta(hours=1)
AGAIN_FIRST = timedelta(seconds=30)  # after one failure; then twice as long each time
AGAIN_MAX = timedelta(hours=1)
_PAGE = 1000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """How asking a witness went, or would go: `is_done`, it cosigned the newest checkpoint."""

    witness: Witness
    is_done: bool
    standing: Standing


def standing_name(witness: Witness) -> str:
    """Under which the standing is kept: a witness with another key is another one."""
    return f"witness {witness.name} {witness.key}"


class WitnessKeeper:
    """Over a node's ledger and the file that names its witnesses; `now` is its clock."""

    def __init__(self, ledger: Ledger, settings: Path, now: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._settings = settings
        self._now = now
        self._said = ""  # of the settings, so that it is logged once

    def refresh(self) -> None:
        """Ask the witnesses whose turn it is. Raises StorageError."""
        try:
            witnesses = witnesses_of(read_witness_policy(self._settings))
        except InputError as error:
            if str(error) != self._said:
                _log.error("no witness is asked", error=str(error))
            self._said = str(error)
            return
        self._said = ""
        if witnesses and self._ledger.size:
            self._ask([it for it in witnesses if self._is_due(it)])

    def ask_now(self) -> list[Asked]:
        """Ask all that have not cosigned the newest checkpoint, whenever that was; how each of the
        witnesses stands then. Raises InputError where the settings cannot be used, StorageError."""
        witnesses = witnesses_of(read_witness_policy(self._settings))
        if not self._ledger.size:
            return []
        note = parse_note(self._ledger.checkpoint_note())
        self._ask([it for it in witnesses if not self._has_cosigned(it, note)])
        return [
            Asked(
                it,
                self._has_cosigned(it, note),
                self._ledger.others.standing(standing_name(it)) or self._new(it),
            )
            for it in witnesses
        ]

    def _is_due(self, witness: Witness) -> bool:
        note = parse_note(self._ledger.checkpoint_note())
        if self._has_cosigned(witness, note):
            return False
        standing = self._ledger.others.standing(standing_name(witness))
        now = self._now()
        if standing is None or standing.asked_at > now:  # never, or the clock was set back
            return True
        if standing.failures:
            wait = AGAIN_FIRST * (1 << min(standing.failures - 1, 20))
            return now - standing.asked_at >= min(wait, AGAIN_MAX)
        return now - standing.asked_at >= ASKED_EVERY or self._is_called_for(standing.size)

    def _is_called_for(self, size: int) -> bool:
        """Whether something that others will rest on came behind so many leaves."""
        while page := self._ledger.leaves(size, _PAGE):
            for _, written in page:
                leaf = parse_leaf(written)
                if not isinstance(leaf, RecordLeaf) or leaf.of in WITH_HEADS:
                    return True
            size = page[-1][0] + 1
        return False

    def _has_cosigned(self, witness: Witness, note: SignedNote) -> bool:
        kept = self._ledger.others.cosignatures(note.text)
        return str(witness.key) in [key for key, _ in kept]

    def _ask(self, witnesses: Sequence[Witness]) -> None:
        if not witnesses:
            return
        note = parse_note(self._ledger.checkpoint_note())
        for standing in asyncio.run(self._all_asked(witnesses, note)):
            self._ledger.others.keep_standing(standing)

    async def _all_asked(
        self, witnesses: Sequence[Witness], note: SignedNote
    ) -> Sequence[Standing]:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def interrupt() -> None:
            loop.call_soon_threadsafe(task.cancel)

        with piece(interrupt):
            try:
                async with client_for([it.address for it in witnesses]) as client:
                    return await asyncio.gather(
                        *(self._asked(it, note, client) for it in witnesses)
                    )
            except asyncio.CancelledError:
                raise InterruptedError from None

    async def _asked(self, witness: Witness, note: SignedNote, client: AsyncClient) -> Standing:
        others, now = self._ledger.others, self._now()
        before = others.standing(standing_name(witness)) or self._new(witness)
        size = parse_checkpoint(note.text).size
        known = others.last_size(str(witness.key))
        try:
            kept = await cosigned(client, witness, note, known, self._ledger.growth)
            self._ledger.cosign(size, kept)
        except NoAnswerError as error:
            level = _log.error if error.is_grave else _log.warning
            level("a witness did not cosign", witness=witness.name, error=str(error))
            return before.failed(now, error.what, error.todo, is_grave=error.is_grave)
        except LineproofError as error:
            _log.error("a witness was not asked", witness=witness.name, error=str(error))
            return before.failed(now, str(error), error.todo)
        except Exception as error:  # whatever somebody answers is to be told, not to end this
            _log.warning("a witness was not understood", witness=witness.name, exc_info=True)
            said = f"its answer cannot be read ({type(error).__name__})"
            return before.failed(now, said, "Tell its operator.")
        says = clock_difference(kept, now)
        todo = "Compare both with NTP; the cosignature is kept with the witness's time."
        return Standing(before.name, now, now, size, 0, says, todo if says else "")

    def _new(self, witness: Witness) -> Standing:
        return Standing(standing_name(witness), self._now())
