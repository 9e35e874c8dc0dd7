"""A node, its honest dossier, and both in a forger's hands. Nobody changes the first two."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from forging import Files, files_of, made
from whole_folder import make


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("forged") / "node")


@pytest.fixture(scope="session")
def honest(node: Path) -> Path:
    return made(node, node.parent / "honest.zip")


@pytest.fixture
def files(honest: Path) -> Files:
    return files_of(honest)


@pytest.fixture
def own(node: Path, honest: Path, tmp_path: Path) -> Path:
    """The node's folder in the hands of its owner."""
    shutil.copytree(node, tmp_path / "node")
    return tmp_path / "node"
