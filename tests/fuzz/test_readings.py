"""What machines send, of any content: it becomes samples and rejections that the intake takes.

MQTT payloads go through the document, its fields and the profile's decoder; OPC UA values through
the binary form, the plain value and the decoder. Neither may fail, and what comes out can be
sealed and passes the intake.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any, cast

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary, variant_to_binary
from fuzzing import anything, changed, inputs
from hypothesis import given
from hypothesis import strategies as st
from sealed_and_taken import NOW, profile_of, taken

from device_profiles.decoding.decoder import Decoder
from device_profiles.model.addresses import MqttAddress, PayloadForm, QualityField
from device_profiles.model.selectors import MISSING
from domain.samples import Quality, Reading
from edge.sources.mqtt.fields import Fields
from edge.sources.mqtt.payload import document_of, of_form
from edge.sources.opcua.values import (
    Structures,
    UnknownStructureError,
    overflowed,
    quality_of,
    source_time_of,
)

METER = profile_of("shelly/pro3em-mqtt")
PACKML = profile_of("packml/opcua")
COUNTERS = profile_of("generic/opcua-counters")
PROFILES = {it.name: it for it in (PACKML, COUNTERS)}


MESSAGES = [
    b'{"id":0,"a_current":4.029,"a_voltage":236.1,"total_act_power":2484.782,"ts":1772406000.5}',
    b'{"id":0,"a_total_act_energy":12345.67,"total_act":63214.12,"total_act_ret":0}',
    b'{"values":[{"t":1772406000,"v":1},{"t":1772406001,"v":2}],"state":"run","x":null}',
    b'{"total_act": nan, "total_act_power": "1,5", "ts": -inf}',
    b"42",
    b"true\0",
]
WORDS = [
    b"nan", b"-inf", b"null", b'"', b"{", b"[", b":", b",", b"9" * 400, b"\\ud800", b"1e400",
    b"\xff", b"\0", b'"ts":1e18', b'"ts":"9999-12-31T23:59:59-12:00"', b"[" * 2000,
]  # fmt: skip
QUALITY = QualityField("values[0].v", (("1", "good"), ("2", "uncertain")), "bad")
EXTRA = [
    MqttAddress("status/em:0", "v", "t", each="values", where=(("/v", "1"),), quality=QUALITY),
    MqttAddress("status/em:0", "max_by(values, &v).t || values[?v > `1`].v | [0]", "sum(values)"),
    MqttAddress("status/+", "", level=-1, quality=QUALITY),
    MqttAddress("status/em:0", "/total_act_power", time_field="/ts"),
    MqttAddress("status/em:0", "/v", time_field="/t", each="/values"),
    MqttAddress("status/em:0", "/values/0/v", time_field="/values/0/t"),
]


@inputs(40)
@given(changed(MESSAGES, WORDS), st.booleans(), st.booleans())
def test_mqtt_payloads(payload: bytes, nul_ended: bool, plain: bool) -> None:
    document = None
    with contextlib.suppress(ValueError):
        document = document_of(payload, nul_ended=nul_ended, plain=plain)
    _read(document)


@inputs(40)
@given(
    changed([b"t;n\n1;2\n", b'"a;b";3\r\n4'], [b";", b'"', b"\n", b"\0", b"\xff"]), st.booleans()
)
def test_mqtt_rows(payload: bytes, header: bool) -> None:
    with contextlib.suppress(ValueError):
        _read(of_form(payload, PayloadForm("csv", ";", header), nul_ended=header))
    assert isinstance(of_form(payload, PayloadForm("text"), nul_ended=header), str)


@inputs(40)
@given(anything)
def test_mqtt_documents(document: Any) -> None:
    _read({"total_act": document, "total_act_power": document, "ts": document, "values": document})
    _read(document)


def _read(document: Any) -> None:
    decoder = Decoder(METER, "filler-1", "meter")
    addresses = [it for it in decoder.addresses if isinstance(it, MqttAddress)]
    for together in (addresses, EXTRA):
        Fields(together).unread_elements(document)
        values = [it for it in Fields(together).found(document, NOW) if it.value is not MISSING]
        readings = [
            Reading("meter", it.address.key, it.value, it.time, NOW, Quality.GOOD) for it in values
        ]
        if together is addresses:
            taken(decoder.decode_all(readings))


ua_values = st.one_of(
    anything,
    st.binary(max_size=20),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.uuids(),
    st.builds(ua.LocalizedText, st.one_of(st.none(), st.text(max_size=5))),
    st.builds(ua.NodeId, st.integers(0, 2**32 - 1), st.integers(0, 65535)),
    st.builds(ua.NodeId, st.text(max_size=5), st.integers(0, 65535)),
    st.builds(ua.QualifiedName, st.text(max_size=5), st.integers(0, 65535)),
    st.builds(ua.StatusCode, st.integers(0, 2**32 - 1)),
    st.just(ua.EUInformation()),
    st.just(ua.ExtensionObject(ua.NodeId(77, 3), b"\xff" * 3)),
    st.just(ua.ExtensionObject(ua.NodeId(77, 4), None)),
)
statuses = st.one_of(st.none(), st.builds(ua.StatusCode, st.integers(0, 2**32 - 1)))
times = st.one_of(st.none(), st.datetimes(), st.datetimes(timezones=st.just(UTC)))


def structures() -> Structures:
    return Structures(cast(Any, None), ["http://opcfoundation.org/UA/", "urn:a"])


@inputs(40)
@given(
    st.lists(st.tuples(st.integers(0, 50), ua_values, statuses, times), min_size=1, max_size=6),
    st.sampled_from(sorted(PROFILES)),
)
def test_opcua_values(values: list[tuple[int, Any, Any, Any]], profile: str) -> None:
    decoder = Decoder(PROFILES[profile], "filler-1", "filler")
    readings = []
    for which, value, status, time in values:
        data = ua.DataValue(SourceTimestamp=time)
        address = decoder.addresses[which % len(decoder.addresses)]
        try:
            plain = structures().plain(value)
        except (ValueError, UnknownStructureError):
            continue
        overflowed(status)
        readings.append(
            Reading("filler", address.key, plain, source_time_of(data), NOW, quality_of(status))
        )
    taken(decoder.decode_all(readings))


PLAIN_VARIANTS = [
    ua.Variant(5, ua.VariantType.Int32),
    ua.Variant([1.5, 2.5], ua.VariantType.Double),
    ua.Variant("running", ua.VariantType.String),
    ua.Variant(datetime(2026, 3, 2), ua.VariantType.DateTime),  # noqa: DTZ001  # as asyncua has it
    ua.Variant(ua.LocalizedText("Execute", "en"), ua.VariantType.LocalizedText),
    ua.Variant(ua.NodeId(36, 1), ua.VariantType.NodeId),
    ua.Variant([[1, 2], [3, 4]], ua.VariantType.Int16),
    ua.Variant(True, ua.VariantType.Boolean),
]
VARIANTS = [b"\x01" + variant_to_binary(it) for it in PLAIN_VARIANTS]  # as DataValues: value alone


@inputs(40)
@given(changed(VARIANTS))
def test_opcua_bytes(data: bytes) -> None:
    """Bytes that asyncua cannot read are its own affair, and an error of the connection; what it
    does read is either plain or refused with a reason."""
    try:
        value = struct_from_binary(ua.DataValue, Buffer(data))
    except Exception:  # whatever it is, the source's runner takes it for a broken connection
        return
    try:
        plain = structures().plain(value.Value)
    except (ValueError, UnknownStructureError):
        return
    decoder = Decoder(COUNTERS, "filler-1", "filler")
    time, quality = source_time_of(value), quality_of(value.StatusCode)
    readings = [Reading("filler", it.key, plain, time, NOW, quality) for it in decoder.addresses]
    taken(decoder.decode_all(readings))
