"""A profile to fill in: it loads, whatever it is called."""

from __future__ import annotations

import pytest

from device_profiles.drafting.skeleton import PROTOCOLS, skeleton
from device_profiles.files.catalogue import parse
from device_profiles.files.resolve import resolve
from domain.errors import InputError


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("acme/press-7", "acme/press-7"),
        ('Press "7"', "my/press-7"),
        ("灌裝機", "my/machine"),
    ],
)
def test_it_loads_and_has_that_name(protocol: str, given: str, name: str) -> None:
    text = skeleton(given, protocol)
    profile = resolve(parse(text, "new.yaml"), {})
    assert (profile.name, profile.protocol) == (name, protocol)
    assert profile.signals == ("state", "total_count", "reject_count")
    assert text.count("#") > 10


@pytest.mark.parametrize(
    ("name", "protocol", "says"),
    [
        ("x", "opc", "unknown protocol 'opc'"),
        ("", "opcua", "this is no name"),
        ("/", "opcua", "this is no name"),
        ("a\nb", "opcua", "this is no name"),
        ("x" * 200, "opcua", "this is no name"),
    ],
)
def test_what_cannot_be_used_is_a_sentence(name: str, protocol: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        skeleton(name, protocol)
