"""The messages that an MQTT profile reads, with the plant's parameters in their topics.

Pure. An address that needs a parameter which was not given is None.
"""

from __future__ import annotations

from device_profiles.files.mqtt_schema import (
    MqttSource,
    QualityWords,
    has_wildcard,
    parameters_in,
)
from device_profiles.files.opcua_nodes import Values, wrong_parameter
from device_profiles.files.schema import AnyProfile, MqttProfile
from device_profiles.files.schema_words import ParameterRef
from device_profiles.model.addresses import MqttAddress, PayloadForm, QualityField
from device_profiles.model.profile import Heartbeat
from domain.texts import N_


def mqtt_address(profile: AnyProfile, source: MqttSource, values: Values) -> MqttAddress | None:
    """Where the source reads. Raises InputError with the parameter that does not fit."""
    topic, where = _topic(profile, source.topic, values), _where(source, values)
    if topic is None or where is None:
        return None
    by_receipt = profile.time == "receipt"  # then a retained message has no age that could be told
    form = None
    if source.payload != "json":
        form = PayloadForm(source.payload, source.separator or ",", source.header)
    return MqttAddress(
        topic_suffix=topic,
        field=source.field,
        time_field=None if by_receipt else source.time,
        time_unit=source.time_unit,
        optional=source.optional,
        each="" if source.payload == "csv" else source.each,
        time_zone=source.time_zone,
        nul_ended=source.ends_in_nul,
        where=where,
        form=form,
        level=source.level,
        any_topic=source.any_topic,
        quality=None if source.quality is None else _quality(source.quality),
    )


def mqtt_heartbeat(profile: MqttProfile, values: Values) -> Heartbeat | None:
    """Raises InputError with the parameter that does not fit."""
    model = profile.heartbeat
    topic = None if model is None else _topic(profile, model.topic, values)
    if model is None or topic is None:
        return None
    address = MqttAddress(topic, model.field, plain=True, any_topic=has_wildcard(topic))
    return Heartbeat(address, None if model.values is None else tuple(model.values))


def _topic(profile: AnyProfile, topic: str | ParameterRef, values: Values) -> str | None:
    given: dict[str, str] = {}
    for name in parameters_in(topic):
        value = values.get(name)
        if value is None:
            return None
        if not value.strip("/") or value != value.strip("/") or any(it in value for it in "+#\0"):
            raise wrong_parameter(
                profile,
                name,
                N_(
                    "profile '%(profile)s', parameter '%(parameter)s': '%(value)s' is no part of a "
                    "topic"
                ),
                N_("Write it without + and #, and without / at its begin and end."),
                {"value": value},
            )
        given[f"{{{name}}}"] = value
    if isinstance(topic, ParameterRef):
        return values[topic.parameter]
    return "/".join(given.get(level, level) for level in topic.split("/"))


def _where(source: MqttSource, values: Values) -> tuple[tuple[str, str], ...] | None:
    chosen: list[tuple[str, str]] = []
    for name, value in source.where.items():
        text = values.get(value.parameter) if isinstance(value, ParameterRef) else value
        if text is None:
            return None
        field = name if name.startswith("/") else "/" + name.replace("~", "~0").replace("/", "~1")
        chosen.append((field, text))
    return tuple(chosen)


def _quality(model: QualityWords) -> QualityField:
    return QualityField(
        model.field, tuple((w, quality) for quality, w in model.words), model.absent
    )
