"""Checkpoints are shown to those outside, and what they say is kept beside them.

Each is asked when there is something new that others will rest on (submissions, decisions, accepted
periods, dossiers; witnesses also for chain heads, which come every hour), and some time after the
last time at the latest. One that fails is asked again later and later. Nothing waits for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from httpx import AsyncClient

from domain.errors import LineproofError
from domain.ledger.checkpoints import parse_checkpoint
from domain.ledger.leaves import parse_leaf
from domain.ledger.signed_notes import SignedNote, parse_note
from lineproof.witnesses.outsiders import Outsider, outsiders_of
from lineproof.witnesses.posting import NoAnswerError, client_for
from store.ledger.ledger import Ledger
from store.ledger.witness_file import Standing
from store.node.data_folder import DataFolder
from store.work import piece

AGAIN_FIRST = timedelta(seconds=30)  # after one failure; then twice as long each time
AGAIN_MAX = timedelta(hours=1)
_PAGE = 1000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """How asking went: `is_done`, it said of the newest checkpoint what it was asked for."""

    outsider: Outsider
    is_done: bool
    standing: Standing


class WitnessKeeper:
    """Over a node's ledger and the files that name those outside; `now` is its clock."""

    def __init__(self, ledger: Ledger, folder: DataFolder, now: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._folder = folder
        self._now = now
        self._troubles: list[str] = []  # of the files, so that each is logged once

    def refresh(self) -> None:
        """Ask those whose turn it is. Raises StorageError."""
        witnesses, authorities, found = outsiders_of(self._folder, self._ledger)
        troubles = [str(it) for it in found]
        for it in troubles:
            if it not in self._troubles:
                _log.error("nobody of this file is asked", error=it)
        self._troubles = troubles
        if self._ledger.size:
            self._ask([it for it in (*witnesses, *authorities) if self._is_due(it)])

    def ask_now(self, outsiders: Sequence[Outsider]) -> list[Asked]:
        """Ask those that have not answered of the newest checkpoint, whenever that was; how each
        of them stands then. Raises StorageError."""
        if not self._ledger.size:
            return []
        text = parse_note(self._ledger.checkpoint_note()).text
        self._ask([it for it in outsiders if not it.has_answered(text)])
        return [
            Asked(
                it,
                it.has_answered(text),
                self._ledger.others.standing(it.standing_name) or self._new(it),
            )
            for it in outsiders
        ]

    def _is_due(self, outsider: Outsider) -> bool:
        if outsider.has_answered(parse_note(self._ledger.checkpoint_note()).text):
            return False
        standing = self._ledger.others.standing(outsider.standing_name)
        now = self._now()
        if standing is None or standing.asked_at > now:  # never, or the clock was set back
            return True
        passed = now - standing.asked_at
        if standing.failures:
            wait = AGAIN_FIRST * (1 << min(standing.failures - 1, 20))
            return passed >= min(wait, AGAIN_MAX)
        return passed >= outsider.asked_every or self._is_called_for(outsider, standing.size)

    def _is_called_for(self, outsider: Outsider, size: int) -> bool:
        """Whether something that others will rest on came behind so many leaves."""
        while page := self._ledger.leaves(size, _PAGE):
            if any(outsider.is_called_for(parse_leaf(written)) for _, written in page):
                return True
            size = page[-1][0] + 1
        return False

    def _ask(self, outsiders: Sequence[Outsider]) -> None:
        if not outsiders:
            return
        note = parse_note(self._ledger.checkpoint_note())
        asyncio.run(self._all_asked(outsiders, note))

    async def _all_asked(self, outsiders: Sequence[Outsider], note: SignedNote) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def interrupt() -> None:
            loop.call_soon_threadsafe(task.cancel)

        with piece(interrupt):
            try:
                async with client_for([it.address for it in outsiders]) as client:
                    await asyncio.gather(*(self._told(it, note, client) for it in outsiders))
            except asyncio.CancelledError:
                raise InterruptedError from None

    async def _told(self, outsider: Outsider, note: SignedNote, client: AsyncClient) -> None:
        """Its standing is kept as soon as it has answered, however long others take."""
        self._ledger.others.keep_standing(await self._asked(outsider, note, client))

    async def _asked(self, outsider: Outsider, note: SignedNote, client: AsyncClient) -> Standing:
        now, who = self._now(), outsider.title
        before = self._ledger.others.standing(outsider.standing_name) or self._new(outsider)
        try:
            says, todo = await outsider.ask(client, note, now)
        except NoAnswerError as error:
            level = _log.error if error.is_grave else _log.warning
            level("no answer from outside", who=who, error=str(error))
            return before.failed(now, error.what, error.todo, is_grave=error.is_grave)
        except LineproofError as error:
            _log.error("nobody outside was asked", who=who, error=str(error))
            return before.failed(now, str(error), error.todo)
        except Exception as error:  # whatever somebody answers is to be told, not to end this
            _log.warning("an answer was not understood", who=who, exc_info=True)
            said = f"its answer cannot be read ({type(error).__name__})"
            return before.failed(now, said, "Tell its operator.")
        size = parse_checkpoint(note.text).size
        return Standing(before.name, now, now, size, 0, says, todo)

    def _new(self, outsider: Outsider) -> Standing:
        return Standing(outsider.standing_name, self._now())
