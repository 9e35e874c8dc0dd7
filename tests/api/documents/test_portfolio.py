"""The portfolio as JSON."""

from __future__ import annotations

import orjson
from web_plant import NOW

from api.documents.portfolio import portfolio_json
from api.queries.lines import Queries
from api.queries.portfolio import portfolio_row


def test_totals_are_of_all_and_projects_of_the_page(filled: Queries) -> None:
    _, project = filled.project("NIFS-2025-017")
    row = portfolio_row(filled, project)
    told = orjson.loads(orjson.dumps(portfolio_json([row], [], [project], NOW, "zh-Hant")))
    assert told["totals"]["grant_hkd"] == 15_000_000
    assert told["totals"]["states"] == {"draft": 7}
    assert (told["projects"], told["not_computed"]) == ([], ["NIFS-2025-017"])
    (scheme,) = told["schemes"]
    assert (scheme["scheme"], scheme["totals"]["lines"]) == ("NIFS", 1)
    assert scheme["published"][0]["lines"] == {"value": 90, "is_least": True}
    assert scheme["published"][1]["is_excerpt"] is True
    assert told["indicators"]["rows"][-1]["title"] == "製造業佔以基本價格計算的本地生產總值"
    (shown,) = portfolio_json([row], [row], [], NOW, "en")["projects"]
    assert (shown["company"], shown["lines"]) == ("TKO Foods Ltd", ("filler-1",))
    assert shown["waiting"][0] == {
        "milestone": "M1", "state": "draft", "waits_for": "company",
        "since": "2026-03-21T00:00:00+08:00", "days": 4,
    }  # fmt: skip
