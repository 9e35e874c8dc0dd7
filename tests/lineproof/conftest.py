"""An opened plant without data and a way to write files beside it; a factory with a confidential
dossier."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confidential_days import Factory
from confidential_days import factory as make_factory
from import_plant import apply

from store.node.opening import Stores, open_stores


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with open_stores(tmp_path / "node") as opened:
        apply(opened)
        yield opened


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def written(text: str, name: str = "history.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture(scope="session")
def factory(tmp_path_factory: pytest.TempPathFactory) -> Factory:
    """One that hands out a confidential dossier; nobody changes its folder."""
    return make_factory(tmp_path_factory.mktemp("factory"))
