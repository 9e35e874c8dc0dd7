"""What `doctor` finds, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

FINDINGS_PATH = "health/findings"  # of a running node, behind /api/v1/
REBUILD = (
    "Run 'lineproof rebuild --data DIR', which makes telemetry and facts anew from the archive."
)
BACKUP = "Put the registry back from a backup, and find out who could write into its file."
UNREADABLE = (
    "Put the registry back from a backup where it was changed; where telemetry was, run "
    "'lineproof rebuild --data DIR'."
)
Status = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`subject`: what was looked at; `detail`: a sentence; `todo`: empty where all is well."""

    subject: str
    status: Status
    detail: str
    todo: str = ""


def findings_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """The document of `doctor`: all that was found, and whether nothing is to mend."""
    return {
        "ok": all(it.status != "problem" for it in findings),
        "findings": [asdict(it) for it in findings],
    }
