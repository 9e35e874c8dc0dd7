"""`doctor`: checks a node's data folder and says what to mend."""

from __future__ import annotations

from lineproof import output
from lineproof.commands.options import AsJson, DataDir


def doctor(data: DataDir, as_json: AsJson = False) -> None:
    """Check a node and say what to mend; leaves with 1 when something is wrong."""
