"""The nodes of an OPC UA profile with the plant's parameters in their paths, as addresses.

Pure. An address that needs a parameter which was not given is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from device_profiles.files.opcua_schema import NODE_ADVICE, NamedStep, OpcUaSource
from device_profiles.files.schema import AnyProfile, OpcUaProfile
from device_profiles.files.schema_words import ParameterRef
from device_profiles.model.addresses import OpcUaAddress, OpcUaFolder, OpcUaStart, QName
from device_profiles.model.node_text import parse_node, parse_steps
from device_profiles.model.profile import Heartbeat
from domain.errors import FileError, InputError
from domain.signals import is_measurement
from domain.texts import N_

Values = Mapping[str, str]  # of parameters, by name
# As `device_profiles.model.node_text` says it.
_STEPS_ADVICE = N_(
    "Write its browse name with its namespace, as in {urn:vendor}Filler 1, with & before each &, "
    "/, <, >, { and } of a name."
)


class _NotGivenError(Exception):
    """A parameter that the address needs has no value."""


def wrong_parameter(
    profile: AnyProfile, name: str, what: str, todo: str, values: Mapping[str, str] | None = None
) -> FileError:
    """What is wrong with the value of a parameter, which stands in the plant file. `what` begins
    with "profile '%(profile)s', parameter '%(parameter)s': ", so that no language has to put a
    place before it that is written in English."""
    named = {"profile": profile.name, "parameter": name, **(values or {})}
    error = FileError(what, todo=todo, values=named)
    error.where = f"profile '{profile.name}', parameter '{name}'"
    error.what = error.what.removeprefix(f"{error.where}: ")
    return error


def opcua_address(
    profile: OpcUaProfile, source: OpcUaSource, values: Values
) -> OpcUaAddress | None:
    """Where the source reads. Raises InputError with the parameter that does not fit."""
    try:
        if source.node is not None:
            node = _node(profile, source.node, values)
            return OpcUaAddress(node.start, node.path, source.optional)
        return _below_start(profile, source.path or [], source.optional, values)
    except _NotGivenError:
        return None


def opcua_heartbeat(profile: OpcUaProfile, values: Values) -> Heartbeat | None:
    """What must move. Raises InputError as `opcua_address`."""
    model = profile.heartbeat
    if model is None:
        return None
    address = opcua_address(profile, OpcUaSource(path=model.path, node=model.node), values)
    return None if address is None else Heartbeat(address, part=tuple(model.field), moves=True)


def opcua_folders(profile: OpcUaProfile, values: Values) -> list[OpcUaFolder]:
    """Of whose variables each is a measurement. Raises InputError as `opcua_address`."""
    own = tuple(name for name in profile.signals if is_measurement(name))
    found = []
    for it in profile.measurements:
        source = OpcUaSource(path=it.path, node=it.node, optional=it.optional)
        node = opcua_address(profile, source, values)
        if node is not None:
            found.append(OpcUaFolder(node, tuple(it.names), it.levels, it.most, own))
    return found


def _below_start(
    profile: OpcUaProfile, path: Iterable[str | NamedStep], optional: bool, values: Values
) -> OpcUaAddress:
    start, steps, model = OpcUaStart(), list[QName](), profile.start
    if model is not None and model.node is not None:
        node = _node(profile, model.node, values)
        start, steps = node.start, list(node.path)
    elif model is not None and model.instance_of is not None:
        name = model.name and values.get(model.name.parameter)
        start = OpcUaStart(_qname(profile, model.instance_of, values), name or None)
    for step in path:
        if isinstance(step, NamedStep):
            last = steps[-1][0] if steps else ""
            steps += _named(profile, step, last, values)
        else:
            steps.append(_qname(profile, step, values))
    return OpcUaAddress(start, tuple(steps), optional)


def _node(profile: OpcUaProfile, node: str | ParameterRef, values: Values) -> OpcUaAddress:
    if isinstance(node, str):
        return parse_node(node)
    text = _given(node.parameter, values)
    try:
        return parse_node(text)
    except InputError:
        raise wrong_parameter(
            profile,
            node.parameter,
            N_(
                "profile '%(profile)s', parameter '%(parameter)s': '%(node)s' is not the address "
                "of an OPC UA node"
            ),
            NODE_ADVICE,
            {"node": text},
        ) from None


def _named(
    profile: OpcUaProfile, step: NamedStep, namespace: str, values: Values
) -> tuple[QName, ...]:
    text = _given(step.parameter, values)
    if step.namespace is not None:
        namespace = _uri(profile, step.namespace, values)
    try:
        return parse_steps(text, namespace)
    except InputError as error:
        no_name = N_(
            "profile '%(profile)s', parameter '%(parameter)s': '%(node)s' is no name of a node"
        )
        no_path = N_(
            "profile '%(profile)s', parameter '%(parameter)s': '%(node)s' is no name of a node, "
            "nor a path of several"
        )
        raise wrong_parameter(
            profile,
            step.parameter,
            no_path if error.what.endswith("nor a path of several") else no_name,
            _STEPS_ADVICE,
            {"node": text},
        ) from None


def _qname(profile: OpcUaProfile, text: str, values: Values) -> QName:
    prefix, _, name = text.partition(":")
    return _uri(profile, prefix, values), name


def _uri(profile: OpcUaProfile, prefix: str, values: Values) -> str:
    uri = profile.namespaces[prefix]
    return uri if isinstance(uri, str) else _given(uri.parameter, values)


def _given(parameter: str, values: Values) -> str:
    text = values.get(parameter)
    if text is None:
        raise _NotGivenError(parameter)
    return text
