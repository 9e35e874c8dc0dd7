"""The packaged profiles that may read a machine that was looked at, their parameters filled in as
far as the look can tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from device_profiles.drafting.fitting import Fit, Packaged
from device_profiles.drafting.proposing import Proposals, name_of
from device_profiles.drafting.seen import NodePlace, Seen
from device_profiles.files import catalogue
from device_profiles.files.opcua_schema import NamedStep
from device_profiles.files.resolve import resolve
from device_profiles.files.schema import AnyProfile, OpcUaProfile
from device_profiles.files.schema_words import ParameterRef
from device_profiles.model.addresses import QName, escaped
from device_profiles.model.node_text import node_text
from domain.errors import InputError
from domain.signals import SIGNALS


def packaged(seen: Seen) -> list[Packaged]:
    """Those of the machine's protocol that say where values are: by a type, by topics, or by a path
    with the machine's own name in it, one for each object that is there."""
    found: list[Packaged] = []
    for name in catalogue.names():
        model = catalogue.read(name)
        if model.protocol != seen.protocol:
            continue
        if isinstance(model, OpcUaProfile) and (step := _machine_step(model)) is not None:
            found += _placed(model, step, seen)
            continue
        try:
            found.append(Packaged(resolve(model, {}), _name_parameter(model)))
        except InputError:  # a generic one, which reads nothing without parameters
            continue
    return found


def with_counters(fit: Fit, found: Proposals) -> tuple[Fit, list[str]]:
    """The fit with those of its signals whose nodes the plant file must name, as far as a name in
    that machine says which they are; and what to say of each."""
    model = catalogue.read(fit.profile.name)
    parameters, told = dict(fit.parameters), []
    open_ones = {name for name in model.parameters if name in SIGNALS and name not in parameters}
    for it in found.chosen:
        place = it.looked.value.place
        is_open = it.signal in open_ones and it.codes is None and fit.at in place.names
        if is_open and isinstance(place, NodePlace) and not place.field:
            parameters[it.signal] = node_text(place.path)
            where, why = name_of(it.looked.value), "; ".join(it.reasons)
            told.append(f"{it.signal} is taken from {where}: {why}.")
    if not told:
        return fit, []
    profile = resolve(model, parameters)
    signals = tuple(it for it in profile.signals if it in fit.signals or it in parameters)
    values = dict(fit.values) | {it.signal: it.looked.value for it in found.chosen}
    return replace(
        fit, profile=profile, parameters=parameters, signals=signals, values=values
    ), told


def _name_parameter(model: AnyProfile) -> str | None:
    start = model.start if isinstance(model, OpcUaProfile) else None
    return start.name.parameter if start is not None and start.name is not None else None


def _machine_step(model: OpcUaProfile) -> tuple[tuple[QName, ...], str] | None:
    """The path above the one parameter that names the machine, and that parameter."""
    if model.start is not None:
        return None
    steps: set[tuple[tuple[QName, ...], str]] = set()
    for item in model.inputs.values():
        for path in (source.path for source in item.sources if source.path):
            for place, step in enumerate(path):
                if isinstance(step, NamedStep):
                    above = tuple(_qname(model, it) for it in path[:place])
                    steps.add((tuple(it for it in above if it is not None), step.parameter))
    return steps.pop() if len(steps) == 1 else None


def _qname(model: OpcUaProfile, step: str | NamedStep) -> QName | None:
    if isinstance(step, NamedStep):
        return None
    prefix, _, name = step.partition(":")
    uri = model.namespaces.get(prefix)
    return None if uri is None or isinstance(uri, ParameterRef) else (uri, name)


def _placed(
    model: OpcUaProfile, step: tuple[tuple[QName, ...], str], seen: Seen
) -> Iterator[Packaged]:
    """The profile for each object in that place."""
    above, parameter = step
    for it in seen.objects:
        if it.path[:-1] == above and above:
            uri, name = it.path[-1]
            given = {parameter: f"{{{uri}}}{escaped(name)}"}
            try:
                yield Packaged(resolve(model, given), None, given, name)
            except InputError:  # a name that no path can have
                continue
