"""What the page says, in each language: of an agent that is well, and of one in trouble."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from agent_statuses import NOW, SINCE, agent_status, machine_status, troubled_status

from api.i18n import LANGUAGES, language
from device_profiles.decoding.clock_error import ClockError
from edge.agent import AgentStatus
from edge.collector_clock import AgentClock
from edge.last_minute import Pace
from edge.sources.base import SourceStatus
from edge.uplink import Trouble, UplinkStatus
from lineproof.agent_status.page import AgentPage, Part, agent_page

ZONE = ZoneInfo("Asia/Hong_Kong")


def shown(status: AgentStatus, tag: str = "en") -> AgentPage:
    return agent_page(status, language(tag), ZONE, NOW)


def facts(part: Part) -> dict[str, str]:
    return {row.name: row.says for row in part.rows}


def test_an_agent_that_is_well() -> None:
    page = shown(agent_status())
    (filler,) = page.machines
    assert (page.heard, page.now, page.started) == (1, "2 Mar 2026 12:00:00", "2 Mar 2026 09:00:00")
    assert (
        filler.says == "The connection stands since 2 Mar 2026 09:00:00, and the machine is heard."
    )
    assert facts(filler)["Values"] == "12.50 a second, over the last minute"
    assert facts(filler)["Delay"].startswith("0.25 s from the machine's time to its receipt, 1.50")
    assert facts(page.collector)["This agent's clock"].startswith("no difference of more than 5")
    assert facts(page.spool)["Waits"] == "0 values in 0 sealed batches, 42 not sealed yet"
    assert [it.state.is_well for it in (filler, page.spool, page.collector)] == [True] * 3
    assert (page.spool.problem, page.collector.problem) == ("", "")


def test_an_agent_in_trouble() -> None:
    page = shown(troubled_status())
    capper = page.machines[1]
    assert page.heard == 1
    assert capper.state.word == "not connected"
    assert capper.faults[0].what.startswith("The connection with capper was lost at 2 Mar 2026")
    assert capper.faults[0].todo
    assert capper.rejected == (("not a number", "12"), ("unknown code 9", "1"))
    assert page.spool.says == "The sources wait for 3 mins: the spool keeps what it has."
    assert page.spool.problem == "the spool has reached its limit"
    assert facts(page.spool)["Oldest batch sealed"] == "2 Mar 2026 09:00:00"
    assert facts(page.spool)["Size"] == "1.0 MB of 1 MB (95.0%)"
    assert page.collector.says == "The collector cannot be reached since 2 Mar 2026 09:00:00."
    assert "cannot be reached (All attempts failed)" in page.collector.problem


@pytest.mark.parametrize(
    ("changes", "word", "says"),
    [
        ({"problem": "no such profile"}, "not read", "cannot read"),
        ({"alive": False}, "not heard", "what the machine does is unknown"),
        ({"source": SourceStatus("filler", since=SINCE)}, "not connected", "tries again"),
    ],
)
def test_what_a_machine_is_doing(changes: dict[str, Any], word: str, says: str) -> None:
    (machine,) = shown(agent_status(machine_status(**changes))).machines
    assert (machine.state.word, machine.state.is_well) == (word, False)
    assert says in machine.says


def test_states_differ_by_word_and_by_sign_not_by_colour() -> None:
    """WCAG 2.2, 1.4.1."""
    kinds: tuple[dict[str, Any], ...] = (
        {},
        {"alive": False},
        {"source": SourceStatus("filler", since=SINCE)},
    )
    states = [shown(agent_status(machine_status(**it))).machines[0].state for it in kinds]
    assert len({it.word for it in states}) == len({it.sign for it in states}) == len(states)


def test_changes_that_were_lost_and_clocks_that_are_off_are_said() -> None:
    source = SourceStatus("filler", connected=True, since=SINCE, overflows=3)
    off = machine_status(source=source, pace=Pace(250.4), clock_error=ClockError(-7200.0))
    page = shown(agent_status(off, clock=AgentClock(90.0)))
    assert facts(page.machines[0])["Losses"] == "changes were lost 3 times"
    assert facts(page.machines[0])["Values"] == "250 a second, over the last minute"
    assert facts(page.machines[0])["Delay"].startswith("no value with a time of the machine")
    assert facts(page.machines[0])["Its clock"] == "2 hrs behind"
    assert facts(page.collector)["This agent's clock"] == "1 min 30 secs ahead"


def test_a_problem_that_is_over_is_still_told_as_the_last_one() -> None:
    uplink = UplinkStatus(
        "https://node.example", since=NOW, sent=1, last_problem="it failed", last_problem_at=SINCE
    )
    page = shown(agent_status(uplink=uplink))
    assert page.collector.state.is_well
    assert page.collector.problem == "it failed"
    assert facts(page.collector)["Last problem"] == "2 Mar 2026 09:00:00"


def test_before_the_first_batch() -> None:
    page = shown(agent_status(uplink=UplinkStatus("https://node.example")))
    assert page.collector.says == "No batch has been sent since the start."


@pytest.mark.parametrize("trouble", Trouble)
@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_trouble_has_its_sentence(trouble: Trouble, tag: str) -> None:
    uplink = UplinkStatus("https://node.example", trouble=trouble, since=SINCE)
    says = shown(agent_status(uplink=uplink), tag).collector.says
    assert "09:00:00" in says
    assert (tag == "en") is says.isascii()
