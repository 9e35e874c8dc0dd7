"""OPC UA source: one subscription on one machine, its values with their source timestamps.

Rules:

- What the server queues is asked for explicitly: publishing interval, keep-alive, lifetime,
  queue size for each item, changes of value or status, source and server timestamps.
- What the server dropped (Overflow bit, a notification it no longer has) is reported as lost,
  never passed over (see `notifications`).
- A bad node does not affect the others; it is tried again while the rest goes on.
- After a broken connection the session is taken up again if the server still has it: then its
  queues bridge the outage, and where nothing is missing that time is known. Otherwise everything is
  resolved and subscribed again; values that were handed over before are not handed over twice.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

import structlog
from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.ua_binary import struct_from_binary
from asyncua.ua.uaerrors import UaError, UaStatusCodeError

from device_profiles.model.addresses import OpcUaAddress, OpcUaFolder
from domain.source_faults import Cause
from edge.sources.opcua.client import (
    SESSION_TIMEOUT_S,
    KnownAs,
    SessionGoneError,
    close_session,
    is_open,
    open_session,
    resume_session,
)
from edge.sources.opcua.data_changes import publish_response
from edge.sources.opcua.errors import reason, remedy, status_of
from edge.sources.opcua.history import HistoryFill
from edge.sources.opcua.items import Items
from edge.sources.opcua.notifications import Notifications, SubscriptionEndedError
from edge.sources.opcua.settings import OpcUaSettings
from edge.sources.opcua.told_until import ToldUntil
from edge.sources.reporter import Reporter
from edge.sources.runner import LinkError
from edge.sources.transit import Transit

_log = structlog.get_logger(__name__)

KEEP_ALIVE_S = 5.0  # a machine without changes is heard at least this often
SILENCE_FACTOR = 2.5  # keep-alive times without an answer after which a connection is dead
LIFETIME_S = SESSION_TIMEOUT_S  # how long the server keeps the subscription without us
ITEM_RETRY_S = 30.0
RESUMED_IN_VAIN_MAX = 2  # then the subscription is made anew
RENEW_AT = 0.75  # of the channel's lifetime (OPC 10000-4, 5.6.2)


class OpcUaLink:
    """The `Link` (see `runner`) of one machine. `told`: what the run before knew of it, and this
    one leaves to the next; None: the agent's own absence is not filled from the history."""

    def __init__(
        self,
        settings: OpcUaSettings,
        addresses: Sequence[OpcUaAddress | OpcUaFolder],
        reporter: Reporter,
        known_as: KnownAs,
        *,
        told: ToldUntil | None = None,
        keep_alive_s: float = KEEP_ALIVE_S,
        item_retry_s: float = ITEM_RETRY_S,
    ) -> None:
        self._settings = settings
        self._reporter = reporter
        self._known_as = known_as
        self._name = known_as.session
        self._keep_alive_s = keep_alive_s
        self._item_retry_s = item_retry_s
        self._items = Items(addresses, settings, reporter)
        self._history = HistoryFill(self._items, reporter, told)
        self._client: Client | None = None
        self._notifications: Notifications | None = None  # of the subscription, if there is one
        self._transit = Transit()
        self._resumed = False
        self._resumable_until = 0.0
        self._silence_s = 0.0
        self._answered_at = 0.0  # when the server told something of our subscription last
        self._resumed_in_vain = 0  # in a row, without a word of it
        self._renew_at = 0.0
        self._retry_at = 0.0

    # commands of the runner

    async def connect(self) -> None:
        self._resumed = False
        if self._client is not None and self._notifications is not None:
            await self._resume(self._client, self._notifications)
        if not self._resumed:
            await self._leave_session()
            self._client = await open_session(self._settings, self._known_as)
        self._answered_at = asyncio.get_running_loop().time()
        self._renew_later(self._open_client)

    async def subscribe(self) -> None:
        if self._resumed:
            return
        client = self._open_client
        self._history.subscribes()
        try:
            await self._create_subscription(client)
            await self._items.start(client, self._subscribed.subscription)
        except (OSError, UaError) as error:
            self._notifications = None  # not all is watched: there is nothing to take up again
            raise LinkError(
                f"cannot subscribe on {self._settings.url}: {reason(error)}",
                todo=remedy(error),
                status=status_of(error),
            ) from error
        self._retry_at = asyncio.get_running_loop().time() + self._item_retry_s

    async def listen(self) -> None:
        client = self._open_client
        if not self._settings.reads_history:
            await self._listen(client)
            return
        filling = asyncio.create_task(self._history.run(client))
        try:
            await self._listen(client)
        finally:
            filling.cancel()
            await asyncio.gather(filling, return_exceptions=True)

    async def _listen(self, client: Client) -> None:
        while True:
            try:
                asked = self._reporter.now()
                result = await self._publish(client)
                if result is not None:
                    self._check_is_ours(result)
                    received = self._reporter.now()
                    session = client.uaclient.session
                    until = await self._subscribed.take(session, result, received, asked)
                    if self._settings.reads_history and until is not None:
                        self._history.heard(until)
                await self._upkeep(client)
            except TimeoutError as error:
                self._subscribed.doubt()
                self._resumed_in_vain += self._resumed
                if self._resumed_in_vain >= RESUMED_IN_VAIN_MAX:
                    self._notifications = None  # somebody else may have it now
                raise LinkError(
                    f"the server at {self._settings.url} has not answered for "
                    f"{self._silence_s:.0f} s",
                    status=Cause.NO_ANSWER,
                ) from error
            except SubscriptionEndedError:
                self._notifications = None
                raise
            except UaStatusCodeError as error:
                self._notifications = None  # nothing to take up again
                raise LinkError(
                    f"the subscription has ended: {reason(error)}", status=status_of(error)
                ) from error
            except (OSError, UaError) as error:
                raise LinkError(
                    f"the connection to {self._settings.url} broke: {reason(error)}",
                    status=status_of(error),
                ) from error

    async def close(self) -> None:
        """Drop the transport; the session is kept for `connect` to take up again, or to end where
        that cannot be done any more."""
        if self._client is None:
            return
        if self._notifications is None and is_open(self._client):
            await self.end()
        else:
            self._client.disconnect_socket()

    async def end(self) -> None:
        client, self._client, self._notifications = self._client, None, None
        if client is not None:
            await close_session(client)

    # connecting

    @property
    def _open_client(self) -> Client:
        if self._client is None:
            raise LinkError("not connected")
        return self._client

    @property
    def _subscribed(self) -> Notifications:
        if self._notifications is None:
            raise LinkError("not subscribed")
        return self._notifications

    async def _leave_session(self) -> None:
        """End a session that is of no more use, with the subscription that it may have: a server
        would keep both until they time out, and has room for few."""
        if self._client is not None and not is_open(self._client):
            with contextlib.suppress(SessionGoneError):
                await resume_session(self._client, self._settings, self._known_as)
        await self.end()

    async def _resume(self, client: Client, notifications: Notifications) -> None:
        if asyncio.get_running_loop().time() > self._resumable_until:
            return
        try:
            await resume_session(client, self._settings, self._known_as)
        except SessionGoneError as error:
            _log.info("session not resumed", machine=self._name, why=str(error))
        except LinkError as error:
            if isinstance(error.__cause__, TimeoutError):
                notifications.doubt()
            raise
        else:
            self._resumed = True
            notifications.resume()

    async def _create_subscription(self, client: Client) -> None:
        """CreateSubscription (OPC 10000-4, 5.14.2) without the library's own publish loop."""
        interval_ms = self._settings.publishing_interval_ms
        keep_alive = max(1, round(self._keep_alive_s * 1000 / interval_ms))
        request = ua.CreateSubscriptionRequest()
        request.Parameters.RequestedPublishingInterval = ua.Duration(interval_ms)
        request.Parameters.RequestedMaxKeepAliveCount = ua.UInt32(keep_alive)
        request.Parameters.RequestedLifetimeCount = ua.UInt32(
            max(3 * keep_alive, round(LIFETIME_S * 1000 / interval_ms))
        )
        request.Parameters.MaxNotificationsPerPublish = ua.UInt32(0)
        protocol = client.uaclient.protocol
        if protocol is None:
            raise ConnectionError("the connection is not open")
        data = await protocol.send_request(request)
        response = struct_from_binary(ua.CreateSubscriptionResponse, data)
        response.ResponseHeader.ServiceResult.check()
        revised = response.Parameters
        self._notifications = Notifications(
            int(revised.SubscriptionId), self._items, self._reporter, self._transit
        )
        self._silence_s = (
            SILENCE_FACTOR * revised.RevisedMaxKeepAliveCount * revised.RevisedPublishingInterval
        ) / 1000 + 1

    # publishing

    async def _publish(self, client: Client) -> ua.PublishResult | None:
        request = ua.PublishRequest()
        request.Parameters.SubscriptionAcknowledgements = self._subscribed.acknowledgements()
        protocol = client.uaclient.protocol
        if protocol is None:
            raise ConnectionError("the connection is not open")
        async with asyncio.timeout(self._silence_s):
            data = await protocol.send_request(request, timeout=0)
        try:
            response = publish_response(data)
        except Exception:  # foreign bytes: any decoder error means the same
            # Its sequence number is unknown: the next one shows the gap, and Republish or a
            # loss follows from that.
            self._subscribed.doubt()
            self._reporter.overflowed("a notification of the server could not be read")
            return None
        response.ResponseHeader.ServiceResult.check()
        result: ua.PublishResult = response.Parameters
        return result

    def _check_is_ours(self, result: ua.PublishResult) -> None:
        """Raises SubscriptionEndedError where the server tells only of other subscriptions."""
        now = asyncio.get_running_loop().time()
        if result.SubscriptionId == self._subscribed.subscription:
            self._answered_at, self._resumed_in_vain = now, 0
        elif now - self._answered_at > self._silence_s:
            raise SubscriptionEndedError(
                "the server tells nothing of our subscription any more, only of others"
            )

    async def _upkeep(self, client: Client) -> None:
        """Between two publishes: renew the channel, try bad nodes again."""
        now = asyncio.get_running_loop().time()
        self._resumable_until = now + SESSION_TIMEOUT_S
        if now >= self._renew_at:
            await client.open_secure_channel(renew=True)
            client.uaclient.revolve_security_token()
            self._renew_later(client)
        if now >= self._retry_at:
            self._retry_at = now + self._item_retry_s
            try:
                await self._items.retry(client)
            except UaStatusCodeError as error:  # costs the retried ones only
                _log.warning("addresses not tried again", machine=self._name, why=reason(error))

    def _renew_later(self, client: Client) -> None:
        lifetime_s = client.secure_channel_timeout / 1000
        self._renew_at = asyncio.get_running_loop().time() + RENEW_AT * lifetime_s
