"""Open data: rows, CSV and IATI without anything confidential."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from api.documents.open_data import open_csv, open_iati, open_rows
from api.queries.lines import Queries
from api.queries.portfolio import PortfolioRow, portfolio_row
from domain.plant import Confidential


@pytest.fixture
def row(filled: Queries) -> PortfolioRow:
    return portfolio_row(filled, filled.project("NIFS-2025-017")[1])


def attribute(parent: ElementTree.Element, path: str, name: str) -> str | None:
    found = parent.find(path)
    return None if found is None else found.get(name)


def with_plant(row: PortfolioRow, **changes: object) -> PortfolioRow:
    plant = replace(row.found.plant, **changes)
    return replace(row, found=replace(row.found, plant=plant))


def test_a_row_has_money_verdicts_and_output(row: PortfolioRow) -> None:
    (told,) = open_rows([row])
    assert told["grant_hkd"] == 15_000_000
    assert told["milestones_met"] == 1
    assert told["good_items"] == row.output.good_count
    assert not {"author", "attested_by", "reasons", "waiting"} & told.keys()


def test_csv_reads_back_as_the_rows(row: PortfolioRow) -> None:
    (told,) = csv.DictReader(io.StringIO(open_csv([row]), newline=""))
    (meant,) = open_rows([row])
    assert told == {name: "" if it is None else str(it) for name, it in meant.items()}
    assert open_csv([]) == ""


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r="])
def test_no_name_becomes_a_formula(row: PortfolioRow, begin: str) -> None:
    wicked = with_plant(row, company={"en": f'{begin}HYPERLINK("http://x")'})
    (told,) = csv.DictReader(io.StringIO(open_csv([wicked]), newline=""))
    assert told["company"].startswith("'")


def test_a_plant_that_keeps_its_samples_to_itself_publishes_no_output(row: PortfolioRow) -> None:
    kept = with_plant(row, confidential=frozenset({Confidential.RAW_SAMPLES}))
    (told,) = open_rows([kept])
    assert (told["good_items"], told["good_items_low"], told["good_items_high"]) == (None,) * 3
    assert told["grant_hkd"] == 15_000_000
    assert b"<result" not in open_iati([kept], "HK-ITC", "ITC")


def test_iati_has_the_standards_elements_in_their_order(row: PortfolioRow) -> None:
    """The order is that of the activity standard 2.03; a reader checks it."""
    named = with_plant(row, sector={"en": "Food & drink"})
    root = ElementTree.fromstring(open_iati([named], "HK-ITC", "A <b>& C"))
    assert (root.tag, root.get("version")) == ("iati-activities", "2.03")
    (activity,) = root
    order = list(dict.fromkeys(it.tag for it in activity))
    assert order == [
        "iati-identifier", "reporting-org", "title", "description", "participating-org",
        "activity-status", "activity-date", "recipient-country", "sector", "transaction", "result",
    ]  # fmt: skip
    assert activity.findtext("iati-identifier") == "HK-ITC-NIFS-2025-017"
    assert activity.findtext("reporting-org/narrative") == "A <b>& C"
    assert attribute(activity, "activity-status", "code") == "2"
    assert attribute(activity, "transaction/transaction-type", "code") == "2", "a commitment"
    assert activity.findtext("transaction/value") == "15000000.00"
    parties = [(it.get("role"), it.get("type")) for it in activity.iter("participating-org")]
    assert parties == [("1", "10"), ("4", "70")]


def test_iati_tells_what_was_agreed_and_what_was_measured(row: PortfolioRow) -> None:
    root = ElementTree.fromstring(open_iati([row], "HK-ITC", "ITC"))
    told = {
        result.findtext("title/narrative"): (
            attribute(result, "indicator", "measure"),
            attribute(result, "indicator/period/target", "value"),
            attribute(result, "indicator/period/actual", "value"),
        )
        for result in root.iter("result")
    }
    by_id = {it.milestone.id: it for it in row.found.verdicts}
    assert by_id["M3"].value is not None
    measure, target, actual = told["Availability of 83 % in the second week"]
    assert (measure, target) == ("2", "83")
    assert float(actual or "") == pytest.approx(by_id["M3"].value * 100, abs=1e-6)
    assert told["Output"][:2] == ("1", "2000000")
    assert "Audited accounts" not in told
