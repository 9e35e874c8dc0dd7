"""Rules over the whole collection of profiles; a folder with a recording is a test by itself."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
import yaml
from peers import NODE_PEERS, require

from device_profiles.files.catalogue import PACKAGED, load, names, read
from device_profiles.files.schema import OpcUaProfile
from device_profiles.model.profile import CodeRule, Profile, WhenRule
from device_profiles.proving.check import Level, check, replay
from device_profiles.proving.panel import PANEL
from device_profiles.proving.recording import RECORDING, read_recording
from domain.samples import Quality, Sample
from domain.signals import signal_named

FOLDERS = names()
SLIVER = timedelta(microseconds=2)


def recorded(name: str) -> Profile:
    recording = read_recording(PACKAGED / name / RECORDING)
    assert recording is not None, f"{name} has no {RECORDING}"
    return load(name, recording.parameters)


@pytest.mark.parametrize("name", FOLDERS)
def test_the_recording_decodes_to_what_the_panel_showed(name: str) -> None:
    report = check(name)
    assert report.mismatches == ()
    assert report.silent == ()
    assert report.compared > 0
    assert report.ok


@pytest.mark.parametrize("name", FOLDERS)
def test_a_simulated_machine_makes_no_profile_panel_verified(name: str) -> None:
    report = check(name)
    assert (report.simulated, report.level) == (True, Level.RECORDED)
    assert "simulated" in report.recorded_from


@pytest.mark.parametrize("name", FOLDERS)
def test_a_profile_lies_where_its_name_says_and_nothing_else_beside_it(name: str) -> None:
    assert read(name).name == name
    files = {path.name for path in (PACKAGED / name).iterdir()}
    assert files <= {"profile.yaml", RECORDING, PANEL}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_profile_is_documented(name: str) -> None:
    profile = read(name)
    assert profile.documentation
    assert all(link.startswith("https://") for link in profile.documentation)
    assert profile.caveats
    assert profile.recorded_from
    assert len(set(profile.title.given.values())) == 3


@pytest.mark.parametrize("name", FOLDERS)
def test_no_namespace_index_is_written_anywhere(name: str) -> None:
    """Indexes change from server to server and from start to start; URIs do not."""
    profile = read(name)
    if isinstance(profile, OpcUaProfile):
        assert all("/" in uri or ":" in uri for uri in profile.namespaces.values())
    assert "ns=" not in (PACKAGED / name / "profile.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FOLDERS)
def test_a_profile_maps_known_signals_and_never_falls_back_to_producing(name: str) -> None:
    for rule in recorded(name).rules:
        assert signal_named(rule.signal).name == rule.signal
        if isinstance(rule, WhenRule):
            assert rule.otherwise == "unknown"
        if isinstance(rule, CodeRule) and rule.codes is not None:
            assert rule.codes


@pytest.mark.parametrize("name", FOLDERS)
def test_every_reading_of_bad_quality_leaves_nothing_producing(name: str) -> None:
    recording = read_recording(PACKAGED / name / RECORDING)
    assert recording is not None
    worse = [
        type(item)(
            item.machine, item.address, item.value, item.source_time, item.received, Quality.BAD
        )
        for item in recording.readings
    ]
    for sample in replay(load(name, recording.parameters), worse):
        if isinstance(sample, Sample):
            assert sample.text in (None, "unknown")
            assert sample.quality is Quality.BAD


@pytest.mark.parametrize("name", FOLDERS)
def test_no_state_of_the_recording_lasts_a_microsecond(name: str) -> None:
    recording = read_recording(PACKAGED / name / RECORDING)
    assert recording is not None
    told = replay(load(name, recording.parameters), recording.readings)
    times = sorted(it.time for it in told if isinstance(it, Sample) and it.signal == "state")
    assert all(after - before > SLIVER for before, after in pairwise(times))


def packml_tables() -> list[tuple[str, str, dict[str, str]]]:
    found = []
    for name in FOLDERS:
        for table, codes in read(name).tables.items():
            if set(codes.values()) & {"Execute", "Suspended"}:
                found.append((name, table, codes))
    return found


@pytest.mark.parametrize(("name", "table", "codes"), packml_tables())
def test_every_table_of_packml_states_has_all_twenty(
    name: str, table: str, codes: dict[str, str]
) -> None:
    """OPC 30050: 0 Undefined to 17 Complete, 18 Running, 19 Cleared; each name once."""
    if all(code.startswith("nsu=") for code in codes):
        assert codes == state_nodes()
        return
    assert len(set(codes.values())) == 20
    assert set(codes) in ({str(number) for number in range(20)}, set(codes.values()))


def test_the_packml_tables_are_looked_at() -> None:
    assert len(packml_tables()) == 3


def state_nodes() -> dict[str, str]:
    """The states of the published nodeset: node id by URI, to browse name."""
    nodeset = NODE_PEERS / "node_modules/node-opcua-nodesets/nodesets/Opc.Ua.PackML.NodeSet2.xml"
    tree = ElementTree.parse(require(path=nodeset))
    found = {}
    for node in tree.iterfind("{*}UAObject"):
        kinds = [it.text for it in node.iterfind(".//{*}Reference[@ReferenceType]")
                 if it.get("ReferenceType") == "HasTypeDefinition"]  # fmt: skip
        if kinds in (["i=2307"], ["i=2309"]):  # StateType, InitialStateType
            identifier = node.attrib["NodeId"].removeprefix("ns=1;")
            name = node.attrib["BrowseName"].removeprefix("1:")
            found[f"nsu=http://opcfoundation.org/UA/PackML/;{identifier}"] = name
    assert len(found) == 19  # Undefined has no node
    return found


@pytest.mark.parametrize("name", FOLDERS)
def test_a_recording_is_kept_small_and_in_order_of_arrival(name: str) -> None:
    path = PACKAGED / name / RECORDING
    assert path.stat().st_size < 200_000
    recording = read_recording(path)
    assert recording is not None
    arrivals = [item.received for item in recording.readings]
    assert arrivals == sorted(arrivals)


@pytest.mark.parametrize("name", FOLDERS)
def test_the_panel_is_written_in_words_of_the_signals(name: str) -> None:
    panel = yaml.safe_load((PACKAGED / name / PANEL).read_text(encoding="utf-8"))
    signals = set(recorded(name).signals)
    assert {signal for look in panel["readings"] for signal in look["shows"]} <= signals
