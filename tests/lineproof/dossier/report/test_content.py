"""What a report shows is what was judged, and carries bytes as they are."""

from __future__ import annotations

import pytest
from report_contents import all_facts, full_content

from domain.errors import InputError
from lineproof.dossier.report.content import report_content


def test_figures_are_those_behind_the_verdicts() -> None:
    content = full_content()
    assert set(content.figures) == {"M1", "M2", "M3", "M4", "M6", "M8"}
    output = next(it for it in content.found.verdicts if it.milestone.id == "M4")
    last = content.figures["M4"].figures[-1]
    assert (last.value, last.low, last.high) == (output.value, output.low, output.high)


def test_verdicts_that_are_no_text_are_refused() -> None:
    found = full_content().found
    rows = {"filler-1": all_facts()}
    with pytest.raises(InputError, match="no UTF-8 text"):
        report_content(found, rows, {}, b"\xff\xfe", program_version="1")


def test_facts_that_are_missing_are_refused() -> None:
    found = full_content().found
    with pytest.raises(InputError, match="no facts of line 'filler-1'"):
        report_content(found, {}, {}, b"{}", program_version="1")
