"""The page about grant.yaml: its example is one, and names every field that there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from domain.grants import FirstProductionDays, KpiTerms, OutputTerms, ProducingDaysTerms
from store.files.grant import read_grant
from store.files.schemas import schemas

PAGE = (Path(__file__).parents[2] / "docs" / "grant-file.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
SCHEMA = json.loads(schemas()["grant.schema.json"])
FIELDS = {
    field for model in (SCHEMA, *SCHEMA["$defs"].values()) for field in model.get("properties", {})
}


def test_the_example_is_a_project() -> None:
    terms = {it.id: it.terms for it in read_grant(EXAMPLE, "docs/grant-file.md").milestones}
    by_day = terms["M2"]
    assert isinstance(by_day, KpiTerms)
    assert (by_day.window, by_day.shifts) == (20, ("A",))
    assert terms["M5"] == OutputTerms(400_000, 20)
    assert terms["M10"] == ProducingDaysTerms(18, 20)


def test_first_production_days_are_read() -> None:
    text = EXAMPLE.replace("{production_days: 20}", "{start: 2028-01-01, production_days: 20}")
    text = text.replace(
        "good_units: 400000, window: {start: 2028", "good_units: 1, window: {start: 2026"
    )
    terms = read_grant(text, "grant.yaml").milestones[-1].terms
    assert isinstance(terms, ProducingDaysTerms)
    assert isinstance(terms.window, FirstProductionDays)


def test_every_field_is_named() -> None:
    missing = {it for it in FIELDS if not re.search(rf"\b{re.escape(it)}\b", PAGE)}
    assert not missing
