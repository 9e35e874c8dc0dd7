"""A profile's model and the plant's parameters to the `Profile` that the decoder works from.

Pure. A signal that needs a parameter which was not given is left out; that is how a generic
profile offers many signals of which a machine has a few. Raises InputError that names the
parameter, never the line of a profile: the mistake is in the plant file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from device_profiles.files.consistency import MEMBERS, inputs_of
from device_profiles.files.mqtt_schema import MqttSource
from device_profiles.files.mqtt_topics import mqtt_address, mqtt_heartbeat
from device_profiles.files.opcua_nodes import (
    opcua_address,
    opcua_folders,
    opcua_heartbeat,
    wrong_parameter,
)
from device_profiles.files.opcua_schema import OpcUaSource
from device_profiles.files.schema import (
    AnyProfile,
    Conditions,
    MqttProfile,
    OpcUaProfile,
    ResetTo,
    SignalRule,
    SparkplugSource,
)
from device_profiles.files.schema_words import ParameterRef, TableRef
from device_profiles.model.addresses import (
    Address,
    SparkplugAddress,
)
from device_profiles.model.code_tables import STANDARD_TABLES
from device_profiles.model.profile import (
    Case,
    CodeRule,
    CodeTable,
    Condition,
    Derived,
    Falls,
    Heartbeat,
    IncrementsRule,
    Input,
    NumberRule,
    OpcUaLimits,
    Profile,
    Rule,
    Source,
    SumRule,
    WhenRule,
)
from device_profiles.model.units import CONVERSIONS
from domain.errors import FileError, InputError, suggestion
from domain.signals import SignalKind, signal_named
from domain.texts import N_


def resolve(profile: AnyProfile, given: Mapping[str, str]) -> Profile:
    """The profile with `given` parameters. Raises InputError for unknown, missing or wrong ones."""
    values = _values(profile, given)
    inputs = _inputs(profile, values)
    everything = Profile(
        name=profile.name,
        vendor=profile.vendor,
        models=tuple(profile.named_models),
        title=profile.title.texts,
        protocol=profile.protocol,
        documentation=tuple(profile.documentation),
        caveats=tuple(it for it, _ in profile.linked_caveats),
        recorded_from=profile.recorded_from,
        parameters=values,
        inputs=tuple(inputs.values()),
        derived=tuple(
            Derived(name, tuple(Case(_conditions(case.if_), case.take) for case in cases))
            for name, cases in profile.derived.items()
        ),
        rules=tuple(_rule(profile, name, item, values) for name, item in profile.signals.items()),
        heartbeat=_heartbeat(profile, values),
        by_receipt=profile.time == "receipt",
        folders=tuple(opcua_folders(profile, values)) if isinstance(profile, OpcUaProfile) else (),
        limits=_limits(profile),
    )
    rules = tuple(
        rule for rule in everything.rules if inputs.keys() >= set(everything.inputs_of(rule))
    )
    told = any(inputs[name].sources for rule in rules for name in everything.inputs_of(rule))
    if not told and not everything.folders:
        raise InputError(
            N_("profile '%(profile)s': no signal is left without parameters"),
            todo=N_("Give at least one of %(known)s."),
            values={"profile": profile.name, "known": ", ".join(profile.parameters)},
        )
    # Sources are asked only for what a signal still needs.
    used = {name for rule in rules for name in everything.inputs_of(rule)}
    needed = tuple(item for item in everything.inputs if item.name in used)
    return replace(everything, inputs=needed, rules=rules)


def _values(profile: AnyProfile, given: Mapping[str, str]) -> dict[str, str]:
    for name in given:
        if name not in profile.parameters:
            what = N_("profile '%(profile)s', parameter '%(parameter)s': unknown parameter")
            raise _unknown(profile, name, what, name, list(profile.parameters))
    values: dict[str, str] = {}
    for name, parameter in profile.parameters.items():
        value = given.get(name, parameter.default)
        if value is not None:
            values[name] = str(value)
        elif parameter.required:
            what = N_("profile '%(profile)s', parameter '%(parameter)s': missing")
            named = {"description": parameter.description}
            raise wrong_parameter(profile, name, what, N_("Give it: %(description)s"), named)
    return values


def _unknown(
    profile: AnyProfile,
    parameter: str,
    what: str,
    name: str,
    known: list[str],
    values: Mapping[str, str] | None = None,
) -> FileError:
    """What is said where the parameter names something that is not among those that are known."""
    todo, near = suggestion(name, known)
    return wrong_parameter(profile, parameter, what, todo, {**(values or {}), **near})


def _inputs(profile: AnyProfile, values: Mapping[str, str]) -> dict[str, Input]:
    inputs: dict[str, Input] = {}
    numbers = _numbers(profile)
    for name, item in profile.inputs.items():
        sources = []
        for source in item.sources:
            address: Address | None
            if isinstance(source, OpcUaSource):
                assert isinstance(profile, OpcUaProfile)
                address = opcua_address(profile, source, values)
                field = tuple(source.field)
            elif isinstance(source, SparkplugSource):
                address, field = _sparkplug(source, values), ()
            else:
                address, field = mqtt_address(profile, source, values), ()
            table = None if source.table is None else profile.table(source.table)
            if address is not None:
                mark = source.decimal_mark
                if mark is None and name in numbers and _is_text(source):
                    mark = "."
                sources.append(Source(address, field, table, mark, source.bit, source.invert))
        if sources or item.absent is not None:
            inputs[name] = Input(name, tuple(sources), item.absent)
    return inputs


def _numbers(profile: AnyProfile) -> set[str]:
    """The inputs that are numbers."""
    kinds = (SignalKind.COUNTER, SignalKind.GAUGE)
    return {
        name
        for signal, rule in profile.signals.items()
        if signal_named(signal).kind in kinds
        for _, name in inputs_of(rule)
    }


def _is_text(source: OpcUaSource | MqttSource | SparkplugSource) -> bool:
    """Whether numbers come as texts because everything does."""
    if not isinstance(source, MqttSource) or source.table is not None:
        return False
    return source.payload != "json" or source.level is not None


def _sparkplug(source: SparkplugSource, values: Mapping[str, str]) -> SparkplugAddress | None:
    metric = source.metric
    name = values.get(metric.parameter) if isinstance(metric, ParameterRef) else metric
    return SparkplugAddress(name, source.optional) if name else None


def _limits(profile: AnyProfile) -> OpcUaLimits:
    given = profile.limits if isinstance(profile, OpcUaProfile) else None
    return OpcUaLimits() if given is None else OpcUaLimits(**given.model_dump())


def _heartbeat(profile: AnyProfile, values: Mapping[str, str]) -> Heartbeat | None:
    if isinstance(profile, OpcUaProfile):
        return opcua_heartbeat(profile, values)
    return mqtt_heartbeat(profile, values) if isinstance(profile, MqttProfile) else None


def _conditions(conditions: Conditions) -> tuple[Condition, ...]:
    return tuple(Condition(name, tuple(symbols)) for name, symbols in conditions.items())


def _rule(profile: AnyProfile, signal: str, model: SignalRule, values: Mapping[str, str]) -> Rule:
    if model.when is not None:
        cases = tuple(Case(_conditions(case.if_), case.then) for case in model.when)
        return WhenRule(signal, cases, model.otherwise or "unknown")
    if model.sum is not None:
        return SumRule(signal, tuple(model.sum), *_scale(profile, signal, model, values))
    if model.increments is not None:
        return IncrementsRule(signal, model.increments, *_scale(profile, signal, model, values))
    name = model.input or ""
    if signal_named(signal).kind in (SignalKind.STATE, SignalKind.TEXT):
        return CodeRule(signal, name, _codes(profile, signal, model, values))
    factor, conversion = _scale(profile, signal, model, values)
    if model.tells_falls:
        return SumRule(signal, (name,), factor, conversion, _falls(model))
    return NumberRule(signal, name, factor, model.offset or 0.0, conversion)


def _falls(model: SignalRule) -> Falls:
    resets_to = model.resets.to if isinstance(model.resets, ResetTo) else None
    if model.resets == "to_zero":
        resets_to = 0.0
    return Falls(model.width, model.resets == "wraps", resets_to)


def _scale(
    profile: AnyProfile, signal: str, model: SignalRule, values: Mapping[str, str]
) -> tuple[float, tuple[int, int]]:
    factor = 1.0 if model.factor is None else model.factor
    return factor, _conversion(profile, signal, model, values)


def _conversion(
    profile: AnyProfile, signal: str, model: SignalRule, values: Mapping[str, str]
) -> tuple[int, int]:
    unit = model.unit
    if unit is None:
        return (1, 1)
    units = CONVERSIONS.get(signal_named(signal).unit, {})
    if not isinstance(unit, ParameterRef):
        return units[unit]
    text = values.get(unit.parameter)
    if text is None:
        return (1, 1)
    if text not in units:
        what = N_(
            "profile '%(profile)s', parameter '%(parameter)s': unknown unit '%(unit)s' of "
            "'%(signal)s'"
        )
        named = {"unit": text, "signal": signal}
        raise _unknown(profile, unit.parameter, what, text, list(units), named)
    return units[text]


_PAIR = re.compile(r"\s*(?P<code>[^=,]+?)\s*=\s*(?P<member>[^=,]+?)\s*\Z")


def _codes(
    profile: AnyProfile, signal: str, model: SignalRule, values: Mapping[str, str]
) -> CodeTable | None:
    if isinstance(model.codes, TableRef):
        standard = STANDARD_TABLES.get(model.codes.table)
        if standard is not None and signal in MEMBERS:
            return standard.members
        return profile.table(model.codes.table)
    if not isinstance(model.codes, ParameterRef):
        return None if model.codes is None else dict(model.codes)
    name = model.codes.parameter
    text = values.get(name)
    if text is None:
        return None
    table: CodeTable = {}
    for part in text.split(","):
        pair = _PAIR.match(part)
        if pair is None:
            what = N_("profile '%(profile)s', parameter '%(parameter)s': '%(code)s' is no code")
            todo = N_("Write as in 0=stopped, 1=producing.")
            raise wrong_parameter(profile, name, what, todo, {"code": part.strip()})
        member = pair["member"]
        if signal in MEMBERS and member not in MEMBERS[signal]:
            what = (
                N_("profile '%(profile)s', parameter '%(parameter)s': unknown state '%(member)s'")
                if signal == "state"
                else N_(
                    "profile '%(profile)s', parameter '%(parameter)s': unknown mode '%(member)s'"
                )
            )
            raise _unknown(profile, name, what, member, list(MEMBERS[signal]), {"member": member})
        if table.setdefault(pair["code"], member) != member:
            what = N_(
                "profile '%(profile)s', parameter '%(parameter)s': code '%(code)s' is given twice"
            )
            raise wrong_parameter(profile, name, what, N_("Keep one."), {"code": pair["code"]})
    return table
