"""What the doctor says of machines that are read live."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from peers import ROOT
from telemetry import batch, samples, spans

from domain.signals import FAULTS
from domain.source_faults import FaultCode, SourceFault, to_text
from lineproof.clock import utc_now
from lineproof.upkeep.apply import apply_files
from lineproof.upkeep.doctor import examine
from lineproof.upkeep.findings import Finding
from store.node.opening import Stores, open_stores

PLANT = ROOT / "docs" / "examples" / "plant.yaml"
LIVE = '{profile: shelly/pro3em-mqtt, connection: {url: "mqtt://127.0.0.1:1", topic: t}}'
NOW = utc_now()


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    """A node whose line has a meter that is read live."""
    plant = tmp_path / "plant.yaml"
    press = "      press: {profile: import}"
    text = PLANT.read_text(encoding="utf-8").replace(press, f"{press}\n      meter: {LIVE}")
    plant.write_text(text, encoding="utf-8")
    with open_stores(tmp_path / "node") as opened:
        apply_files(opened.registry, [plant], NOW)
        yield opened


def found(stores: Stores, subject: str) -> list[Finding]:
    return [it for it in examine(stores, NOW) if it.subject == f"{subject} press-1/meter"]


def test_a_live_machine_that_was_never_heard_is_a_warning(stores: Stores) -> None:
    (finding,) = found(stores, "source")
    assert (finding.status, finding.detail) == ("warning", "never heard")


@pytest.mark.parametrize(("ago_s", "status"), [(5, "ok"), (80, "ok"), (3600, "warning")])
def test_one_that_fell_silent_is_a_warning(stores: Stores, ago_s: int, status: str) -> None:
    known = (NOW - timedelta(hours=2), NOW - timedelta(seconds=ago_s))
    stores.telemetry.append([batch(1, spans=spans(known, line="press-1", machine="meter"))])
    (finding,) = found(stores, "source")
    assert finding.status == status


@pytest.mark.parametrize(("ahead_s", "status"), [(4, "ok"), (90, "problem"), (900, "problem")])
def test_an_agent_whose_clock_is_ahead_is_found(stores: Stores, ahead_s: int, status: str) -> None:
    known = (NOW - timedelta(hours=2), NOW + timedelta(seconds=ahead_s))
    stores.telemetry.append([batch(1, spans=spans(known, line="press-1", machine="meter"))])
    (finding,) = found(stores, "source")
    assert finding.status == status
    if status == "problem":
        assert finding.detail.startswith("The clock of the agent that reads meter is")
        assert "NTP" in finding.todo


def test_an_agent_that_knows_that_its_clock_is_behind_is_not_silent(stores: Stores) -> None:
    behind = to_text([SourceFault(FaultCode.AGENT_CLOCK_BEHIND, amount_s=-600.0)])
    then = NOW - timedelta(minutes=10)
    told = {"signal": FAULTS, "time": then, "text": behind}
    known = spans((NOW - timedelta(hours=2), then), line="press-1", machine="meter")
    sample = samples(told, line="press-1", machine="meter")
    stores.telemetry.append([batch(1, sample, spans=known)])
    assert [it.status for it in found(stores, "source")] == ["ok"]
    (wiring,) = found(stores, "wiring")
    assert wiring.detail.startswith("The clock of the agent that reads meter is 10 mins behind")


# The last report of the machine's agent, and what the doctor makes of it.
REPORTS = {
    "all is well": ([], []),
    "stopped": ([SourceFault(FaultCode.AGENT_STOPPED, NOW)], []),
    "refused": ([SourceFault(FaultCode.SIGN_IN_REFUSED, NOW, detail="no")], ["problem"]),
    "clock": ([SourceFault(FaultCode.CLOCK_BEHIND, amount_s=-7200.0)], ["problem"]),
    "lost": ([SourceFault(FaultCode.CONNECTION_LOST, NOW, detail="cut")], ["warning"]),
    "rejected": ([SourceFault(FaultCode.VALUES_REJECTED, NOW, "x", count=2)], ["warning"]),
    "two at once": (
        [
            SourceFault(FaultCode.ADDRESS_NOT_SERVED, None, "a", "gone"),
            SourceFault(FaultCode.VALUES_REJECTED, NOW, "x", count=2),
        ],
        ["problem", "warning"],
    ),
}


@pytest.mark.parametrize("case", REPORTS)
def test_what_the_agent_told_last_is_found(stores: Stores, case: str) -> None:
    faults, statuses = REPORTS[case]
    early, late = NOW - timedelta(minutes=2), NOW - timedelta(minutes=1)
    before = to_text([SourceFault(FaultCode.NO_CONNECTION, early, detail="before")])
    told = samples(
        {"signal": FAULTS, "time": early, "text": before},
        {"signal": FAULTS, "time": late, "text": to_text(faults)},
        line="press-1",
        machine="meter",
    )
    stores.telemetry.append([batch(1, told)])
    findings = found(stores, "wiring")
    assert [it.status for it in findings] == statuses
    assert all("meter" in it.detail and it.todo for it in findings)
