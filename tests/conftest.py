"""For all tests: no example has a deadline, and what takes longest begins first.

So in the end no test process waits for another. Files are handed out whole, in the order of
collection (`make test`). Without it those of few tests would come last, and among them are the
longest. A file that is not named here takes some seconds at most; the order changes nothing but the
time that all of them take.
"""

from __future__ import annotations

import gc
from pathlib import Path

import migrated_once
import pytest
import quick_hashing
from hypothesis import settings

# How long an example takes depends on how busy the machine is, so none has a deadline.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
migrated_once.install()
quick_hashing.install()

TESTS = Path(__file__).parent
# Those that wait and those that compute by turns: they leave each other the processor.
LONGEST = (
    "lineproof/verifiers/test_page_arithmetic.py",
    "collector/facts/test_plan.py",
    "lineproof/verification/test_forgeries.py",
    "lineproof/demo/test_demo.py",
    "lineproof/witnesses/test_cosigned_dossiers.py",
    "edge/sources/opcua/test_node_opcua.py",
    "lineproof/verification/test_forged_reports.py",
    "api/pages/test_browser.py",
    "lineproof/verifiers/test_assembly.py",
    "edge/sources/opcua/test_source.py",
    "device_profiles/test_played_devices.py",
    "journeys/test_live_faults.py",
    "journeys/test_live_and_imported.py",
    "lineproof/run/test_dossier_route.py",
    "store/telemetry/test_as_known.py",
    "analytics/kpi/test_hiding.py",
    "journeys/test_live_packml.py",
    "journeys/test_stories.py",
    "lineproof/dossier/report/test_pdf.py",
    "benchmarks/test_pages.py",
    "lineproof/witnesses/test_stamped_dossiers.py",
    "edge/test_agent.py",
    "lineproof/upkeep/test_rebuild.py",
    "analytics/facts/test_oracle.py",
    "edge/test_uplink.py",
    "lineproof/upkeep/test_known_influx.py",
    "lineproof/verifiers/test_script.py",
    "store/telemetry/test_conformance_reading.py",
    "api/pages/officer/test_milestone.py",
    "edge/test_devices.py",
    "api/records/test_milestone_steps.py",
    "collector/facts/test_keeper.py",
    "edge/test_source_report.py",
    "api/http/test_kpi_pages.py",
    "analytics/calendar/test_properties.py",
    "edge/test_machine.py",
    "simulation/edge/test_agent_killed.py",
    "collector/facts/test_crowded_instants.py",
    "api/records/test_corrections.py",
    "lineproof/cli/commands/test_decisions.py",
    "journeys/test_kills.py",
    "lineproof/verification/test_forged_ledgers.py",
    "store/history/test_neighbours.py",
    "lineproof/cli/commands/test_dossiers.py",
    "lineproof/demo/test_live_truth.py",
    "api/queries/test_board_keeper.py",
    "api/pages/officer/test_attaching.py",
    "benchmarks/test_small.py",
    "journeys/test_imported_history.py",
    "analytics/kpi/test_bounds.py",
    "lineproof/cli/commands/test_accounts.py",
    "edge/sources/opcua/test_client.py",
    "lineproof/history_import/test_field_cases.py",
    "api/test_attacks.py",
    "journeys/test_taken_away.py",
    "api/pages/officer/test_milestone_visits.py",
    "lineproof/cli/commands/test_attested.py",
    "api/pages/test_pages.py",
    "lineproof/cli/commands/test_documents.py",
    "edge/spool/test_outbox.py",
    "lineproof/verification/test_forged_days.py",
    "lineproof/history_import/test_field_counters.py",
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
    "api/pages/accounts/test_browser_sign_on.py",
    "api/pages/accounts/test_sign_on.py",
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
    "api/pages/operator/test_browser_line.py",
    "docs/test_corrections_page.py",
    "lineproof/run/test_roles.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {TESTS / name: place for place, name in enumerate(LONGEST)}
    gone = [path for path in places if not path.exists()]
    assert not gone, f"named in {__file__}, but gone: {gone}"
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_collection_finish() -> None:
    """What was collected stays until the end: the search for garbage does not look at it again."""
    gc.collect()
    gc.freeze()
