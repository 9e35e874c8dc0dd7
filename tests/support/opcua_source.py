"""An OPC UA source that finds out soon what changed at a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recording_sink import utc_now

from device_profiles.model.addresses import OpcUaAddress, OpcUaFolder
from edge.sources.base import Now
from edge.sources.opcua.client import KnownAs
from edge.sources.opcua.settings import opcua_settings
from edge.sources.opcua.source import OpcUaLink
from edge.sources.reporter import Reporter
from edge.sources.runner import LinkSource


def source_of(
    url: str, *addresses: OpcUaAddress | OpcUaFolder, now: Now = utc_now, **connection: Any
) -> LinkSource:
    settings = opcua_settings(
        {"url": url, "security": "none", "publishing_interval_ms": "100", **connection}, "test"
    )
    reporter = Reporter("l", "m", now)
    return LinkSource(
        OpcUaLink(
            settings,
            addresses,
            reporter,
            KnownAs("tester", "tester", Path("unused")),
            keep_alive_s=0.5,
            item_retry_s=1,
        ),
        reporter,
    )
