"""Raw codes of state and mode in a history file, as a device profile or a map file decodes them.

A file gives one code where a machine gives several values. Where a profile combines several values
to a state, the code is taken for the one that decides most. For the others the usual is assumed:
what the profile assumes of an absent value, and the operating mode `produce`.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from device_profiles.files import catalogue
from device_profiles.model.profile import CodeRule, Profile, Rule, WhenRule
from device_profiles.model.values import symbol
from domain.errors import InputError
from domain.plant import Machine
from domain.states import MachineMode, MachineState
from lineproof.history_import.rows import RawCodes

_SIGNALS = ("state", "mode")


def raw_codes(name: str, machines: Mapping[str, Machine]) -> tuple[RawCodes, dict[str, str]]:
    """What decodes raw values of the machines, and machine → digest of the profile.

    Raises NotFoundError, or InputError when the profile has no states to decode.
    """
    profiles = {key: _loaded(name, machine) for key, machine in machines.items()}
    tables = {key: _tables(profile) for key, profile in profiles.items()}
    if not any("state" in found for found in tables.values()):
        raise InputError(
            f"profile '{name}' has no codes of the machine's state",
            where="--profile",
            todo="Import states by the names of the closed list, without --profile; or give the "
            "machine the profile's parameters for states in the plant file. Nothing was changed.",
        )

    def decode(machine: str, signal: str, raw: str) -> str | None:
        codes = tables.get(machine, {}).get(signal)
        return None if codes is None else codes.meaning(raw)

    return decode, {key: profile.digest for key, profile in profiles.items()}


def map_codes(codes: Mapping[str, Mapping[str, str]]) -> RawCodes:
    """What decodes raw values by a table for each signal; a signal without one is written by the
    names of the closed list."""
    tables = {
        signal: {_canonical(code): name for code, name in table.items()}
        for signal, table in codes.items()
    }

    def decode(machine: str, signal: str, raw: str) -> str | None:
        if signal in tables:
            return tables[signal].get(_canonical(raw))
        known = {"state": MachineState, "mode": MachineMode}[signal].names()
        return raw.lower() if raw.lower() in known else None

    return decode


def _loaded(name: str, machine: Machine) -> Profile:
    known = catalogue.read(name).parameters
    given = {key: value for key, value in machine.parameters.items() if key in known}
    return catalogue.load(name, given)


@dataclass(frozen=True, slots=True)
class _Codes:
    """`symbols`: a code as the machine says it → the profile's symbol; `names`: symbol → name."""

    symbols: Mapping[str, str]
    names: Mapping[str, str]

    def meaning(self, raw: str) -> str | None:
        code = _canonical(raw)
        name = self.names.get(self.symbols.get(code, code))
        return None if name is None else name.lower()


def _tables(profile: Profile) -> dict[str, _Codes]:
    found = {}
    for rule in profile.rules:
        if rule.signal in _SIGNALS and (codes := _codes(profile, rule)) is not None:
            found[rule.signal] = codes
    return found


def _codes(profile: Profile, rule: Rule) -> _Codes | None:
    if isinstance(rule, CodeRule):
        symbols = _symbols(profile, rule.input)
        names = rule.codes or {name: name for name in symbols.values()}
        return _Codes(symbols, names) if names else None
    if isinstance(rule, WhenRule):
        conditions = [it for case in rule.cases for it in case.conditions]
        decisive = Counter(it.input for it in conditions).most_common(1)[0][0]
        symbols = _symbols(profile, decisive)
        known = {name for it in conditions if it.input == decisive for name in it.symbols}
        known |= set(symbols.values())
        usual = _usual(profile)
        names = {name: _case(rule, usual | {decisive: name}) for name in known}
        return _Codes(symbols, names)
    return None


def _case(rule: WhenRule, values: Mapping[str, str]) -> str:
    """The result of the first case that holds for these inputs."""
    for case in rule.cases:
        if all(values.get(it.input) in it.symbols for it in case.conditions):
            return case.result
    return rule.otherwise


def _usual(profile: Profile) -> dict[str, str]:
    """Input → the symbol that is assumed of it in a file that does not have it."""
    usual = {item.name: item.absent for item in profile.inputs if item.absent is not None}
    for rule in profile.rules:
        if rule.signal == "mode" and isinstance(rule, CodeRule) and rule.codes is not None:
            for key, name in rule.codes.items():
                if name == MachineMode.PRODUCE:
                    usual[rule.input] = key
    return usual


def _symbols(profile: Profile, name: str) -> dict[str, str]:
    """Code → symbol of an input, or of all inputs that a derived one takes its value from."""
    for derived in profile.derived:
        if derived.name == name:
            tables = [_symbols(profile, case.result) for case in derived.cases]
            return {code: text for table in reversed(tables) for code, text in table.items()}
    sources = [source for item in profile.inputs if item.name == name for source in item.sources]
    tables = [source.table for source in sources if source.table is not None]
    return {code: text for table in reversed(tables) for code, text in table.items()}


def _canonical(raw: str) -> str:
    """A code as profiles compare it: 6 and 6.0 are the same."""
    with contextlib.suppress(ValueError, OverflowError):
        return str(symbol(float(raw)))
    return raw
