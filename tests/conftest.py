"""For all tests: no example has a deadline, and what takes longest begins first.

So in the end no test process waits for another. Files are handed out whole, in the order of
collection (`make test`). Without it those of few tests would come last, and among them are the
longest. A file that is not named here takes some seconds at most; the order changes nothing but the
time that all of them take.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes depends on how busy the machine is, so none has a deadline.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

TESTS = Path(__file__).parent
# Those that wait and those that compute by turns: they leave each other the processor.
LONGEST = (
    "collector/facts/test_plan.py",
    "lineproof/demo/test_demo.py",
    "edge/sources/opcua/test_node_opcua.py",
    "api/pages/test_browser.py",
    "edge/sources/opcua/test_source.py",
    "journeys/test_live_and_imported.py",
    "store/telemetry/test_as_known.py",
    "journeys/test_live_packml.py",
    "benchmarks/test_pages.py",
    "edge/test_agent.py",
    "analytics/facts/test_oracle.py",
    "lineproof/upkeep/test_known_influx.py",
    "store/telemetry/test_conformance_reading.py",
    "edge/test_devices.py",
    "collector/facts/test_keeper.py",
    "journeys/test_operator.py",
    "analytics/calendar/test_properties.py",
    "simulation/edge/test_agent_killed.py",
    "api/records/test_corrections.py",
    "journeys/test_kills.py",
    "store/history/test_neighbours.py",
    "lineproof/demo/test_live_truth.py",
    "api/queries/test_board_keeper.py",
    "journeys/test_screenshots.py",
    "collector/facts/test_corrections.py",
    "api/queries/test_summed_periods.py",
    "lineproof/access/test_figures.py",
    "api/records/test_accepted_periods.py",
    "simulation/collector_kill_test.py",
    "lineproof/cli/commands/test_corrections.py",
    "api/http/access/test_confidential.py",
    "fuzz/test_openapi.py",
    "fuzz/test_http.py",
    "lineproof/upkeep/test_telemetry_checks.py",
    "lineproof/upkeep/test_registry_checks.py",
    "lineproof/test_stopping.py",
    "api/pages/test_browser_sign_on.py",
    "api/pages/test_sign_on.py",
    "api/records/test_approvals.py",
    "api/http/access/test_permissions.py",
    "lineproof/cli/commands/test_schemes.py",
    "journeys/test_errors.py",
    "collector/facts/test_lines_together.py",
    "journeys/test_real_days.py",
    "edge/spool/test_spool.py",
    "lineproof/demo/test_told_history.py",
    "store/telemetry/duckdb/test_store.py",
    "simulation/edge/test_spool_killed.py",
    "simulation/edge/test_spool_full_disk.py",
    "analytics/milestones/test_verdict.py",
    "api/pages/test_browser_line.py",
    "docs/test_corrections_page.py",
    "lineproof/run/test_roles.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {TESTS / name: place for place, name in enumerate(LONGEST)}
    gone = [path for path in places if not path.exists()]
    assert not gone, f"named in {__file__}, but gone: {gone}"
    items.sort(key=lambda item: places.get(item.path, len(places)))
