"""A variable of a folder as a signal: what the profile says of it, made when it is told first."""

from __future__ import annotations

from device_profiles.model.addresses import OpcUaAddress
from device_profiles.model.measurement_name import measurement_name
from device_profiles.model.node_text import parse_steps
from device_profiles.model.profile import Input, NumberRule, Profile, Source
from domain.errors import InputError


def folder_member(profile: Profile, address: str) -> tuple[Input, NumberRule] | None:
    """The input and rule of an address (its key) in one of the profile's folders; None: it is in
    none of them. The input is called as the signal."""
    for folder in profile.folders:
        above, below = f"{folder.node.key}/", address.removeprefix(f"{folder.node.key}/")
        if not address.startswith(above):
            continue
        try:
            path = parse_steps(below, "")
        except InputError:
            continue
        signal = measurement_name([name for _, name in path])
        if folder.takes(path) and signal not in folder.taken:
            read = OpcUaAddress(folder.node.start, (*folder.node.path, *path), optional=True)
            rule = NumberRule(signal, signal, 1.0, 0.0, (1, 1))
            return Input(signal, (Source(read),)), rule
    return None
