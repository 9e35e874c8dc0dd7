"""Every packaged profile can be shown: where its values are read, and what is made of them."""

from __future__ import annotations

import pytest
from command_line import lineproof

from device_profiles.files.catalogue import names, read


@pytest.mark.parametrize("name", names())
def test_each_profile_can_be_shown(name: str) -> None:
    shown = lineproof("profile", "show", name, "--json").json
    model = read(name)
    assert (shown["profile"], shown["protocol"]) == (name, model.protocol)
    assert shown["signals"].keys() == model.signals.keys()
    assert shown["inputs"].keys() == model.inputs.keys()
    assert all(place for places in shown["inputs"].values() for place in places)


def test_where_values_are_read() -> None:
    shown = lineproof("profile", "show", "generic/sparkplug-b", "--json").json
    assert shown["inputs"]["good_count"] == ["the metric of parameter 'good_count'"]
