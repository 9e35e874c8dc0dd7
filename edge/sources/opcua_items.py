"""The monitored items of one subscription: what the server watches, and what it reports.

An item that the server refuses is told, counted and tried again; the others live. The value
that a new item begins with is left out when it was handed over before (same source time,
value and status), so that a reconnect doubles nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds

from device_profiles.addresses import OpcUaAddress
from domain.samples import Quality
from edge.sources.opcua_nodes import Found, NotFound, nodes_of
from edge.sources.opcua_settings import OpcUaSettings
from edge.sources.opcua_values import (
    Structures,
    UnknownStructureError,
    overflowed,
    quality_of,
    source_time_of,
)
from edge.sources.reporter import Reporter

_log = structlog.get_logger(__name__)

ITEMS_AT_ONCE = 200  # requested in one call; small controllers refuse more
STRUCTURE_DEPTH_MAX = 8  # structures in structures that are learnt for one value


@dataclass(frozen=True, slots=True)
class _Seen:
    source_time: datetime | None
    quality: Quality
    value: Any


class Items:
    def __init__(
        self, addresses: Sequence[OpcUaAddress], settings: OpcUaSettings, reporter: Reporter
    ) -> None:
        self._addresses = tuple(addresses)
        self._settings = settings
        self._reporter = reporter
        self._subscription = 0
        self._structures: Structures | None = None
        self._next_handle = 1
        self._by_handle: dict[int, OpcUaAddress] = {}
        self._waiting: list[OpcUaAddress] = []  # refused or not found, to be tried again
        self._first: set[int] = set()  # handles whose first value is still to come
        self._last: dict[str, _Seen] = {}  # by address key, across connections

    async def start(self, client: Client, subscription: int) -> None:
        """Have a new subscription watch all addresses.

        Raises what the session raises when the connection fails.
        """
        self._subscription = subscription
        self._structures = Structures(client.uaclient.session)
        self._by_handle, self._first = {}, set()
        await self._watch(client, self._addresses)

    async def retry(self, client: Client) -> None:
        """Try again those that the server did not have or refused."""
        if self._waiting:
            await self._watch(client, tuple(self._waiting))

    async def take(
        self, notifications: Iterable[ua.MonitoredItemNotification], received: datetime
    ) -> None:
        """Hand over a notification's values in the server's order."""
        items = list(notifications)
        dropped = [item for item in items if overflowed(item.Value.StatusCode)]
        if dropped:
            keys = sorted({self._key(item.ClientHandle) for item in dropped})
            self._reporter.overflowed(
                f"the server dropped values of {', '.join(keys)}: its queue of "
                f"{self._settings.queue_size} overflowed"
            )
        # All are decoded before the first is handed over: decoding may ask the server, and if
        # that fails the whole notification comes again.
        decoded = [(item, await self._decode(item.Value)) for item in items]
        for item, value in decoded:
            self._report(item, value, received)

    async def _watch(self, client: Client, addresses: Sequence[OpcUaAddress]) -> None:
        self._waiting = []
        found: list[Found] = []
        for result in await (await nodes_of(client)).find(addresses):
            if isinstance(result, NotFound):
                self._refused(result.address, result.why)
            else:
                found.append(result)
        for first in range(0, len(found), ITEMS_AT_ONCE):
            await self._create(client, found[first : first + ITEMS_AT_ONCE])

    async def _create(self, client: Client, found: Sequence[Found]) -> None:
        """CreateMonitoredItems (OPC 10000-4, 5.13.2)."""
        handles = range(self._next_handle, self._next_handle + len(found))
        self._next_handle += len(found)
        parameters = ua.CreateMonitoredItemsParameters()
        parameters.SubscriptionId = ua.IntegerId(self._subscription)
        parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
        for handle, item in zip(handles, found, strict=True):
            parameters.ItemsToCreate.append(self._request(handle, item.node))
            # Before the answer: the first notification may overtake it.
            self._by_handle[handle] = item.address
            self._first.add(handle)
        results = await client.uaclient.session.create_monitored_items(parameters)
        for handle, item, result in zip(handles, found, results, strict=True):
            if not result.StatusCode.is_good():
                del self._by_handle[handle]
                self._first.discard(handle)
                self._refused(item.address, f"the server refuses it ({result.StatusCode.name})")
                continue
            self._reporter.address_works(item.address.key)
            if result.RevisedQueueSize < self._settings.queue_size:
                _log.warning(
                    "the server keeps fewer values than asked for",
                    address=item.address.key,
                    asked=self._settings.queue_size,
                    kept=int(result.RevisedQueueSize),
                )

    def _request(self, handle: int, node: ua.NodeId) -> ua.MonitoredItemCreateRequest:
        change = ua.DataChangeFilter()
        change.Trigger = ua.DataChangeTrigger.StatusValue
        request = ua.MonitoredItemCreateRequest()
        request.ItemToMonitor.NodeId = node
        request.ItemToMonitor.AttributeId = AttributeIds.Value
        request.MonitoringMode = ua.MonitoringMode.Reporting
        wanted = request.RequestedParameters
        wanted.ClientHandle = ua.IntegerId(handle)
        wanted.SamplingInterval = ua.Duration(self._settings.sampling_interval_ms)
        wanted.QueueSize = ua.Counter(self._settings.queue_size)
        wanted.Filter = change
        return request

    def _refused(self, address: OpcUaAddress, why: str) -> None:
        self._waiting.append(address)
        if not address.optional:
            self._reporter.address_failed(address.key, why)

    def _key(self, handle: int) -> str:
        address = self._by_handle.get(handle)
        return address.key if address is not None else f"handle {handle}"

    def _report(self, item: ua.MonitoredItemNotification, value: Any, received: datetime) -> None:
        key = self._key(item.ClientHandle)
        time = source_time_of(item.Value)
        if isinstance(value, ValueError):
            self._reporter.rejection(key, item.Value.Value, time, received, str(value))
            return
        seen = _Seen(time, quality_of(item.Value.StatusCode), value)
        first = item.ClientHandle in self._first
        self._first.discard(item.ClientHandle)
        if first and time is not None and self._last.get(key) == seen:
            self._reporter.repeated()
            return
        self._last[key] = seen
        self._reporter.reading(key, value, time, received, seen.quality)

    async def _decode(self, data: ua.DataValue) -> Any:
        """The plain value, or why there is none; learns structures from the server first."""
        assert self._structures is not None
        for _ in range(STRUCTURE_DEPTH_MAX):
            try:
                return self._structures.plain(data.Value)
            except UnknownStructureError as error:
                await self._structures.learn(error.type_id)
            except ValueError as error:
                return error
        return ValueError("structures are nested too deeply")
