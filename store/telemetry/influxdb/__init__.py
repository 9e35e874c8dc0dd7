"""Telemetry in InfluxDB, which several processes may share."""
