"""Finding, reading and filling in profiles; the digest that names what decided."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from device_profiles.files.catalogue import PACKAGED, load, names
from device_profiles.model.addresses import OpcUaAddress, OpcUaStart
from device_profiles.model.profile import CodeRule, NumberRule
from domain.errors import InputError, NotFoundError

GENERIC = "generic/opcua-counters"


def test_the_packaged_profiles_are_listed_by_name() -> None:
    assert {"packml/opcua", GENERIC, "shelly/pro3em-mqtt"} <= set(names())


def test_the_contracts_example_of_a_parameter_is_an_address() -> None:
    profile = load(GENERIC, {"good_count": "urn:vendor:Counters/Good"})
    assert profile.signals == ("good_count",)
    path = (("urn:vendor", "Counters"), ("urn:vendor", "Good"))
    assert profile.addresses == (OpcUaAddress(OpcUaStart(), path),)


def test_codes_and_units_come_from_parameters() -> None:
    parameters = {
        "state": "urn:v:State",
        "state_codes": " 0 = off, 1=producing,2 =stopped ",
        "energy": "urn:v:Energy",
        "energy_unit": "Wh",
    }
    state, energy = load(GENERIC, parameters).rules
    assert isinstance(state, CodeRule)
    assert state.codes == {"0": "off", "1": "producing", "2": "stopped"}
    assert isinstance(energy, NumberRule)
    assert energy.conversion == (1, 1000)


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("packml/opc", {}, "unknown device profile 'packml/opc'. Did you mean 'packml/opcua'?"),
        (GENERIC, {}, "no signal is left without parameters. Give at least one of state,"),
        (GENERIC, {"god_count": "x"}, "parameter 'god_count': unknown parameter. Did you mean 'go"),
        (GENERIC, {"good_count": "Good"}, "parameter 'good_count': 'Good' is not the address of"),
        (GENERIC, {"state": "urn:v:S", "state_codes": "1:producing"}, "Write as in 0=stopped"),
        (GENERIC, {"state": "urn:v:S", "state_codes": "1=run"}, "unknown state 'run'. Known are:"),
        (GENERIC, {"state": "urn:v:S", "state_codes": "1=off,1=fault"}, "'1' is given twice"),
        (GENERIC, {"power": "urn:v:P", "power_unit": "kw"}, "unknown unit 'kw' of 'power'. Did"),
        (GENERIC, {"state_codes": "1=producing"}, "no signal is left without parameters"),
    ],
)
def test_wrong_names_and_parameters_say_what_to_do(
    name: str, parameters: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        load(name, parameters)
    assert message in str(caught.value)


def test_an_unknown_profile_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="unknown device profile 'no/such'"):
        load("no/such")


def test_a_path_without_a_profile_is_told_from_a_name(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").touch()
    for path in (tmp_path, tmp_path / "other.yaml", tmp_path / "missing.yaml"):
        with pytest.raises(NotFoundError, match=rf"^{path}: there is no profile\.yaml\."):
            load(str(path))


def test_ones_own_profile_is_read_from_its_folder_or_file(tmp_path: Path) -> None:
    own = tmp_path / "my machine" / "profile.yaml"
    own.parent.mkdir()
    shutil.copy(PACKAGED / "packml/opcua/profile.yaml", own)
    assert load(str(own)).digest == load(str(own.parent)).digest == load("packml/opcua").digest


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "profile.yaml"
    own.write_bytes(b"name: \xff\xfe")
    with pytest.raises(InputError, match=r"profile\.yaml: the profile cannot be read"):
        load(str(own))


def test_the_digest_changes_with_what_decides_and_with_nothing_else(tmp_path: Path) -> None:
    text = (PACKAGED / "packml/opcua/profile.yaml").read_text(encoding="utf-8")

    def digest(old: str, new: str) -> str:
        assert old in text
        own = tmp_path / "profile.yaml"
        own.write_text(text.replace(old, new, 1), encoding="utf-8")
        return load(str(own)).digest

    same = load("packml/opcua").digest
    assert digest("PackML machine over OPC UA", "Another title") == same
    assert digest("name: packml/opcua", "# a comment\nname: packml/opcua") == same
    changes = [
        ("11: Held", "11: Holding"),
        ("then: fault", "then: stopped"),
        ("unit: items/min", "unit: items/h"),
        ("packml:UnitModeCurrent", "packml:UnitModeRequested"),
        ("reject_count: {input: defective}", "reject_count: {input: defective, factor: 2}"),
        ("field: [0, AccCount]", "field: [0, Count]"),
        ("absent: false", "absent: true"),
    ]
    digests = {digest(old, new) for old, new in changes}
    assert len(digests | {same}) == len(changes) + 1


def test_parameters_are_part_of_the_digest() -> None:
    one = load(GENERIC, {"good_count": "urn:vendor:Counters/Good"})
    other = load(GENERIC, {"good_count": "urn:vendor:Counters/Bad"})
    assert one.digest != other.digest


def test_the_digest_of_a_profile_is_fixed() -> None:
    """Sealed batches name it: should this fail, digests of the same profile have changed."""
    profile = load(GENERIC, {"good_count": "urn:vendor:Counters/Good"})
    expected = "3568b3483e74726154922eaf1b6000ce058ef3c9bffcb512e21d8a053d84dfa7"
    assert profile.digest == expected
