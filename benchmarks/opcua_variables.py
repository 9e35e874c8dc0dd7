"""An OPC UA server of many variables that all change ten times a second: a process for a benchmark.

    python benchmarks/opcua_variables.py PORT VARIABLES

It is asyncua's, but for what a notification says: a server in Python could not sample so many
values. So the bytes of all values of one instant (OPC 10000-4, 7.25.2) are laid out at once, just
as asyncua would write them. A value is the number of the instant; half of the variables are
Doubles, the others UInt32. Each line on the standard input says how many instants come next, one
in every publishing interval.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from datetime import UTC, datetime
from typing import Any

import numpy as np
from asyncua import ua
from asyncua.server import subscription_service
from asyncua.server.internal_subscription import InternalSubscription
from quick_server import quick_server

URI = "urn:bench:variables"
FOLDER = "Variables"
INTERVAL_MS = 100
_VALUE_AND_TIMES = 0b1101  # a DataValue of value, source and server time (OPC 10000-6, 5.2.2.17)
_TICKS_TO_1970 = 116_444_736_000_000_000  # of 100 ns, from 1601 on
_ENCODED = {ua.VariantType.UInt32: "<u4", ua.VariantType.Double: "<f8"}
_due = [0, 0.0]  # instants that are still to come, and when the last one came


def kind(number: int) -> ua.VariantType:
    """Of variable `number`."""
    return ua.VariantType.Double if number % 2 else ua.VariantType.UInt32


class Values:
    """What one subscription is told of an instant, for the handles of its items."""

    def __init__(self, handles: list[int]) -> None:
        self._number = 0
        self._parts = []
        for number, encoded in enumerate(_ENCODED.items()):
            variant, value = encoded
            layout = [("handle", "<u4"), ("mask", "u1"), ("type", "u1"), ("value", value)]
            part = np.zeros(
                len(handles[number::2]), [*layout, ("source", "<i8"), ("server", "<i8")]
            )
            part["handle"], part["type"] = handles[number::2], variant.value
            part["mask"] = _VALUE_AND_TIMES
            self._parts.append(part)

    def next(self, at: datetime) -> ua.ExtensionObject:
        """A DataChangeNotification."""
        self._number += 1
        ticks = round(at.timestamp() * 1e6) * 10 + _TICKS_TO_1970
        for part in self._parts:
            part["value"], part["source"], part["server"] = self._number, ticks, ticks
        count = sum(map(len, self._parts)).to_bytes(4, "little")
        nobody = (-1).to_bytes(4, "little", signed=True)  # no diagnostics
        body = count + b"".join(part.tobytes() for part in self._parts) + nobody
        encoding = ua.ObjectIds.DataChangeNotification_Encoding_DefaultBinary
        return ua.ExtensionObject(TypeId=ua.FourByteNodeId(encoding), Body=body)


class _Subscription(InternalSubscription):
    """Tells the first values as asyncua does, and then the instants that are due."""

    values: Values | None = None

    def has_published_results(self) -> bool:
        return self._is_due() or super().has_published_results()

    def _is_due(self) -> bool:
        waited_s = time.monotonic() - _due[1]
        return not self._startup and _due[0] > 0 and waited_s > 0.9 * INTERVAL_MS / 1000

    def _pop_triggered_datachanges(self, result: ua.PublishResult) -> None:
        super()._pop_triggered_datachanges(result)
        if not self._is_due():
            return
        if self.values is None:
            items = self.monitored_item_srv._monitored_items.values()
            self.values = Values([int(it.client_handle or 0) for it in items])
        _due[0], _due[1] = _due[0] - 1, time.monotonic()
        result.NotificationMessage.NotificationData.append(self.values.next(datetime.now(UTC)))


async def serve(port: int, variables: int) -> None:
    service: Any = subscription_service  # takes the class from its own names
    service.InternalSubscription = _Subscription
    server = await quick_server()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    index = await server.register_namespace(URI)
    folder = await server.nodes.objects.add_object(index, FOLDER)
    for number in range(variables):
        node, name = ua.NodeId(f"v{number}", index), f"{index}:v{number}"
        await folder.add_variable(node, name, ua.Variant(0, kind(number)))
    async with server:
        print("ready", flush=True)
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
        while line := await reader.readline():
            _due[0] += int(line)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
