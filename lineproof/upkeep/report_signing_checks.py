"""What `doctor` finds of the certificate that reports are signed with: while it is not usable, no
dossier is made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.errors import InputError
from lineproof.upkeep.findings import Finding
from store.node.data_folder import DataFolder
from store.node.report_signing_settings import read_report_signing

SUBJECT = "report signing"
_SOON = timedelta(days=30)  # an office may need as long to get a new one


def report_signing(folder: DataFolder, now: datetime) -> Iterator[Finding]:
    """One, where the data folder says that reports are signed; else none."""
    try:
        found = read_report_signing(folder.report_signing, folder.timestamps, now)
    except InputError as error:
        yield Finding(SUBJECT, "problem", f"{error.where}: {error.what}", error.todo)
        return
    if found is None:
        return
    ends = found.certificate.not_valid_after_utc
    says = f"'{found.certificate.subject.rfc4514_string()}', valid until {ends:%Y-%m-%d}"
    if ends - now < _SOON:
        yield Finding(SUBJECT, "warning", says, "Get the next certificate before that day.")
    else:
        yield Finding(SUBJECT, "ok", says)
