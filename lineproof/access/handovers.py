"""What a shift hands over: of a data folder, or of a running node, as the same document."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from api.documents.handovers import handover_json
from api.queries.handovers import shift_figures
from api.queries.lines import Queries
from api.records.handovers import asked_shift
from lineproof.access.figures import check_one_source
from lineproof.clock import utc_now
from store.node.opening import open_stores


def handover_document(
    data: Path | None, url: str | None, token: str | None, line: str, shift: str
) -> dict[str, Any]:
    """That of GET /api/v1/lines/{line}/handover; `shift`: a time within it, empty: the present one.
    Raises InputError without or with both sources, and for what is no shift; NotFoundError."""
    check_one_source(data, url)
    if url is not None:
        from lineproof.access.node_client import node_client  # loads an HTTP client

        with node_client(url, token) as client:
            asked = {"shift": shift} if shift else {}
            document: dict[str, Any] = client.get(f"lines/{quote(line, safe='')}/handover", asked)
            return document
    assert data is not None
    with open_stores(data, must_exist=True) as stores:
        queries = Queries(stores.telemetry, stores.registry, utc_now)
        handovers = stores.registry.handovers
        found = handovers.of_shift(asked_shift(queries, handovers, line, shift))
        plant, _ = queries.line(line)
        return handover_json(found, shift_figures(queries, found.shift), plant.zone)
