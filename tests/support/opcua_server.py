"""An asyncua server in the test's own event loop: counters in a vendor's namespace."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from asyncua import Node, Server, ua
from asyncua.server.history import HistoryDict
from certificates import Certificate
from peers import free_port
from quick_server import quick_server

from device_profiles.model.addresses import OpcUaAddress, OpcUaStart

VENDOR = "urn:vendor:machine"


def counting_machine(url: str, name: str = "") -> dict[str, Any]:
    """A machine with the variables <name>State and <name>Total, as a configuration has it."""
    return {
        "profile": "generic/opcua-counters",
        "parameters": {
            "state": f"{VENDOR}:Counters/{name}State",
            "total_count": f"{VENDOR}:Counters/{name}Total",
            "state_codes": "1=producing, 2=stopped",
        },
        "connection": {"url": url, "security": "none", "publishing_interval_ms": "50"},
    }


class KeptHistory(HistoryDict):
    """What servers record, over their restarts, by the names of their variables."""

    async def new_historized_node(
        self, node_id: ua.NodeId, period: timedelta | None, count: int = 0
    ) -> None:
        if node_id not in self._datachanges:
            await super().new_historized_node(node_id, period, count)

    def of(self, name: str) -> list[ua.DataValue]:
        """The records of a variable, as they are kept."""
        return next(it for node, it in self._datachanges.items() if node.Identifier == name)


class OpcUaServer:
    def __init__(self, server: Server, port: int, index: int, counters: Node) -> None:
        self.server = server
        self.port = port
        self._index = index
        self._counters = counters
        self._nodes: dict[str, Node] = {}

    @property
    def url(self) -> str:
        return f"opc.tcp://127.0.0.1:{self.port}"

    @property
    def subscriptions(self) -> int:
        """Subscriptions that the server holds for its clients."""
        return len(self.server.iserver.subscription_service.subscriptions)

    async def add(self, name: str, value: Any) -> None:
        """A variable Objects/Counters/<name>."""
        self._nodes[name] = await self._counters.add_variable(
            ua.NodeId(name, self._index), f"{self._index}:{name}", value
        )

    async def write(
        self,
        name: str,
        value: Any,
        time: datetime | None = None,
        *,
        status: int = 0,
    ) -> datetime:
        """Set a value with its source time (now, in whole milliseconds); gives that time."""
        now = datetime.now(UTC)
        time = time or now.replace(microsecond=now.microsecond // 1000 * 1000)
        await self._nodes[name].write_value(
            ua.DataValue(ua.Variant(value), ua.StatusCode(status), SourceTimestamp=time)
        )
        return time


@contextlib.asynccontextmanager
async def opcua_server(
    *,
    port: int | None = None,
    variables: Mapping[str, tuple[Any, datetime]] | None = None,
    whole: bool = False,
    history: KeptHistory | None = None,
    own: Certificate | None = None,
) -> AsyncIterator[OpcUaServer]:
    """A server with Objects/Counters in namespace VENDOR, without security.

    `variables`, with value and source time, are there before anybody can connect. `whole`: with
    all nodes of the standard. `history`: of the variables. `own`: the server's certificate,
    by which it decrypts passwords.
    """
    port = port or free_port()
    server = await quick_server(whole=whole)
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    if own is not None:
        await server.load_certificate(own.certificate)
        await server.load_private_key(own.key)
    index = await server.register_namespace(VENDOR)
    counters = await server.nodes.objects.add_object(index, "Counters")
    made = OpcUaServer(server, port, index, counters)
    if history is not None:
        server.iserver.history_manager.set_storage(history)
    for name, (value, time) in (variables or {}).items():
        await made.add(name, value)
        await made.write(name, value, time)
        if history is not None:
            await server.historize_node_data_change(server.get_node(ua.NodeId(name, index)))
    async with server:
        yield made


def counter(name: str) -> OpcUaAddress:
    return OpcUaAddress(OpcUaStart(), ((VENDOR, "Counters"), (VENDOR, name)))
