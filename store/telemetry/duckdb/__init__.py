"""Telemetry in one DuckDB file, which one process owns."""
