"""The notifications of one subscription: none missed, none twice, in the order of time.

- They are taken by sequence number. A missing one is fetched by Republish; one that the server no
  longer has is reported as lost. A notification is acknowledged only after it was handed over; what
  was gathered when the connection broke is kept until then.
- After a broken connection the time in between is bridged if no number is missing, no queue
  overflowed and the server was not silent: one that did not answer may have stood still itself,
  and then nobody knows what its machine did.
- A response that was held up shows that nothing is missing up to its publish time (OPC 10000-4,
  7.26) or to when it was asked for: what changed later may be lost with the connection (`transit`).
- A server may send what changed in one publishing interval item by item, and over several
  notifications (MoreNotifications). All of it is gathered and handed over by source time:
  whoever combines values must not see a later value of one item before an earlier one of another.
"""

from __future__ import annotations

from datetime import UTC, datetime

from asyncua import ua
from asyncua.client.ua_session import UaSession
from asyncua.ua.uaerrors import UaStatusCodeError, UaStructParsingError

from edge.sources.opcua.data_changes import DataChanges
from edge.sources.opcua.errors import reason
from edge.sources.opcua.items import Items
from edge.sources.reporter import Reporter
from edge.sources.runner import LinkError
from edge.sources.transit import Transit

SEQUENCE_MAX = 0xFFFF_FFFF  # sequence numbers go from here to 1 (OPC 10000-4, Counter)
REPUBLISH_MAX = 1000  # a wider gap is reported as lost at once
GATHERED_MAX = 20_000  # values; beyond it they are handed over although more are to come


class SubscriptionEndedError(LinkError):
    """The server has ended the subscription: there is nothing to take up again."""


class Notifications:
    """`transit`: of the machine's server, over all subscriptions."""

    def __init__(
        self, subscription: int, items: Items, reporter: Reporter, transit: Transit
    ) -> None:
        self.subscription = subscription
        self._items = items
        self._reporter = reporter
        self._transit = transit
        self._sequence = 0  # of the last notification that was gathered
        self._gathered: list[int] = []  # sequence numbers that are not handed over yet
        self._handed_over: list[int] = []  # and not acknowledged yet
        self._data_seen = False
        self._is_resumed = False  # and nothing was heard since
        self._is_whole = True  # since the last hearing nothing is missing

    def acknowledgements(self) -> list[ua.SubscriptionAcknowledgement]:
        """What the next publish request acknowledges; each is given once."""
        numbers, self._handed_over = self._handed_over, []
        return [
            ua.SubscriptionAcknowledgement(
                SubscriptionId=ua.IntegerId(self.subscription), SequenceNumber=ua.Counter(number)
            )
            for number in numbers
        ]

    def resume(self) -> None:
        """After a broken connection: what was gathered waits for what belongs to it. (The server
        may not have it any more, acknowledged or not: OPC 10000-4, 5.14.1.2.)"""
        self._is_resumed = True

    async def take(
        self,
        session: UaSession,
        result: ua.PublishResult,
        received: datetime,
        asked: datetime,
    ) -> datetime | None:
        """One publish response, and what is missing before it; it was asked for at `asked`. Gives
        up to when all has been handed over; None: more is to come.

        Raises SubscriptionEndedError, and what the session raises when the connection fails.
        """
        if result.SubscriptionId != self.subscription:
            return None
        message = result.NotificationMessage
        number = int(message.SequenceNumber)
        # A keep-alive carries the number of the next notification (OPC 10000-4, 5.14.1.2).
        if not message.NotificationData:
            await self._fill_gap(session, _before(number), received)
        elif _ahead(number, self._sequence) > 0:
            await self._fill_gap(session, _before(number), received)
            await self._gather(message, received)
        else:
            self._reporter.repeated()
            self._handed_over.append(number)
        if not result.MoreNotifications or self._items.gathered > GATHERED_MAX:
            await self._hand_over()
        said = _aware(message.PublishTime)
        until = max(asked, self._transit.shows_until(said, received))  # it came after it was asked
        if not self._data_seen or result.MoreNotifications:
            return None
        self._items.complete(asked)
        self._hear(until)
        return until

    def doubt(self) -> None:
        """What the server did since the last hearing is not known for sure."""
        self._is_whole = False

    def _hear(self, until: datetime) -> None:
        if self._is_resumed and self._is_whole and self._items.tell_what_is_dropped:
            self._reporter.bridged(until)
        else:
            self._reporter.heard(until)
        self._is_resumed, self._is_whole = False, True

    async def _fill_gap(self, session: UaSession, up_to: int, received: datetime) -> None:
        """Fetch the notifications between the last one and `up_to` that never arrived."""
        missing = _ahead(up_to, self._sequence)
        if missing > REPUBLISH_MAX:
            self.doubt()
            self._reporter.overflowed(f"{missing} notifications of the server were lost")
            self._sequence = up_to
            return
        for _ in range(missing):
            number = _after(self._sequence)
            why = ""
            try:
                message = await session.republish(self.subscription, number)
            except (UaStatusCodeError, UaStructParsingError) as error:
                why = reason(error)
            else:
                # asyncua's server gives an empty one, without an error, when it has it no more.
                if int(message.SequenceNumber) != number:
                    why = "the server gave another one in its place"
            if why:
                self.doubt()
                self._reporter.overflowed(f"a notification was lost: {why}")
                self._sequence = number
            else:
                await self._gather(message, received)

    async def _gather(self, message: ua.NotificationMessage, received: datetime) -> None:
        """All of a message or, where the connection breaks meanwhile, nothing: it comes again."""
        changes = DataChanges()
        for notification in message.NotificationData or []:
            if isinstance(notification, ua.DataChangeNotification):  # fetched by Republish
                notification = DataChanges.of(notification)
            if isinstance(notification, DataChanges):
                changes.extend(notification)
            elif isinstance(notification, ua.StatusChangeNotification):
                raise SubscriptionEndedError(_why_ended(notification.Status))
        await self._items.gather(changes, received)
        self._data_seen = self._data_seen or bool(changes.handles)
        self._sequence = int(message.SequenceNumber)
        self._gathered.append(self._sequence)

    async def _hand_over(self) -> None:
        if self._gathered:
            await self._reporter.sink.ready()
            if not self._items.hand_over():
                self.doubt()
            self._handed_over += self._gathered
            self._gathered = []


def _why_ended(status: ua.StatusCode) -> str:
    """After a restart a server may give our subscription's number to whoever asks for it with
    TransferSubscriptions (OPC 10000-4, 5.14.7)."""
    if status.name == "GoodSubscriptionTransferred":
        return "another client has taken our subscription over; it is made anew"
    return f"the server ended the subscription: {status.name}"


def _aware(time: datetime | None) -> datetime | None:
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time


def _after(number: int) -> int:
    return 1 if number >= SEQUENCE_MAX else number + 1


def _before(number: int) -> int:
    return SEQUENCE_MAX if number <= 1 else number - 1


def _ahead(number: int, of: int) -> int:
    """How many steps `number` lies behind `of` in the cycle; 0 or less: it came before."""
    steps = (number - of) % SEQUENCE_MAX
    return steps if steps <= SEQUENCE_MAX // 2 else steps - SEQUENCE_MAX
