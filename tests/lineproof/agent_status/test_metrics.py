"""What Prometheus reads of agents: names, values, labels, and how many series there can be."""

from __future__ import annotations

import re
from pathlib import Path

from agent_statuses import NOW, SINCE, agent_status, machine_status, troubled_status
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from edge.agent import AgentStatus
from lineproof.agent_status.metrics import METRICS, agent_registry

DOCS = Path(__file__).parents[3] / "docs" / "agent.md"


def told(*statuses: AgentStatus) -> dict[str, dict[tuple[str, ...], float]]:
    """Values by name and by the labels' values, in the order of the labels' names."""
    text = generate_latest(agent_registry(lambda: statuses)).decode()
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for it in family.samples:
            labels = tuple(value for _, value in sorted(it.labels.items()))
            found.setdefault(it.name.removeprefix("lineproof_agent_"), {})[labels] = it.value
    return found


def test_an_agent_that_is_well_and_one_in_trouble() -> None:
    metrics = told(agent_status(), troubled_status())
    well = told(agent_status())
    assert well["source_connected"] == {("hall-2", "line-1", "filler"): 1}
    assert well["source_lag_seconds"] == {("hall-2", "line-1", "filler"): 0.25}
    assert well["start_time_seconds"] == {("hall-2",): SINCE.timestamp()}
    assert well["uplink_last_acknowledged_timestamp_seconds"] == {("hall-2",): NOW.timestamp()}
    assert well["spool_pending_rows"] == {("hall-2",): 40}
    assert "spool_oldest_batch_timestamp_seconds" not in well
    assert metrics["rejections_total"] == {
        ("hall-2", "line-1", "capper", "not a number"): 12,
        ("hall-2", "line-1", "capper", "unknown code 9"): 1,
    }
    trouble = told(troubled_status())
    assert trouble["spool_refuses"] == {("hall-2",): 1}
    assert trouble["spool_oldest_batch_timestamp_seconds"] == {("hall-2",): SINCE.timestamp()}
    assert "clock_ahead_seconds" not in trouble  # nobody compared it
    kinds = {kind for (_, kind), value in trouble["uplink_trouble"].items() if value}
    assert kinds == {"unreachable"}
    faults = trouble["source_faults"]
    assert faults == {("hall-2", "connection_lost", "line-1", "capper"): 1}


def test_reasons_that_a_machine_makes_up_make_few_series() -> None:
    rejected = tuple((f"unknown code {it}", 200 - it) for it in range(150))
    series = told(agent_status(machine_status(rejected=rejected)))["rejections_total"]
    assert len(series) == 11
    assert sum(series.values()) == sum(count for _, count in rejected)


def test_nobody_is_asked_before_the_first_scrape() -> None:
    asked: list[int] = []

    def statuses() -> list[AgentStatus]:
        asked.append(1)
        return []

    registry = agent_registry(statuses)
    assert asked == []
    generate_latest(registry)
    assert asked == [1]


def test_the_page_of_the_metrics_names_all_of_them_as_they_are_told() -> None:
    rows = re.findall(
        r"^\| `(lineproof_agent_\w+)` \| ([^|]*) \| ([^|]*) \|$", DOCS.read_text(), re.M
    )
    expected = [
        (
            kind.name + ("_total" if kind.is_counter else ""),
            ", ".join(f"`{it}`" for it in kind.all_labels),
            kind.says,
        )
        for kind in METRICS
    ]
    assert [(name, labels.strip(), says.strip()) for name, labels, says in rows] == expected
