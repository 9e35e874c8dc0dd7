"""The companion specifications of OPC UA that a server says it follows, by namespace URI. Pure.

That a server knows a model is no sign that a machine of its kind is there: an object of one of its
types is. What each standard calls its states is in the packaged profiles, not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from device_profiles.drafting.seen import SeenObject

_AT: Final = "http://opcfoundation.org/UA/"
STANDARDS: Final[dict[str, str]] = {
    f"{_AT}PackML/": "PackML (OPC 30050)",
    f"{_AT}TMC/": "tobacco machines (OPC 30060; its state numbers are not PackML's)",
    f"{_AT}TMC/v2/": "tobacco machines (OPC 30060; its state numbers are not PackML's)",
    f"{_AT}Machinery/": "Machinery (OPC 40001-1)",
    f"{_AT}Machinery/Jobs/": "jobs of Machinery (OPC 40001-3)",
    f"{_AT}Machinery/ProcessValues/": "process values of Machinery (OPC 40001-2)",
    f"{_AT}MachineTool/": "MachineTool (OPC 40501-1)",
    f"{_AT}CNC": "CNC (OPC 40502)",
    f"{_AT}CNC/": "CNC (OPC 40502)",
    f"{_AT}Weihenstephan/": "Weihenstephan Standards (OPC 40600)",
    f"{_AT}PlasticsRubber/GeneralTypes/": "EUROMAP 83 (OPC 40083)",
    f"{_AT}PlasticsRubber/IMM2MES/": "EUROMAP 77 (OPC 40077)",
    "http://www.euromap.org/euromap77/": "EUROMAP 77",
    "http://www.euromap.org/euromap83/": "EUROMAP 83",
    f"{_AT}Robotics/": "Robotics (OPC 40010-1)",
    f"{_AT}Glass/Flat/": "flat glass (OPC 40301)",
    f"{_AT}Glass/Flat/v2/": "flat glass (OPC 40301)",
    "http://opcfoundation.org/UA/Woodworking/": "Woodworking (OPC 40550-1)",
    "http://www.OPCFoundation.org/UA/2013/01/ISA95": "ISA-95 (OPC 10030)",
    f"{_AT}CommercialKitchenEquipment/": "commercial kitchens (OPC 30200)",
    f"{_AT}LADS/": "laboratory devices (OPC 30500)",
}


def named(namespaces: Sequence[str]) -> list[str]:
    """The URIs of standards among them, in their order."""
    return [it for it in namespaces if it in STANDARDS]


def outermost(objects: Sequence[SeenObject]) -> list[SeenObject]:
    """Without those inside another one."""
    paths = {it.path for it in objects}
    return [
        it for it in objects if not any(it.path[:end] in paths for end in range(1, len(it.path)))
    ]


def types_there(objects: Sequence[SeenObject]) -> dict[str, tuple[str, ...]]:
    """Of each standard's URI the type names of which the server has an object that is in no other
    object of that standard; sorted."""
    of: dict[str, list[SeenObject]] = {}
    for it in objects:
        for uri in {uri for uri, _ in it.kinds} & STANDARDS.keys():
            of.setdefault(uri, []).append(it)
    return {
        uri: tuple(sorted({name for it in outermost(some) for own, name in it.kinds if own == uri}))
        for uri, some in sorted(of.items())
    }
