"""The page of the report: its examples are ones that the program takes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from peers import ROOT
from report_certificates import PASSPHRASE, office, says_signed
from stamping import stamping_authority

from store.node.report_signing_settings import read_report_signing

PAGE = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"<!-- example: report-signing.yaml.*? -->\n```yaml\n(.*?)```", PAGE, re.S)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_are_taken(tmp_path: Path, example: str) -> None:
    assert len(EXAMPLES) == 2
    says_signed(tmp_path, office())
    (tmp_path / "report.p12").write_bytes(office().p12())
    (tmp_path / "report-passphrase").write_text(PASSPHRASE)
    (tmp_path / "report-passphrase").chmod(0o600)
    root = stamping_authority(tmp_path / "tsa").root
    (tmp_path / "timestamps.yaml").write_text(
        f"authorities: [{{name: first, address: 'http://tsa.example/tsr', roots: {root}}}]\n"
    )
    path = tmp_path / "report-signing.yaml"
    path.write_text(example)
    found = read_report_signing(path, tmp_path / "timestamps.yaml", datetime.now(UTC))
    assert found is not None
    assert found.certificate == office().certificate
    assert (found.authority is None) == ("time_stamp" not in example)
