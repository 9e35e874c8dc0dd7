"""Telemetry and facts: one protocol, several databases, one conformance suite."""
