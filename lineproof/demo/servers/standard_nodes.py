"""The standard nodes of the demo's OPC UA server: those that it has a use for.

A server on a machine offers the part of the standard's nodes that its facets need (OPC 10000-7):
the demo's has data access, state machines and custom structures, but no alarms, roles, PubSub,
certificate management or the type dictionaries that structure definitions have replaced. The
library would hold all 6,174 nodes of the standard in memory; what is left out here is never made.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path

import asyncua.server
from asyncua import ua
from asyncua.server.address_space import NodeManagementService
from asyncua.server.internal_server import InternalServer
from asyncua.ua.object_ids import ObjectIds

# With everything below them.
_LEFT_OUT = (
    ObjectIds.AlarmGroupType,
    ObjectIds.AuditEventType,
    ObjectIds.CertificateGroupFolderType,
    ObjectIds.CertificateGroupType,
    ObjectIds.ConditionType,
    ObjectIds.DataSetReaderType,
    ObjectIds.OPCBinarySchema_TypeSystem,
    ObjectIds.ProgramStateMachineType,
    ObjectIds.PubSubConnectionType,
    ObjectIds.PubSubDiagnosticsType,
    ObjectIds.PubSubGroupType,
    ObjectIds.PubSubKeyServiceType,
    ObjectIds.PublishSubscribe,
    ObjectIds.Server_ServerCapabilities_RoleSet,
    ObjectIds.ServerConfiguration,
    ObjectIds.ServerConfigurationType,
    ObjectIds.XmlSchema_TypeSystem,
)
# Of the structures, with their encodings.
_STRUCTURES = (
    ObjectIds.Argument,
    ObjectIds.BuildInfo,
    ObjectIds.EnumDefinition,
    ObjectIds.EnumField,
    ObjectIds.EnumValueType,
    ObjectIds.EUInformation,
    ObjectIds.Range,
    ObjectIds.ServerStatusDataType,
    ObjectIds.SignedSoftwareCertificate,
    ObjectIds.StructureDefinition,
    ObjectIds.StructureField,
    ObjectIds.TimeZoneDataType,
)
_TEXT = "asyncua.server.standard_address_space"


class StandardNodes(InternalServer):
    """The library's server with those nodes alone."""

    async def load_standard_address_space(self, shelf_file: Path | None = None) -> None:
        await asyncio.to_thread(_fill, _Chosen(self.node_mgt_service))


def _fill(chosen: _Chosen) -> None:
    """Go through the standard's nodes. They are written out as 9 MB of program text, which is
    let go again: a server that starts later loads it anew."""
    from asyncua.server.standard_address_space.standard_address_space import fill_address_space

    fill_address_space(chosen)  # type: ignore[no-untyped-call]  # asyncua leaves it so
    for name in [name for name in sys.modules if name.startswith(_TEXT)]:
        del sys.modules[name]
    delattr(asyncua.server, _TEXT.rpartition(".")[2])


class _Chosen:
    """Passes on what is chosen. A node may come before the one that it stands below."""

    def __init__(self, service: NodeManagementService) -> None:
        self._service = service
        self._left_out = {ua.NodeId(ua.Int32(number)) for number in _LEFT_OUT}
        self._structure = ua.NodeId(ua.Int32(ObjectIds.Structure))
        self._structures = {ua.NodeId(ua.Int32(number)) for number in _STRUCTURES}

    def try_add_nodes(
        self, nodes: Iterable[ua.AddNodesItem], check: bool = True
    ) -> Iterable[ua.AddNodesItem]:
        """Those that wait for the node that they stand below."""
        waiting, before = list(nodes), -1
        while len(waiting) != before:
            before = len(waiting)
            chosen = [it for it in waiting if self._is_chosen(it)]
            waiting = list(self._service.try_add_nodes(chosen, check=check))
        return waiting

    def try_add_references(
        self, references: Iterable[ua.AddReferencesItem]
    ) -> Iterable[ua.AddReferencesItem]:
        ends = self._left_out
        return self._service.try_add_references(
            [it for it in references if it.SourceNodeId not in ends and it.TargetNodeId not in ends]
        )

    def _is_chosen(self, node: ua.AddNodesItem) -> bool:
        me, parent = node.RequestedNewNodeId, node.ParentNodeId
        if me in self._left_out:
            return False
        unwanted = (
            parent in self._left_out
            or node.TypeDefinition in self._left_out
            or (parent == self._structure and me not in self._structures)
        )
        if unwanted:
            self._left_out.add(me)
        return not unwanted
