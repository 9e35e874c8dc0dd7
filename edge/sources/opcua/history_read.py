"""Reads the history of single nodes (HistoryRead with ReadRawModifiedDetails, OPC 10000-11, 6.5.3),
in pages and no more than asked for.

Servers page by continuation points, and some only cut off what is beyond NumValuesPerNode. Both are
followed; a continuation point that is not used up is released.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.uaerrors import UaStatusCodeError, UaStructParsingError

from domain.samples import Quality
from edge.sources.opcua.errors import reason
from edge.sources.opcua.history_window import HistoryDoubtError, Recorded, in_order
from edge.sources.opcua.values import quality_of, source_time_of, status_name

PAGE_VALUES = 1000  # asked for by one request
LOOK_BACK = timedelta(days=31)  # for a value that stood unchanged
_HISTORY_READ = 1 << ua.AccessLevel.HistoryRead
_NOTHING = ("BadNoData", "BadBoundNotFound")  # of the time that was asked for

Decode = Callable[[ua.Variant | None], Awaitable[Any]]  # its plain value, or the ValueError why not


class TooManyError(Exception):
    """There are more values than were to be read."""


class HistoryReader:
    """Of one server during one connection. `decode` gives a value in its plain form.

    All methods raise what the session raises when the connection fails, and HistoryDoubtError where
    the server refuses or its answer cannot be used.
    """

    def __init__(self, client: Client, decode: Decode) -> None:
        self._session = client.uaclient.session
        self._decode = decode

    async def clock(self) -> tuple[datetime, datetime]:
        """When the server was started, and its time now."""
        started = await self._time(ObjectIds.Server_ServerStatus_StartTime)
        return started, await self._time(ObjectIds.Server_ServerStatus_CurrentTime)

    async def is_kept(self, node: ua.NodeId) -> bool:
        """Whether the server keeps the history of that node, and lets us read it."""
        access = await self._attribute(node, AttributeIds.UserAccessLevel)
        recorded = await self._attribute(node, AttributeIds.Historizing)
        return recorded is True and isinstance(access, int) and bool(access & _HISTORY_READ)

    async def records(
        self, node: ua.NodeId, begin: datetime, end: datetime, most: int
    ) -> list[Recorded]:
        """All of that time, both ends included. Raises TooManyError for more than `most`."""
        found: list[Recorded] = []
        first = begin
        while True:
            page = await self._page(node, first, end, most - len(found))
            found += page
            if len(page) < PAGE_VALUES:
                return in_order(found, begin, end)
            if page[-1].time <= first:
                raise TooManyError
            first = page[-1].time

    async def newest(self, node: ua.NodeId, until: datetime) -> Recorded | None:
        """The last record up to a time; None: there is none of LOOK_BACK before it."""
        values, point = await self._request(node, until, until - LOOK_BACK, None, most=1)
        if point is not None:
            await self._release(node, until, until - LOOK_BACK, point)
        return await self._record(values[0]) if values else None

    async def _page(
        self, node: ua.NodeId, begin: datetime, end: datetime, most: int
    ) -> list[Recorded]:
        """As much as the server gives of it at once and behind its continuation points; PAGE_VALUES
        or more: there may be others behind them."""
        found: list[Recorded] = []
        point: bytes | None = None
        try:
            while True:
                values, point = await self._request(node, begin, end, point)
                found += [await self._record(it) for it in values]
                if len(found) > most:
                    raise TooManyError
                if point is None:
                    return found
                if not values:
                    raise HistoryDoubtError("the server gives an empty page of its history")
        except (TooManyError, HistoryDoubtError):
            if point is not None:
                await self._release(node, begin, end, point)
            raise

    async def _release(self, node: ua.NodeId, begin: datetime, end: datetime, point: bytes) -> None:
        with contextlib.suppress(HistoryDoubtError):
            await self._request(node, begin, end, point, is_release=True)

    async def _request(
        self,
        node: ua.NodeId,
        begin: datetime,
        end: datetime,
        point: bytes | None,
        *,
        most: int | None = None,
        is_release: bool = False,
    ) -> tuple[list[ua.DataValue], bytes | None]:
        """The values of one answer, and its continuation point; backwards if `begin` is later."""
        details = ua.ReadRawModifiedDetails()
        details.IsReadModified = False
        details.StartTime, details.EndTime = begin, end
        details.NumValuesPerNode = ua.Counter(PAGE_VALUES if most is None else most)
        details.ReturnBounds = False
        wanted = ua.HistoryReadValueId()
        wanted.NodeId = node
        wanted.ContinuationPoint = point
        parameters = ua.HistoryReadParameters()
        parameters.HistoryReadDetails = details
        parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
        parameters.ReleaseContinuationPoints = is_release
        parameters.NodesToRead.append(wanted)
        try:
            (result,) = await self._session.history_read(parameters)
        except (UaStatusCodeError, UaStructParsingError, ValueError) as error:
            raise HistoryDoubtError(f"the server refuses it: {reason(error)}") from error
        if not result.StatusCode.is_good() and result.StatusCode.name not in _NOTHING:
            raise HistoryDoubtError(f"the server refuses it: {result.StatusCode.name}")
        values = getattr(result.HistoryData, "DataValues", None) or []
        return list(values), result.ContinuationPoint or None

    async def _record(self, data: ua.DataValue) -> Recorded:
        time = source_time_of(data)
        if time is None:
            raise HistoryDoubtError("its values have no times")
        quality = quality_of(data.StatusCode)
        value = await self._decode(data.Value)
        if isinstance(value, ValueError):
            raise HistoryDoubtError(f"it holds a value that cannot be read: {value}")
        status = status_name(data.StatusCode) if quality is Quality.BAD else ""
        return Recorded(time, _aware(data.ServerTimestamp), quality, value, status)

    async def _attribute(self, node: ua.NodeId, attribute: AttributeIds) -> Any:
        (answer,) = await self._session.read_attributes([node], attribute)
        return answer.Value.Value if answer.Value is not None else None

    async def _time(self, said: int) -> datetime:
        time = await self._attribute(ua.NodeId(ua.Int32(said)), AttributeIds.Value)
        if not isinstance(time, datetime):
            raise HistoryDoubtError("the server does not say its time, or when it was started")
        return time if time.tzinfo else time.replace(tzinfo=UTC)


def _aware(time: datetime | None) -> datetime | None:
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time
