"""Variables of a folder become signals when they are told first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from device_profiles.decoding.decoder import Decoder
from device_profiles.files.catalogue import parse
from device_profiles.files.resolve import resolve
from domain.samples import Quality, Reading, Rejection, Sample

AT = datetime(2026, 3, 2, tzinfo=UTC)
PROFILE = resolve(
    parse(
        """
name: a/b
vendor: v
model: m
protocol: opcua
title: {en: t}
namespaces: {v: "urn:v"}
inputs: {own: {sources: [{path: ["v:Process", "v:Own"]}]}}
signals: {measurement.pressure: {input: own, factor: 10}}
measurements: [{path: ["v:Process"], names: ["*Temp*", "P*", "Own"], levels: 2}]
""",
        "profile.yaml",
    ),
    {},
)
FOLDER = "/{urn:v}Process/{urn:v}"


def decoded(*readings: tuple[str, object]) -> list[Sample | Rejection]:
    decoder = Decoder(PROFILE, "l", "m")
    given = [Reading("m", address, value, AT, AT, Quality.GOOD) for address, value in readings]
    return [row for it in given for row in decoder.decode(it)]


def test_a_variable_of_the_folder_is_a_measurement() -> None:
    rows = decoded((f"{FOLDER}Temp&/1", 20.5), (f"{FOLDER}Zone/{{urn:w}}MeltTemp", True))
    assert [(it.signal, it.value) for it in rows if isinstance(it, Sample)] == [
        ("measurement.temp_1", 20.5),
        ("measurement.zone_melt_temp", 1.0),
    ]
    assert len(rows) == 2


def test_what_the_profile_says_itself_of_a_variable_counts() -> None:
    rows = decoded((f"{FOLDER}Own", 2.0))
    assert [(it.signal, it.value) for it in rows if isinstance(it, Sample)] == [
        ("measurement.pressure", 20.0)
    ]


@pytest.mark.parametrize(
    "address",
    [
        f"{FOLDER}Speed",  # no name that is wanted
        f"{FOLDER}A/B/Temp",  # too deep
        f"{FOLDER}Pressure",  # that name is the profile's own
        "/{urn:v}ProcessTemp",
        "nsu=urn:v;s=Temp",
        "",
    ],
)
def test_any_other_variable_is_no_signal(address: str) -> None:
    (row,) = decoded((address, 1.0))
    assert isinstance(row, Rejection)
    assert row.reason == "no signal of the profile uses this address"


def test_bad_values_of_a_measurement_are_bad_samples() -> None:
    decoder = Decoder(PROFILE, "l", "m")
    good = Reading("m", f"{FOLDER}Temp", 1.0, AT, AT, Quality.GOOD)
    (row,) = decoder.decode(replace(good, value=None, quality=Quality.BAD))
    assert isinstance(row, Sample)
    assert (row.value, row.quality) == (None, Quality.BAD)


def test_folders_are_part_of_the_digest_and_of_what_is_read() -> None:
    (folder,) = PROFILE.folders
    assert replace(PROFILE, folders=()).digest != PROFILE.digest
    assert replace(PROFILE, folders=(replace(folder, levels=3),)).digest != PROFILE.digest
    assert [it.key for it in PROFILE.addresses] == ["/{urn:v}Process/*Temp*|P*|Own", f"{FOLDER}Own"]
