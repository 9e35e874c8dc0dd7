"""The page of plain text that lies in a dossier, for whoever opens the zip and wonders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.plant import Confidential

_TEXT = """\
Dossier of project {project} ({scheme}), as of {as_of}

This file holds what the verdicts on the project's milestones rest on, so that it can be checked
without trusting the factory or its server.

  report.*.pdf      what to read
  verdicts.json     the verdicts, for programs
  facts/            time, items and energy of each slice of time: verdicts are sums of these
  terms/, plants/   what was agreed, and the plant's files (calendar, cycle times) as applied
  corrections.json  what people said beside what the machines measured
  decisions.json    steps of milestones, accepted periods, site visits, change requests
  samples/          what the machines said, as Parquet
  batches/          the same as the agents at the machines sealed and signed it
  attachments/      the documents
  ledger/           the log of evidence: its leaves, its signed checkpoint, proofs

To check it, get the checker from the Lineproof project, not from this file:

  lineproof verify THIS.zip --policy FILE

FILE says which ledger you trust: its key, which you should have got on another way than this
dossier (ledger/policy is only what the dossier itself says). The formats are described in
docs/evidence-format.md of the project, so that you can check with a program of your own.
{kept_back}"""
_KEPT_BACK = """
The plant keeps confidential: {what}. So of these this dossier has digests only.
"""
_RAW_SAMPLES = """
So there are no samples, and batches/ has of each batch what its agent signed, without its content:
it shows that nobody can change anything any more, not yet that the facts follow from it. For that
draw days by lot, and have them opened: 'lineproof challenge THIS.zip' (docs/confidential.md).
"""


def readme(project: Mapping[str, Any]) -> str:
    """`project`: the content of project.json."""
    what = ", ".join(it.replace("_", " ") for it in project["confidential"])
    kept_back = _KEPT_BACK.format(what=what) if what else ""
    if Confidential.RAW_SAMPLES in project["confidential"]:
        kept_back += _RAW_SAMPLES
    return _TEXT.format(**project, kept_back=kept_back)
