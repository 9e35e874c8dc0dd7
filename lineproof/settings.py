"""The settings files of a node and of its parts: YAML, checked when read.

    store: influxdb
    url: http://influxdb.example:8086
    organisation: tko-foods
    bucket: lineproof
    token: …

is all that changes where telemetry lasts; without it, DuckDB keeps it in the data folder.
"""

from __future__ import annotations
