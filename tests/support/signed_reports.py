"""A small report in English, by the fonts that come with Typst, and signed ones."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import typst
from report_certificates import Pair, office, root
from report_contents import TERMS, full_content

from api.i18n import language
from lineproof.dossier.report.pdf import compiled
from lineproof.dossier.report.signing import signed_report
from store.node.report_signing_settings import ReportSigning

SIGNED_AT = datetime.now(UTC).replace(microsecond=0)


@cache
def report() -> bytes:
    content = full_content(terms={"M1": TERMS["M1"]}, steps=[])
    return compiled(content, language("en"), typst.Fonts(include_system_fonts=False))


def signing(pair: Pair) -> ReportSigning:
    return ReportSigning(pair.certificate, (root().certificate,), pair.key)  # type: ignore[arg-type]  # no Ed25519


def signed(folder: Path, pair: Pair | None = None) -> bytes:
    return signed_report(report(), signing(pair or office()), SIGNED_AT, folder).pdf
