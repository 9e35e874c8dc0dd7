"""`doctor` tells of the certificate for reports before its last day, not on it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from report_certificates import issued, says_signed

from lineproof.upkeep.findings import Finding
from lineproof.upkeep.report_signing_checks import report_signing
from store.node.data_folder import DataFolder


def found(path: Path) -> list[Finding]:
    with DataFolder(path) as folder:
        return list(report_signing(folder, datetime.now(UTC)))


def test_nothing_where_reports_are_not_signed(tmp_path: Path) -> None:
    assert found(tmp_path) == []


@pytest.mark.parametrize(("to_day", "level"), [(60, "ok"), (29, "warning"), (-1, "problem")])
def test_it_says_until_when(tmp_path: Path, to_day: int, level: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pair = issued("Office", key, from_day=-9, to_day=to_day)
    says_signed(tmp_path, pair)
    (finding,) = found(tmp_path)
    assert finding.status == level
    assert f"{pair.certificate.not_valid_after_utc:%Y-%m-%d}" in finding.detail
    assert bool(finding.todo) == (level != "ok")


def test_a_file_that_cannot_be_used_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "report-signing.yaml").write_text("certificate: none.p12\n")
    (finding,) = found(tmp_path)
    assert finding.status == "problem"
    assert "none.p12: there is no such file" in finding.detail
