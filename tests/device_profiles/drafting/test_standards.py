"""Standards that a server knows, and of which there is an object."""

from __future__ import annotations

from device_profiles.drafting.seen import SeenObject
from device_profiles.drafting.standards import STANDARDS, named, outermost, types_there

PACKML = "http://opcfoundation.org/UA/PackML/"
MACHINERY = "http://opcfoundation.org/UA/Machinery/"
FILLER = SeenObject((("urn:v", "Filler"),), frozenset({(PACKML, "PackMLBaseObjectType")}))
ADMIN = SeenObject(
    (("urn:v", "Filler"), (PACKML, "Admin")), frozenset({(PACKML, "PackMLAdminObjectType")})
)


def test_standards_among_namespaces() -> None:
    assert named(["urn:v", MACHINERY, PACKML]) == [MACHINERY, PACKML]
    assert all(
        uri.startswith("http") and "(" in STANDARDS[uri] for uri in named(list(STANDARDS)[:6])
    )


def test_objects_are_told_by_the_outermost() -> None:
    assert outermost([ADMIN, FILLER]) == [FILLER]
    assert types_there([ADMIN, FILLER]) == {PACKML: ("PackMLBaseObjectType",)}
    assert types_there([]) == {}
