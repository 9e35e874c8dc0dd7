"""Telemetry, receipts and facts in PostgreSQL, for any number of collectors and keepers."""
