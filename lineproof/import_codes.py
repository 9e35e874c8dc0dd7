"""Raw codes of state and mode in a history file, as a device profile decodes them."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from device_profiles import catalogue
from device_profiles.profile import CodeRule, Profile
from device_profiles.values import symbol
from domain.errors import InputError
from domain.plant import Machine
from lineproof.import_rows import RawCodes

_SIGNALS = ("state", "mode")
_Codes = Mapping[str, str]


def raw_codes(name: str, machines: Mapping[str, Machine]) -> tuple[RawCodes, dict[str, str]]:
    """What decodes raw values of the machines, and machine → digest of the profile.

    Raises NotFoundError, or InputError when the profile makes the state of several values, so
    that no single code can stand for it.
    """
    profiles = {key: _loaded(name, machine) for key, machine in machines.items()}
    tables = {key: _tables(profile) for key, profile in profiles.items()}
    if not any("state" in found for found in tables.values()):
        raise InputError(
            f"profile '{name}' has no table of state codes",
            where="--profile",
            todo="Import states by the names of the closed list, without --profile.",
        )

    def decode(machine: str, signal: str, raw: str) -> str | None:
        codes = tables[machine].get(signal) if machine in tables else None
        name = None if codes is None else codes.get(_symbol(raw))
        return None if name is None else name.lower()

    return decode, {key: profile.digest for key, profile in profiles.items()}


def _loaded(name: str, machine: Machine) -> Profile:
    known = catalogue.read(name).parameters
    given = {key: value for key, value in machine.parameters.items() if key in known}
    return catalogue.load(name, given)


def _tables(profile: Profile) -> dict[str, _Codes]:
    return {
        rule.signal: rule.codes
        for rule in profile.rules
        if isinstance(rule, CodeRule) and rule.signal in _SIGNALS and rule.codes is not None
    }


def _symbol(raw: str) -> str:
    """A code as profiles compare it: 6 and 6.0 are the same."""
    with contextlib.suppress(ValueError):
        return str(symbol(float(raw)))
    return raw
