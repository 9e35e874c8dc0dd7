"""The dossier that the page and the script hold to what it claims, and one whose raw data stayed
at the factory and whose report is signed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from forged_dossier import AS_OF, PROJECT, Kept, made
from report_certificates import office, says_signed

from lineproof.clock import utc_now
from lineproof.dossier.making import make_dossier
from store.node.opening import open_stores


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return made(tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="session")
def confidential(kept: Kept) -> Path:
    """With a report in English that is signed (PAdES)."""
    says_signed(kept.data, office())
    out = kept.path.with_name("confidential.zip")

    def make() -> None:
        with open_stores(kept.data) as stores:
            make_dossier(stores, PROJECT, out, AS_OF, utc_now, languages=("en",), confidential=True)

    # Signing needs an event loop of its own, and an open browser has the one of this thread.
    with ThreadPoolExecutor(1) as other_thread:
        other_thread.submit(make).result()
    return out
