"""The monitored items of one subscription: what the server watches, and what it reports.

An item that the server refuses is reported, counted and tried again; the others go on. The first
value of a new item is left out if it was handed over before (same source time, value and status),
so that nothing is doubled by a reconnect.

A monitored item reports changes (OPC 10000-4, 7.22.2), so between its first value and the next one
nothing changed. When the next one comes, the first is reported once more, as unchanged, for the
moment at which it arrived: so what a counter adds then is not spread over time before anybody
watched. Any sooner, it could overtake a change if the server's clock is behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds

from device_profiles.decoding.source_time import is_possible
from device_profiles.model.addresses import OpcUaAddress, OpcUaFolder
from domain.samples import Quality
from domain.time import instant
from edge.sources.opcua.data_changes import DataChanges
from edge.sources.opcua.folders import look_inside
from edge.sources.opcua.gathered import Gathered, GatheredValue
from edge.sources.opcua.history_window import LastValue
from edge.sources.opcua.node_ids import NodesThere
from edge.sources.opcua.nodes import Found, Nodes, NotFound, nodes_of, portions
from edge.sources.opcua.settings import OpcUaSettings
from edge.sources.opcua.values import (
    Structures,
    UnknownStructureError,
    overflowed,
    quality_of,
    status_name,
)
from edge.sources.reporter import Reporter

_log = structlog.get_logger(__name__)

_Seen = tuple[int | None, Quality, Any]  # source time (microseconds since 1970), quality, value

STRUCTURE_DEPTH_MAX = 8  # structures in structures that are learnt for one value

_SAMPLING_MAX_MS = 3_600_000.0  # what a server says beyond it is no interval


class Items:
    def __init__(
        self,
        addresses: Sequence[OpcUaAddress | OpcUaFolder],
        settings: OpcUaSettings,
        reporter: Reporter,
    ) -> None:
        self._addresses = tuple(addresses)
        self._settings = settings
        self._reporter = reporter
        self._subscription = 0
        self._structures: Structures | None = None
        self._next_handle = 1
        self._keys: dict[int, str] = {}  # of addresses, by handle
        self.nodes: dict[str, ua.NodeId] = {}  # that are watched, by address key
        # Refused or not found, to be tried again.
        self._waiting: list[OpcUaAddress | OpcUaFolder] = []
        self._there = NodesThere()
        self._first: set[int] = set()  # handles whose first value is still to come
        self._gathered = Gathered()
        self._last: dict[str, _Seen] = {}  # by address key, across connections
        self._began: dict[str, datetime] = {}  # when the item's first value arrived
        self._complete: datetime | None = None  # all changes up to then were handed over
        self._queue_least = settings.queue_size  # of all items, as the server grants it
        self._sampling = timedelta()  # the longest interval at which the server looks

    def complete(self, asked: datetime) -> None:
        """All that the server knew when it was asked, at `asked`, has been handed over."""
        waits = timedelta(milliseconds=self._settings.publishing_interval_ms)
        self._complete = asked - self._sampling - waits

    @property
    def all_began(self) -> bool:
        """Whether the first value of everything that is watched has been handed over."""
        return not self._first

    def held(self) -> dict[str, LastValue]:
        """What was handed over last, by address key."""
        return {
            key: LastValue(None if time_us is None else instant(time_us), quality, value)
            for key, (time_us, quality, value) in self._last.items()
        }

    @property
    def tell_what_is_dropped(self) -> bool:
        """Whether the server marks it when a queue overflows: a queue of one value has no mark
        (OPC 10000-4, 5.13.1.5)."""
        return self._queue_least > 1

    async def start(self, client: Client, subscription: int) -> None:
        """Makes a new subscription watch all addresses.

        Raises what the session raises when the connection fails.
        """
        self._subscription = subscription
        self._there = NodesThere()
        nodes = await nodes_of(client, self._there)
        self._structures = Structures(client.uaclient.session, nodes.namespaces)
        self._keys, self._first, self._began = {}, set(), {}
        self.drop()  # what was left of the subscription before: of a time that is not known anyway
        self.nodes = {}
        self._queue_least = self._settings.queue_size
        await self._watch(client, nodes, self._addresses)

    async def retry(self, client: Client) -> None:
        """Try again those that the server did not have or refused."""
        if self._waiting:
            nodes = await nodes_of(client, self._there)
            await self._watch(client, nodes, tuple(self._waiting))

    async def gather(self, changes: DataChanges, received: datetime) -> None:
        """Decode a notification's values and keep them for `hand_over`, all or none.

        Raises what the session raises when the server is asked for a structure in vain.
        """
        values, raws = list(changes.values), dict[int, Any]()
        for row, value in enumerate(values):
            if isinstance(value, ua.Variant):
                values[row] = await self.plain(value)
                if isinstance(values[row], ValueError):
                    raws[row] = value
        self._gathered.add(changes, values, raws, received)

    @property
    def gathered(self) -> int:
        return len(self._gathered)

    def drop(self) -> None:
        """Forget what was gathered."""
        self._gathered = Gathered()

    def hand_over(self) -> bool:
        """Report what was gathered, by source time; at the same time in the server's order. False
        where the server dropped some of it."""
        gathered = self._gathered.by_source_time()
        self.drop()
        dropped = sorted(self._dropped(gathered))
        if dropped:
            self._reporter.overflowed(
                f"the server dropped values of {', '.join(dropped)}: its queue of "
                f"{self._settings.queue_size} overflowed"
            )
        # Before all else: between two values of one instant nothing may stand.
        if self._began:
            for it in gathered.rows():
                self._tell_unchanged(it)
        if not self._report_together(gathered):
            for it in gathered.rows():
                self._report(it)
        return not dropped

    def _report_together(self, gathered: Gathered) -> bool:
        """All at once, unless one of them needs a look of its own, as the first of an item does."""
        times_us = [it for it in gathered.times_us if it is not None]
        keys = [self._keys[it] for it in gathered.handles if it in self._keys]
        is_alike = len(gathered) == len(times_us) == len(keys) and len(set(gathered.received)) == 1
        if not is_alike or gathered.raws or not self._first.isdisjoint(gathered.handles):
            return False
        if not all(map(self._last.__contains__, keys)):
            return False
        judged = {it: _quality(it) for it in set(gathered.statuses)}
        qualities = [judged[it][0] for it in gathered.statuses]
        others = {}
        if any(qualities):
            for row, (key, it) in enumerate(zip(keys, gathered.rows(), strict=True)):
                if qualities[row] is not Quality.GOOD:
                    others[row] = self._reporter.made(
                        key,
                        it.value,
                        it.time,
                        it.received,
                        qualities[row],
                        not_before=self._complete,
                        status=judged[it.status][1],
                    )
        seen = zip(times_us, qualities, gathered.values, strict=True)
        self._last.update(zip(keys, seen, strict=True))
        self._reporter.readings(
            keys,
            gathered.values,
            times_us,
            gathered.received[0],
            not_before=self._complete,
            others=others,
        )
        return True

    def _dropped(self, gathered: Gathered) -> set[str]:
        """Of which items the server dropped values."""
        marked = {it for it in set(gathered.statuses) if overflowed(ua.StatusCode(ua.UInt32(it)))}
        if not marked:
            return set()
        return {self._key(it.handle) for it in gathered.rows() if it.status in marked}

    async def _watch(
        self, client: Client, nodes: Nodes, addresses: Sequence[OpcUaAddress | OpcUaFolder]
    ) -> None:
        self._waiting = []
        found: list[Found] = []
        inside = await look_inside(nodes, addresses)
        for key in inside.there:
            self._reporter.address_works(key)
        for folder, why in inside.left_out:
            self._reporter.rejection_at_times(folder.key, "", self._reporter.now(), why)
        singles = [it for it in addresses if isinstance(it, OpcUaAddress)]
        for result in [*await nodes.find(singles), *inside.results]:
            if isinstance(result, NotFound):
                self._refused(result.address, result.why, result.status, result.there)
            else:
                found.append(result)
        for some in portions(found, nodes.limits.items):
            await self._create(client, some)

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
            self._keys[handle] = item.address.key
            self._first.add(handle)
        results = await client.uaclient.session.create_monitored_items(parameters)
        for handle, item, result in zip(handles, found, results, strict=True):
            if not result.StatusCode.is_good():
                del self._keys[handle]
                self._first.discard(handle)
                status = result.StatusCode.name
                self._refused(item.address, f"the server refuses it ({status})", status)
                continue
            self.nodes[item.address.key] = item.node
            self._reporter.address_works(item.address.key)
            self._queue_least = min(self._queue_least, int(result.RevisedQueueSize))
            revised_ms = min(max(float(result.RevisedSamplingInterval), 0.0), _SAMPLING_MAX_MS)
            self._sampling = max(self._sampling, timedelta(milliseconds=revised_ms))
        self._log_short_queues([it for it in results if it.StatusCode.is_good()])

    def _log_short_queues(self, watched: Sequence[ua.MonitoredItemCreateResult]) -> None:
        asked = self._settings.queue_size
        kept = [size for it in watched if (size := int(it.RevisedQueueSize)) < asked]
        if kept:
            _log.warning(
                "the server keeps fewer values than asked for",
                machine=self._reporter.machine,
                addresses=len(kept),
                asked=asked,
                kept=min(kept),
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

    def _refused(
        self,
        address: OpcUaAddress | OpcUaFolder,
        why: str,
        status: str,
        there: tuple[str, ...] = (),
    ) -> None:
        self._waiting.append(address)
        if not address.optional:
            self._reporter.address_failed(address.key, why, status, there)
        if self._last.pop(address.key, None) is not None:
            # It was served before: what it said then does not hold any longer.
            now = self._reporter.now()
            self._reporter.reading(address.key, None, None, now, Quality.BAD)

    def _key(self, handle: int) -> str:
        return self._keys.get(handle, f"handle {handle}")

    def _report(self, it: GatheredValue) -> None:
        key, time = self._key(it.handle), it.time
        if isinstance(it.value, ValueError):
            self._reporter.rejection(key, it.raw, time, it.received, str(it.value))
            return
        not_before = self._not_before(key)
        quality, status = _quality(it.status)
        seen = it.time_us, quality, it.value
        first = it.handle in self._first
        self._first.discard(it.handle)
        if first:
            self._began[key] = it.received
        if first and time is not None and self._last.get(key) == seen:
            self._reporter.repeated()
            return
        self._last[key] = seen
        self._reporter.reading(
            key, it.value, time, it.received, quality, not_before=not_before, status=status
        )

    def _not_before(self, key: str) -> datetime | None:
        """Up to when all changes of an address are known; None before its first value."""
        return self._complete if key in self._last else None

    def _tell_unchanged(self, it: GatheredValue) -> None:
        """Reports, before the second value of an item, that the first one still held when it
        arrived."""
        if not self._began or it.handle in self._first:
            return
        key, next_time = self._key(it.handle), it.time
        began, seen = self._began.pop(key, None), self._last.get(key)
        if began is None or seen is None or next_time is None:
            return
        time_us, quality, value = seen
        if not is_possible(next_time, it.received, self._not_before(key)):
            next_time = it.received  # which is where it will stand
        if time_us is not None and instant(time_us) < began < next_time:
            self._reporter.unchanged(key, value, began, quality)

    async def plain(self, variant: ua.Variant | None) -> Any:
        """The plain value, or why there is none; learns structures from the server first."""
        assert self._structures is not None
        for _ in range(STRUCTURE_DEPTH_MAX):
            try:
                return self._structures.plain(variant)
            except UnknownStructureError as error:
                await self._structures.learn(error.type_id)
            except ValueError as error:
                return error
        return ValueError("structures are nested too deeply")


def _quality(status: int) -> tuple[Quality, str]:
    """By a status code, and what OPC UA calls that, where it is bad."""
    code = ua.StatusCode(ua.UInt32(status))
    quality = quality_of(code)
    return quality, status_name(code) if quality is Quality.BAD else ""
