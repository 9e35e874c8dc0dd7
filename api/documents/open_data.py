"""What of the portfolio anybody may read: rows for CSV and JSON, and results in the form of IATI.

Nothing confidential is in it: no person, no reason, no sample, no document; and of a plant that
keeps its raw samples confidential no output either. Sources: RFC 4180 (CSV), the International Aid
Transparency Initiative's activity standard 2.03 (order of the elements, codes for dates, budgets,
transactions and results).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from analytics.kpi.evaluation import KPIS
from analytics.kpi.formulas.model import RATIO
from api.documents.portfolio import amount
from api.queries.portfolio import PortfolioRow
from domain.grants import KpiTerms, OutputTerms, Verdict, VerdictStatus
from domain.plant import Confidential, text_in

ACTIVITY = {"planned": "1", "running": "2", "over": "4"}  # IATI's ActivityStatus
COMMITMENT, DISBURSEMENT = "2", "3"  # IATI's TransactionType
_ENGLISH = "en"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute it


def open_rows(rows: Iterable[PortfolioRow]) -> list[dict[str, Any]]:
    """One for each project."""
    return [_open_row(it) for it in rows]


def open_csv(rows: Sequence[PortfolioRow]) -> str:
    """The same as CSV with a line of names; empty where something is not known."""
    found = open_rows(rows)
    stream = io.StringIO(newline="")
    if found:
        writer = csv.DictWriter(stream, list(found[0]))
        writer.writeheader()
        for row in found:
            writer.writerow({name: _cell(value) for name, value in row.items()})
    return stream.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _open_row(row: PortfolioRow) -> dict[str, Any]:
    found, project = row.found, row.found.project
    spent, output = found.spending, row.output if _is_output_open(row) else None
    statuses = row.statuses
    return {
        "project": project.reference,
        "scheme": project.scheme,
        "company": text_in(found.plant.company, _ENGLISH),
        "sector": text_in(found.plant.sector, _ENGLISH) or None,
        "lines": len(project.lines),
        "approved_on": project.approved_on.isoformat(),
        "start": project.start.isoformat(),
        "end": project.end.isoformat(),
        "approved_cost_hkd": project.approved_cost_hkd,
        "grant_hkd": found.funding.grant_hkd,
        "disbursed_hkd": amount(spent.disbursed_hkd) if spent else None,
        "refunded_hkd": amount(spent.refunded_hkd) if spent else None,
        "milestones": len(project.milestones),
        **{f"milestones_{it.value}": statuses[it.value] for it in VerdictStatus},
        "good_items": output and output.good_count,
        "good_items_low": output and output.low,
        "good_items_high": output and output.high,
    }


def _is_output_open(row: PortfolioRow) -> bool:
    return Confidential.RAW_SAMPLES not in row.found.plant.confidential


def open_iati(rows: Iterable[PortfolioRow], organisation: str, name: str) -> bytes:
    """An `iati-activities` document in UTF-8. `organisation`: the identifier of who reports, as it
    is registered; `name`: its name."""
    root = Element("iati-activities", {"version": "2.03"})
    for row in rows:
        _activity(root, row, organisation, name)
    indent(root)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _activity(root: Element, row: PortfolioRow, organisation: str, name: str) -> None:
    found, project = row.found, row.found.project
    today = found.as_of.astimezone(found.plant.zone).date()
    activity = SubElement(root, "iati-activity", {_XML_LANG: _ENGLISH, "default-currency": "HKD"})
    SubElement(activity, "iati-identifier").text = f"{organisation}-{project.reference}"
    reporting = SubElement(activity, "reporting-org", {"ref": organisation, "type": "10"})
    _said(reporting, name)
    _told(activity, "title", f"{project.scheme} {project.reference}")
    company = text_in(found.plant.company, _ENGLISH)
    _told(activity, "description", f"{len(project.lines)} production line(s) of {company}")
    # Funding, by government; implementing, of the private sector.
    for role, kind, who in (("1", "10", name), ("4", "70", company)):
        _said(SubElement(activity, "participating-org", {"role": role, "type": kind}), who)
    status = "planned" if today < project.start else "over" if today > project.end else "running"
    SubElement(activity, "activity-status", {"code": ACTIVITY[status]})
    for kind, day in (("1", project.start), ("3", project.end)):  # planned start and end
        SubElement(activity, "activity-date", {"type": kind, "iso-date": day.isoformat()})
    SubElement(activity, "recipient-country", {"code": "HK"})
    if sector := text_in(found.plant.sector, _ENGLISH):
        _told(activity, "sector", sector, {"vocabulary": "99", "code": sector})
    # A budget is of a year at most: of the whole activity the amount is a commitment.
    if found.funding.grant_hkd is not None:
        _transaction(activity, COMMITMENT, project.approved_on, found.funding.grant_hkd)
    if found.spending is not None and found.spending.disbursed_hkd:
        _transaction(activity, DISBURSEMENT, today, float(found.spending.disbursed_hkd))
    if _is_output_open(row):
        for verdict in found.verdicts:
            _result(activity, verdict)


def _transaction(activity: Element, kind: str, day: date, hkd: float) -> None:
    transaction = SubElement(activity, "transaction")
    SubElement(transaction, "transaction-type", {"code": kind})
    SubElement(transaction, "transaction-date", {"iso-date": day.isoformat()})
    value = {"currency": "HKD", "value-date": day.isoformat()}
    SubElement(transaction, "value", value).text = f"{hkd:.2f}"


def _result(activity: Element, verdict: Verdict) -> None:
    """Of terms with a figure over a window of days: what was agreed and what was measured."""
    terms, window = verdict.milestone.terms, verdict.window
    if not isinstance(terms, KpiTerms | OutputTerms) or window is None or verdict.target is None:
        return
    metric = "good_units" if isinstance(terms, OutputTerms) else terms.metric
    is_share = metric in KPIS and KPIS[metric].unit == RATIO
    measure, times = ("2", 100.0) if is_share else ("1", 1.0)  # percentage, units
    result = SubElement(activity, "result", {"type": "1", "aggregation-status": "0"})
    _told(result, "title", text_in(verdict.milestone.title, _ENGLISH) or verdict.milestone.id)
    ascending = "0" if verdict.op == "<=" else "1"
    indicator = SubElement(result, "indicator", {"measure": measure, "ascending": ascending})
    _told(indicator, "title", metric)
    period = SubElement(indicator, "period")
    _period(period, window.start, window.end)
    SubElement(period, "target", {"value": _number(verdict.target * times)})
    if verdict.value is not None:
        actual = SubElement(period, "actual", {"value": _number(verdict.value * times)})
        comment = f"{verdict.status.value}; between {verdict.low} and {verdict.high}"
        _told(actual, "comment", comment)


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _period(parent: Element, start: date, end: date) -> None:
    SubElement(parent, "period-start", {"iso-date": start.isoformat()})
    SubElement(parent, "period-end", {"iso-date": end.isoformat()})


def _told(parent: Element, tag: str, text: str, names: dict[str, str] | None = None) -> None:
    _said(SubElement(parent, tag, names or {}), text)


def _said(parent: Element, text: str) -> None:
    SubElement(parent, "narrative").text = text
