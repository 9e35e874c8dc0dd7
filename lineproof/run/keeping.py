"""What a process keeps up to date beside its server: stored facts, the live board, ledger, and
what its witnesses say.

It is refreshed again and again off the event loop. Stopping ends the refresh that runs, between two
reads of a store, unless it is done in a moment: what it did is kept, and the next start goes on
from there. No figure depends on how far it came.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from domain.errors import LineproofError
from domain.panics import panics_as_errors
from store.work import NoLongerWantedError, Work, working

if TYPE_CHECKING:
    from api.queries.board_keeper import BoardKeeper
    from collector.facts.keeper import FactsKeeper
    from lineproof.alerts.keeper import AlertKeeper
    from lineproof.reminders.keeper import ReminderKeeper
    from lineproof.witnesses.keeper import WitnessKeeper
    from store.node.ledger_keeper import LedgerKeeper

FACTS_PERIOD_S = 2.0
BOARD_PERIOD_S = 1.0
LEDGER_PERIOD_S = 2.0
WITNESSES_PERIOD_S = 5.0
ALERTS_PERIOD_S = 10.0
REMINDERS_PERIOD_S = 5.0
MOMENT_S = 0.5
ENDING_S = 1.0  # so long work that was cut short is waited for: a library may be deep in it

_log = structlog.get_logger(__name__)


class Keeping:
    """Calls `refresh` every `period_s` from now on. `task` ends before `stop` only by a fault."""

    def __init__(
        self,
        what: str,
        refresh: Callable[[], object],
        period_s: float,
        *,
        catches_up: bool = True,
    ) -> None:
        self._catches_up = catches_up
        self._what = what
        self._refresh = refresh
        self._period_s = period_s
        self._stopped = asyncio.Event()
        self._work = Work()
        self.task = asyncio.create_task(self._run(), name=what)

    async def stop(self) -> None:
        """Returns when nothing is refreshed any more, or when that takes too long."""
        self._stopped.set()
        await _ended_soon(self.task, self._work)

    async def catch_up(self) -> None:
        """Once more after `stop`, for what came in last, as far as it takes a moment."""
        if not self._catches_up or not self.task.done():
            return
        work = Work()
        await _ended_soon(asyncio.create_task(self._once(work)), work)

    async def _run(self) -> None:
        while not self._stopped.is_set():
            await self._once(self._work)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), self._period_s)

    async def _once(self, work: Work) -> None:
        try:
            await asyncio.to_thread(_within, work, self._refresh)
        except NoLongerWantedError:
            _log.info(f"{self._what} kept at the next start")
        except LineproofError as error:
            _log.error(f"{self._what} not kept", error=str(error))


def keep_facts(keeper: FactsKeeper) -> Keeping:
    """Stored facts follow what came in within seconds."""
    return Keeping("facts", keeper.refresh, FACTS_PERIOD_S)


def keep_board(keeper: BoardKeeper) -> Keeping:
    """The live board is a second old."""
    return Keeping("board", keeper.refresh, BOARD_PERIOD_S)


def keep_ledger(keeper: LedgerKeeper) -> Keeping:
    """What was recorded is in the ledger within seconds."""
    return Keeping("ledger", keeper.refresh, LEDGER_PERIOD_S)


def keep_witnesses(keeper: WitnessKeeper) -> Keeping:
    """Whoever's turn it is to see the ledger is asked within seconds; nothing else waits for it."""
    return Keeping("witnesses", keeper.refresh, WITNESSES_PERIOD_S)


def keep_alerts(keeper: AlertKeeper) -> Keeping:
    """Somebody is called within seconds. When the node stops, what stands is looked at no more."""
    return Keeping("alerts", keeper.refresh, ALERTS_PERIOD_S, catches_up=False)


def keep_reminders(keeper: ReminderKeeper) -> Keeping:
    """What is due is told. When the node stops nothing more is sent: a message that is cut off on
    its way would be sent twice."""
    return Keeping("reminders", keeper.refresh, REMINDERS_PERIOD_S, catches_up=False)


def _within(work: Work, refresh: Callable[[], object]) -> None:
    with working(work), panics_as_errors():
        refresh()


async def _ended_soon(task: asyncio.Task[None], work: Work) -> None:
    """The task has ended, its work cut short unless that took a moment alone; or it goes on in a
    library that cannot be interrupted, to its end or the process's (`lineproof.stopping`)."""
    await asyncio.wait([task], timeout=MOMENT_S)
    work.end()
    await asyncio.wait([task], timeout=ENDING_S)
