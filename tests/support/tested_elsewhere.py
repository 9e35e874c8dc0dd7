"""Modules whose tests are not beside them: test_tests_mirror_code.py holds it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Together:
    """Modules (words below `folder`, without .py) that `tests` (files, folders) test, and why."""

    folder: str
    names: str
    tests: str
    why: str

    @property
    def modules(self) -> list[str]:
        return [f"{self.folder}/{word}.py" for word in self.names.split()]


TOGETHER = (
    Together(
        "api",
        "exports/chart_specs exports/making exports/typesetting http/exported "
        "pages/officer/milestone_export pages/officer/portfolio_export pages/operator/floor_export "
        "pages/operator/kpi_columns pages/operator/line_charts pages/operator/line_tables "
        "pages/operator/measurement_tables pages/operator/stop_tables",
        "api/exports api/pages/test_exports.py api/pages/operator/test_line_export.py "
        "lineproof/dossier/report/test_pdf.py",
        "the steps to an export: tested by the files that come of them, held against the API",
    ),
    Together(
        "edge/spool",
        "kept_table profile_sets",
        "edge/spool/test_spool.py",
        "tables of the spool: what is in them is told by a spool that was opened again",
    ),
    Together(
        "device_profiles/decoding",
        "address_times plain_numbers",
        "device_profiles/decoding/test_source_time.py",
        "what is known of an address, and its short way: what is told does not depend on it",
    ),
    Together(
        "device_profiles/files",
        "mqtt_schema opcua_schema schema_words",
        "device_profiles/files/test_schema.py",
        "parts of one form: what a wrong profile is told does not depend on where its words stand",
    ),
    Together(
        "analytics/kpi/formulas",
        "inputs manual_kpis output_kpis time_kpis",
        "analytics/kpi/test_evaluation.py analytics/kpi/test_bounds.py docs/test_kpi_reference.py",
        "tables of KPIs: every one is held against its worked example and its bounds",
    ),
    Together(
        "analytics/kpi",
        "row_columns",
        "analytics/kpi/test_rows.py",
        "a row as a column of its own: held against rows computed one by one",
    ),
    Together(
        "api/documents",
        "alerts attachments control_chart kpi_rows live milestones reminders",
        "api/queries/test_measurements.py api/http/routes api/pages/officer/test_reminders.py",
        "documents are tested as the routes give them, to the last key",
    ),
    Together(
        "api/documents",
        "accepted_periods accounts change_requests corrections milestone_steps site_visits",
        "api/records",
        "the same, with what was recorded just before",
    ),
    Together(
        "analytics/integrity",
        "examined looking same_hours",
        "analytics/integrity lineproof/verification/test_forged_days.py",
        "what is looked through, and all looks: tested look by look, and together in a dossier",
    ),
    Together(
        "api/queries",
        "findings",
        "lineproof/verification/test_forged_days.py",
        "findings need a project's whole history: a forged one, whose dossier tells them",
    ),
    Together(
        "api/http",
        "dependencies",
        "api/http/routes api/pages/test_events.py api/pages/test_pages.py",
        "what routes and streams share: tested through them, over a real server",
    ),
    Together(
        "api",
        "documents/terms_changes queries/terms_changes",
        "lineproof/verification/test_changed_terms.py",
        "versions of terms: as a dossier shows them, and as it is verified",
    ),
    Together(
        "lineproof/verification",
        "terms_part",
        "lineproof/verification/test_changed_terms.py",
        "the same",
    ),
    Together(
        "store/files",
        "possible terms terms_file",
        "lineproof/upkeep/test_refused_grants.py store/files/test_grant.py docs/test_grant_file.py",
        "what a grant file may say, and each sentence that refuses one, as `apply` says it",
    ),
    Together(
        "api/http",
        "openapi",
        "fuzz/test_openapi.py",
        "what the document says of answers: held against all of them, as everybody",
    ),
    Together(
        "edge/sources",
        "base",
        "edge/sources edge/test_machine_faults.py",
        "the border between sources and machines: tested on both sides of it",
    ),
    Together(
        "api/http",
        "access/callers access/forms access/open_id password_check",
        "api/http/access/test_permissions.py api/pages/accounts/test_sign_in.py "
        "api/pages/accounts/test_sign_in_provider.py api/pages/accounts/test_users.py",
        "who asks, and by which form: tested by what every route and the sign-in answer",
    ),
    Together(
        "api/http/routes",
        "accounts change_requests corrections decisions exceptions frozen measurements profiles "
        "reminders visits",
        "api/records api/queries/test_measurements.py api/http/routes/test_batches.py",
        "routes of a few lines: tested where what they answer is made",
    ),
    Together(
        "api/pages",
        "templates",
        "api/pages/test_render.py lineproof/agent_status/test_app.py",
        "what turns templates to text: tested by the pages of a node and of an agent",
    ),
    Together(
        "api/http",
        "problem_document",
        "api/http/test_problems.py",
        "the document of every refusal: tested by what answers with one",
    ),
    Together(
        "api/pages/operator",
        "control first_screen kpi_details kpi_tables line line_corrections line_day line_stops "
        "line_tabs stop_links",
        "api/pages/test_pages.py api/pages/test_events.py api/pages/operator/test_browser_line.py "
        "api/queries/test_stops.py",
        "pages are read whole, in three languages, and in a browser",
    ),
    Together(
        "api/pages/officer",
        "shown_visits terms",
        "api/pages/test_pages.py api/pages/officer/test_milestone_visits.py",
        "pages are read whole, in three languages",
    ),
    Together(
        "api/queries",
        "board board_turns",
        "api/queries/test_board_keeper.py api/queries/test_board_due.py",
        "held against the whole history after any sequence of events, and with no time for all",
    ),
    Together(
        "api/queries",
        "intake kpis reminders site_visits verdicts",
        "api/http api/queries api/records api/pages/officer/test_grants.py",
        "questions to a filled store: tested by the answers of routes and pages",
    ),
    Together(
        "collector/intake",
        "chains group_writer receipts signatures",
        "collector/intake/test_collector.py collector/intake/test_decisions.py",
        "steps of one intake: what counts is that it acknowledges nothing that does not last",
    ),
    Together(
        "collector",
        "replay/index replay/replay workers/batches workers/facts",
        "lineproof/upkeep/test_rebuild.py lineproof/upkeep/test_rebuild_workers.py",
        "a replay needs the archive of a node: held against the node's own telemetry",
    ),
    Together(
        "device_profiles/files",
        "consistency",
        "device_profiles/files/test_schema.py",
        "each wrong profile is one sentence, whichever of the two finds it",
    ),
    Together(
        "edge/browsing",
        "heard",
        "edge/browsing/test_trial.py lineproof/test_recorder.py",
        "who listens for a while: tested by what is told of it",
    ),
    Together(
        "edge/sources",
        "opcua/items opcua/nodes",
        "edge/sources/opcua",
        "callbacks of client libraries: tested against real brokers and servers",
    ),
    Together(
        "lineproof/access",
        "accounts change_requests documents handovers ledgers milestone_steps node_client "
        "portfolios records site_visits",
        "lineproof/access/test_figures.py lineproof/cli/commands/test_documents.py "
        "lineproof/cli/commands/test_corrections.py "
        "lineproof/cli/commands/test_accounts.py lineproof/cli/commands/test_decisions.py "
        "lineproof/cli/commands/test_ledger.py lineproof/cli/commands/test_visits.py "
        "lineproof/cli/commands/test_changes.py lineproof/cli/commands/test_portfolios.py "
        "lineproof/cli/commands/test_handovers.py",
        "a folder and a running node are asked the same and compared",
    ),
    Together(
        "lineproof/cli/commands",
        "agents checks edge figures history rebuild serve setup tls",
        "lineproof/cli/test_wrong_input.py journeys lineproof/upkeep lineproof/tls "
        "edge/test_enrolment.py lineproof/cli/commands/test_portfolios.py",
        "commands are run as people run them; what they call has tests of its own",
    ),
    Together(
        "lineproof/demo",
        "officers operators playing story model/lines servers/broker servers/checkweigher "
        "servers/packml_machine servers/packml_nodes servers/sparkplug_node",
        "lineproof/demo",
        "parts of one story: the servers as clients see them, the story as the demo tells it",
    ),
    Together(
        "lineproof/history_import",
        "sealing_agent",
        "lineproof/history_import/test_importer.py",
        "it seals what an import has read: held against what is stored then",
    ),
    Together(
        "lineproof/reference",
        "kpi_pages",
        "docs/test_kpi_reference.py",
        "the pages that it makes are in docs",
    ),
    Together(
        "lineproof/run",
        "agents_routes api_role collector_role findings_route first_sign_in until_signal",
        "lineproof/cli/commands/test_doctor.py edge/test_enrolment.py lineproof/run/test_roles.py "
        "lineproof/cli/commands/test_accounts.py",
        "tested through the commands that ask for them",
    ),
    Together(
        "lineproof/tls",
        "certificates",
        "lineproof/tls",
        "files of certificates: tested by what is read and made of them",
    ),
    Together(
        "lineproof/dossier",
        "content documents evidence_files ledger_files readme telemetry_files",
        "lineproof/dossier/test_making.py lineproof/verification/test_forgeries.py",
        "each writes its part of one zip, which is tested as a whole",
    ),
    Together(
        "lineproof/openings",
        "challenge_file needed_batches opened_paths opening",
        "lineproof/verification/test_opened_part.py lineproof/verification/test_challenges.py",
        "a plant opens days of a whole dossier, and an officer checks them",
    ),
    Together(
        "lineproof/verification",
        "batches_part challenge_part differences evidence ledger_part opened_facts outcome "
        "recomputed_part report_part verify",
        "lineproof/verification",
        "whole dossiers are forged, and the check that sees it is told",
    ),
    Together(
        "lineproof/upkeep",
        "chain_checks folder",
        "lineproof/upkeep/test_doctor.py lineproof/upkeep/test_telemetry_checks.py",
        "a whole data folder is spoilt, and what the doctor says of it is read",
    ),
    Together(
        "store/registry",
        "record derived_rows",
        "lineproof/upkeep/test_registry_checks.py",
        "every table of a registry in use is spoilt",
    ),
    Together(
        "store/telemetry",
        "held_contents duckdb/contents postgresql/contents",
        "lineproof/upkeep/test_telemetry_checks.py lineproof/upkeep/test_postgres_checks.py",
        "it is held against an archive: every table of a file in use is spoilt",
    ),
    Together(
        "lineproof/upkeep",
        "findings",
        "lineproof/upkeep/test_doctor.py lineproof/cli/commands/test_doctor.py",
        "what a doctor finds: tested through what finds it",
    ),
    Together(
        "lineproof/run",
        "node",
        "lineproof/demo/test_demo.py journeys/test_live_packml.py",
        "a whole node: started as a process",
    ),
    Together(
        "store/history",
        "affected_windows batched_reads",
        "collector/facts store/history/test_line_history.py",
        "what must be computed again: held by the keeper against facts of the whole history",
    ),
    Together(
        "store/ledger",
        "ledger_file tree_file",
        "store/ledger/test_ledger.py",
        "the file of a ledger: every table of one in use is spoilt",
    ),
    Together(
        "store/node",
        "rebuilding",
        "lineproof/upkeep/test_rebuild.py",
        "an exchange that is cut off at each step",
    ),
    Together(
        "api/http",
        "audit_questions",
        "api/http/routes/test_audit.py api/pages/accounts/test_audit.py",
        "what is asked of the audit: by the API and by the page",
    ),
    Together(
        "store/registry/accounts",
        "identities",
        "api/pages/accounts/test_sign_in_provider.py",
        "who a provider says somebody is: tested with a real one",
    ),
    Together(
        "store/registry",
        "correction_rows line_work/alert_rows tables",
        "store/registry/test_database.py store/registry/test_line_records.py "
        "store/registry/line_work",
        "tables: whatever goes in must come out, in new files and in old ones",
    ),
    Together(
        "store/registry/migrations/versions",
        "0001_registry 0002_corrections 0003_accounts 0004_identities 0005_failed_tries "
        "0006_audit 0007_agent_keys 0008_shared_tablets 0009_pseudonym_key 0010_approvals "
        "0011_erasures 0012_plan_changes 0013_record 0014_milestone_steps 0015_ledger_end "
        "0016_attested_figures 0017_document_acts 0018_site_visits 0019_change_requests "
        "0020_outbox 0022_audit_samples 0023_visit_withdrawals 0024_handovers 0026_plant_saves "
        "0027_alerts 0028_until_stop_ends 0029_orders_at_the_machine 0030_changes_seen",
        "store/registry/test_database.py",
        "whatever goes in must come out, in new files and in old ones",
    ),
    Together(
        "store/registry",
        "erased_rows personal_data",
        "store/registry/test_erasing.py store/registry/test_audit.py",
        "what is held of a person, and what an erasure leaves: tested by erasing it",
    ),
    Together(
        "store/registry/project_work",
        "document_acts",
        "store/registry/project_work/test_retaining.py",
        "rows: tested as what was done with a document, and as what it comes to",
    ),
    Together(
        "api",
        "documents/handovers http/routes/alerts http/routes/handovers queries/handovers "
        "records/alerts pages/operator/shown_handover",
        "api/records/test_handovers.py api/pages/operator/test_handover.py "
        "api/pages/operator/test_alerts.py",
        "what is signed or acknowledged, and what of it is shown and told: tested by doing it",
    ),
    Together(
        "api/pages/officer",
        "milestone_documents",
        "api/pages/officer/test_attaching.py",
        "the list of documents and the form are one part of the page",
    ),
    Together(
        "api/records",
        "personal_data",
        "api/http/routes/test_personal_data.py lineproof/cli/commands/test_personal_data.py",
        "documents are tested as the routes and commands give them",
    ),
    Together(
        "store/archive",
        "segment_appending segment_index segment_scan",
        "store/archive/test_segments.py store/archive/test_sealed_batches.py",
        "one archive: what must come out of it, whatever happened to its files",
    ),
    Together(
        "store/telemetry",
        "batches_of_store duckdb/as_known duckdb/schema duckdb/series fact_sums influxdb/facts "
        "influxdb/ledger influxdb/points influxdb/receipts influxdb/series "
        "postgresql/facts postgresql/schema postgresql/series",
        "store/telemetry/test_conformance.py store/telemetry/test_conformance_reading.py "
        "store/telemetry/test_conformance_sums.py store/telemetry/test_as_known.py",
        "one suite holds every database to the same answers",
    ),
)
