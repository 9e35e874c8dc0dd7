"""References inside a profile: every name must exist and every code must lead somewhere.

Pure: a profile's model in, problems out, each with the path of the key in the file. These are
rules that the schema cannot express. The most important one: no unknown code and no open case may
ever come out as `producing`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from device_profiles.files.mqtt_schema import MqttSource, parameters_in
from device_profiles.files.opcua_schema import (
    Measurements,
    NamedStep,
    OpcUaHeartbeat,
    OpcUaSource,
)
from device_profiles.files.schema import (
    AnyProfile,
    Conditions,
    MqttProfile,
    OpcUaProfile,
    SignalRule,
    SparkplugProfile,
    SparkplugSource,
)
from device_profiles.files.schema_words import ParameterRef, TableRef
from device_profiles.model.code_tables import STANDARD_TABLES
from device_profiles.model.units import CONVERSIONS
from domain.errors import InputError, suggestion
from domain.signals import SIGNALS, Signal, SignalKind, signal_named
from domain.states import MachineMode, MachineState
from domain.texts import N_
from domain.yaml_text import Path

MEMBERS: dict[str, tuple[str, ...]] = {
    "state": MachineState.names(),
    "mode": MachineMode.names(),
}


# What is said of a name that is not there, by what it should be the name of.
_NO_PARAMETER = N_("unknown parameter '%(name)s'")
_NO_TABLE = N_("unknown table '%(name)s'")
_NO_NAMESPACE = N_("unknown namespace '%(name)s'")
_NO_INPUT = N_("unknown input '%(name)s'")
_NO_CODE = N_("unknown code '%(name)s'")
_NO_MEMBER = {"state": N_("unknown state '%(name)s'"), "mode": N_("unknown mode '%(name)s'")}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, as `domain.errors.FileError` has it: `values` are those of both texts."""

    path: Path
    what: str
    todo: str = ""
    values: Mapping[str, str | float] = field(default_factory=dict)


def problems(profile: AnyProfile) -> list[Problem]:
    """All that does not fit together, in the order of the checks."""
    # In steps: signals can be judged once derived inputs are sound, and a name that nothing
    # uses is most often one that is misspelt elsewhere.
    return (
        [*_references(profile), *_derived(profile)]
        or [found for name in profile.signals for found in _signal(profile, name)]
        or list(_unused(profile))
    )


def _unknown(
    path: Path, what: str, name: str, known: Collection[str], **values: str
) -> Iterator[Problem]:
    """`what`: is said of a `name` that is not known; `values`: what else it names."""
    if name not in known:
        todo, near = suggestion(name, list(known))
        yield Problem(path, what, todo, {"name": name, **values, **near})


def _references(profile: AnyProfile) -> Iterator[Problem]:
    """Tables, namespaces and parameters that inputs name."""
    for path, name in parameters_used(profile):
        yield from _unknown(path, _NO_PARAMETER, name, profile.parameters)
    for path, source in _sources(profile):
        if source.table is not None:
            known = [*profile.tables, *STANDARD_TABLES]
            yield from _unknown((*path, "table"), _NO_TABLE, source.table, known)
    if isinstance(profile, OpcUaProfile):
        for path, prefix in _qualified_names(profile):
            yield from _unknown(path, _NO_NAMESPACE, prefix, profile.namespaces)


_AnySource = OpcUaSource | MqttSource | SparkplugSource


def _sources(profile: AnyProfile) -> Iterator[tuple[Path, _AnySource]]:
    for name, item in profile.inputs.items():
        sources: Sequence[_AnySource] = item.sources
        for index, source in enumerate(sources):
            yield ("inputs", name, "sources", index), source


def _qualified_names(profile: OpcUaProfile) -> Iterator[tuple[Path, str]]:
    """Every place where a namespace is named, and its prefix."""
    if profile.start is not None and profile.start.instance_of is not None:
        yield ("start", "instance_of"), _prefix(profile.start.instance_of)
    for path, source in _read_nodes(profile):
        for index, step in enumerate(source.path or ()):
            if isinstance(step, str):
                yield (*path, "path", index), _prefix(step)
            elif step.namespace is not None:
                yield (*path, "path", index, "namespace"), step.namespace


def _read_nodes(
    profile: OpcUaProfile,
) -> Iterator[tuple[Path, OpcUaSource | Measurements | OpcUaHeartbeat]]:
    if profile.heartbeat is not None:
        yield ("heartbeat",), profile.heartbeat
    for path, source in _sources(profile):
        if isinstance(source, OpcUaSource):
            yield path, source
    for index, it in enumerate(profile.measurements):
        yield ("measurements", index), it


def _prefix(qualified: str) -> str:
    return qualified.partition(":")[0]


def opcua_parameters(profile: OpcUaProfile) -> Iterator[tuple[Path, str]]:
    """Every place where an address has a parameter."""
    start = profile.start
    for name, uri in profile.namespaces.items():
        if isinstance(uri, ParameterRef):
            yield ("namespaces", name, "parameter"), uri.parameter
    for key, ref in (("name", start.name), ("node", start.node)) if start is not None else ():
        if isinstance(ref, ParameterRef):
            yield ("start", key, "parameter"), ref.parameter
    for path, source in _read_nodes(profile):
        if isinstance(source.node, ParameterRef):
            yield (*path, "node", "parameter"), source.node.parameter
        for index, step in enumerate(source.path or ()):
            if isinstance(step, NamedStep):
                yield (*path, "path", index, "parameter"), step.parameter


def _mqtt_parameters(profile: MqttProfile) -> Iterator[tuple[Path, str]]:
    """Every place where a topic, or what chooses an element, has a parameter."""
    for path, source in _sources(profile):
        if not isinstance(source, MqttSource):
            continue
        for name in parameters_in(source.topic):
            yield (*path, "topic"), name
        for key, value in source.where.items():
            if isinstance(value, ParameterRef):
                yield (*path, "where", key, "parameter"), value.parameter
    if profile.heartbeat is not None:
        for name in parameters_in(profile.heartbeat.topic):
            yield ("heartbeat", "topic"), name


def parameters_used(profile: AnyProfile) -> Iterator[tuple[Path, str]]:
    """Every place where a parameter stands for a value."""
    if isinstance(profile, OpcUaProfile):
        yield from opcua_parameters(profile)
    if isinstance(profile, MqttProfile):
        yield from _mqtt_parameters(profile)
    if isinstance(profile, SparkplugProfile):
        for path, source in _sources(profile):
            if isinstance(source, SparkplugSource) and isinstance(source.metric, ParameterRef):
                yield (*path, "metric", "parameter"), source.metric.parameter
    for name, rule in profile.signals.items():
        for key, ref in (("codes", rule.codes), ("unit", rule.unit)):
            if isinstance(ref, ParameterRef):
                yield ("signals", name, key, "parameter"), ref.parameter


def _derived(profile: AnyProfile) -> Iterator[Problem]:
    known: list[str] = list(profile.inputs)  # only what stands above: nothing goes in circles
    for name, cases in profile.derived.items():
        if name in profile.inputs:
            yield Problem(
                ("derived", name),
                N_("'%(name)s' is an input already"),
                N_("Rename it."),
                {"name": name},
            )
        for index, case in enumerate(cases):
            path: Path = ("derived", name, index)
            yield from _unknown((*path, "take"), _NO_INPUT, case.take, known)
            yield from _conditions(profile, (*path, "if"), case.if_, known)
        if cases[-1].if_:
            yield Problem(
                ("derived", name, len(cases) - 1),
                N_("the last case must hold always"),
                N_("End with a case that has 'take' and no 'if'."),
            )
        known.append(name)


def _conditions(
    profile: AnyProfile, path: Path, conditions: Conditions, known: Collection[str]
) -> Iterator[Problem]:
    for name, symbols in conditions.items():
        yield from _unknown((*path, name), _NO_INPUT, name, known)
        if name not in known:
            continue
        possible = symbols_of(profile, name)
        for symbol in symbols if possible else ():
            what = N_("unknown value of '%(input)s': '%(name)s'")
            yield from _unknown((*path, name), what, symbol, possible, input=name)


def symbols_of(profile: AnyProfile, name: str) -> list[str]:
    """What an input (or a derived one) can be by its tables; empty: anything."""
    if name in profile.derived:
        parts = [symbols_of(profile, case.take) for case in profile.derived[name]]
    elif name in profile.inputs:
        tables = [source.table for source in profile.inputs[name].sources]
        parts = [list((profile.table(table or "") or {}).values()) for table in tables]
    else:
        return []
    if not all(parts):
        return []
    return list(dict.fromkeys(symbol for part in parts for symbol in part))


def _signal(profile: AnyProfile, name: str) -> Iterator[Problem]:
    rule, path = profile.signals[name], ("signals", name)
    try:
        signal = signal_named(name)
    except InputError:
        _, near = suggestion(name, list(SIGNALS))
        todo = N_("Use one of %(known)s, or measurement.<name> for a process value.")
        if "near" in near:
            todo = N_(
                "Did you mean '%(near)s'? Use one of %(known)s, or measurement.<name> for a "
                "process value."
            )
        values = {**near, "name": name, "known": ", ".join(SIGNALS)}
        yield Problem(path, N_("unknown signal '%(name)s'"), todo, values)
        return
    for key, named in inputs_of(rule):
        yield from _unknown((*path, *key), _NO_INPUT, named, [*profile.inputs, *profile.derived])
        if named in profile.derived:
            yield Problem(
                (*path, *key),
                N_("'%(name)s' is derived"),
                N_("Use it under 'when', or an input."),
                {"name": named},
            )
    if signal.kind in (SignalKind.COUNTER, SignalKind.GAUGE):
        yield from _number(rule, signal, path)
        yield from _added_up(profile, rule, signal.kind, path)
    else:
        yield from _codes(profile, rule, signal, path)


def inputs_of(rule: SignalRule) -> Iterator[tuple[Path, str]]:
    """The inputs that a rule without cases names, with the key in it."""
    for key, named in (("input", rule.input), ("increments", rule.increments)):
        if named is not None:
            yield (key,), named
    for index, named in enumerate(rule.sum or ()):
        yield ("sum", index), named


def _added_up(
    profile: AnyProfile, rule: SignalRule, kind: SignalKind, path: Path
) -> Iterator[Problem]:
    if rule.increments is not None and kind is not SignalKind.COUNTER:
        what = N_("increments add up to a counter")
        yield Problem((*path, "increments"), what, N_("Use 'input'."))
    if rule.increments is not None and not isinstance(profile, MqttProfile):
        yield Problem(
            (*path, "increments"),
            N_("increments come in messages, one for each; this protocol tells the latest value"),
            N_("Use 'input' with a value that counts on."),
        )
    if rule.tells_falls and kind is not SignalKind.COUNTER:
        key = "width" if rule.width is not None else "resets"
        what = N_("only a counter wraps or is reset")
        yield Problem((*path, key), what, N_("Remove '%(key)s'."), {"key": key})
    is_added_up = rule.sum is not None or rule.increments is not None or rule.tells_falls
    if is_added_up and kind is SignalKind.COUNTER and (rule.factor or 1.0) < 0:
        what = N_("a counter only grows")
        yield Problem((*path, "factor"), what, N_("Give a factor above zero."))


def _number(rule: SignalRule, signal: Signal, path: Path) -> Iterator[Problem]:
    if rule.codes is not None or rule.when is not None:
        key = "codes" if rule.codes is not None else "when"
        what = N_("'%(signal)s' is a number")
        yield Problem((*path, key), what, N_("Use 'input'."), {"signal": signal.name})
    units = CONVERSIONS.get(signal.unit, {})
    if isinstance(rule.unit, str):
        what = N_("unknown unit of '%(signal)s': '%(name)s'")
        yield from _unknown((*path, "unit"), what, rule.unit, units, signal=signal.name)


def _codes(profile: AnyProfile, rule: SignalRule, signal: Signal, path: Path) -> Iterator[Problem]:
    is_number = rule.is_scaled or rule.tells_falls
    if is_number or rule.sum is not None or rule.increments is not None:
        yield Problem(
            path,
            N_("'%(signal)s' is no number"),
            N_("Use 'input' with 'codes', or 'when'."),
            {"signal": signal.name},
        )
    if rule.when is not None and signal.kind is SignalKind.TEXT:
        yield Problem((*path, "when"), N_("'when' is for state and mode"), N_("Use 'input'."))
        return
    members, no_member = MEMBERS.get(signal.name), _NO_MEMBER.get(signal.name, "")
    known = [*profile.inputs, *profile.derived]
    for index, case in enumerate(rule.when or ()):
        at: Path = (*path, "when", index)
        yield from _conditions(profile, (*at, "if"), case.if_, known)
        yield from _unknown((*at, "then"), no_member, case.then, members or ())
    if rule.otherwise is not None:
        yield from _unknown((*path, "otherwise"), no_member, rule.otherwise, members or ())
        if rule.otherwise == MachineState.PRODUCING:
            what = N_("'producing' must never be a fallback")
            yield Problem((*path, "otherwise"), what, N_("Write 'unknown'."))
    if isinstance(rule.codes, TableRef):
        yield from _table(profile, rule, rule.codes.table, signal, (*path, "codes", "table"))
    if isinstance(rule.codes, dict) and rule.input is not None:
        possible = symbols_of(profile, rule.input)
        for code, target in rule.codes.items():
            if possible:
                yield from _unknown((*path, "codes", code), _NO_CODE, code, possible)
            if members is not None:
                yield from _unknown((*path, "codes", code), no_member, target, members)
        yield from _unmapped((*path, "codes"), possible, rule.codes)


def _table(
    profile: AnyProfile, rule: SignalRule, name: str, signal: Signal, path: Path
) -> Iterator[Problem]:
    """A table in the place of codes."""
    if name in profile.tables:
        for code, target in profile.tables[name].items() if signal.name in MEMBERS else ():
            at: Path = ("tables", name, code)
            yield from _unknown(at, _NO_MEMBER[signal.name], target, MEMBERS[signal.name])
    elif name not in STANDARD_TABLES:
        yield from _unknown(path, _NO_TABLE, name, [*profile.tables, *STANDARD_TABLES])
        return
    elif signal.name in MEMBERS and STANDARD_TABLES[name].signal != signal.name:
        fitting = [it for it, table in STANDARD_TABLES.items() if table.signal == signal.name]
        what = (
            N_("'%(name)s' has the codes of a mode, not of a state")
            if signal.name == "state"
            else N_("'%(name)s' has the codes of a state, not of a mode")
        )
        todo, near = suggestion(name, fitting)
        yield Problem(path, what, todo, {"name": name, **near})
        return
    yield from _unmapped(path, symbols_of(profile, rule.input or ""), profile.table(name) or {})


def _unmapped(path: Path, possible: Collection[str], codes: Collection[str]) -> Iterator[Problem]:
    if missing := [code for code in possible if code not in codes]:
        what = N_("nothing is said of %(names)s")
        yield Problem(path, what, N_("Map them too."), {"names": ", ".join(missing)})


def _unused(profile: AnyProfile) -> Iterator[Problem]:
    used = {name for _, name in parameters_used(profile)}
    for name in profile.parameters:
        if name not in used:
            yield Problem(("parameters", name), N_("nothing uses this parameter"), N_("Remove it."))
    tables = {source.table for _, source in _sources(profile)}
    tables |= {it.codes.table for it in profile.signals.values() if isinstance(it.codes, TableRef)}
    for name in profile.tables:
        if name not in tables:
            yield Problem(("tables", name), N_("nothing uses this table"), N_("Remove it."))
    inputs: set[str] = set()
    for rule in profile.signals.values():
        inputs |= {named for _, named in inputs_of(rule)}
        inputs |= {name for case in rule.when or () for name in case.if_}
    for cases in profile.derived.values():
        inputs |= {name for case in cases for name in (*case.if_, case.take)}
    for kind, names in (("inputs", profile.inputs), ("derived", profile.derived)):
        for name in names:
            if name not in inputs:
                yield Problem((kind, name), N_("nothing uses this input"), N_("Remove it."))
