"""The wheel, installed where nothing of the checkout is: all that the program needs is in it.

What it depends on is taken from where the tests run, so that nothing is fetched.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import site
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from peers import PATIENCE_S, ROOT, free_port, local_get, port_open, running

PACKAGES = (
    "analytics", "api", "collector", "device_profiles", "domain", "edge", "lineproof", "store",
)  # fmt: skip
NOT_INSTALLED = shutil.ignore_patterns("__pycache__", "*.pyc")
BUILD = "from setuptools.build_meta import build_wheel; import sys; print(build_wheel(sys.argv[1]))"


def said(*command: str | Path, folder: Path) -> str:
    """What it prints; fails the test when it does not leave with 0."""
    ended = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    return ended.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("source")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=NOT_INSTALLED)
    for file in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / file, source)
    built = tmp_path_factory.mktemp("built")
    return built / said(sys.executable, "-c", BUILD, built, folder=source).split()[-1]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program in a virtual environment that knows nothing of the checkout."""
    place = tmp_path_factory.mktemp("installed")
    venv.create(place, symlinks=True)
    (packages,) = place.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    pip = (sys.executable, "-m", "pip", "--python", place / "bin" / "python")
    said(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, folder=place)
    return place / "bin" / "lineproof"


@contextlib.contextmanager
def node(program: Path, folder: Path) -> Iterator[str]:
    """It runs; its address."""
    port = free_port()
    plant = ROOT / "docs" / "examples" / "plant.yaml"
    command = [program, "up", "--plant", plant, "--data", folder / "node", "--port", str(port)]
    with running(command, ready=lambda: port_open(port), log=folder / "log", cwd=folder):
        yield f"http://127.0.0.1:{port}"


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    every = (it for package in PACKAGES for it in (ROOT / package).rglob("*") if it.is_file())
    names = {str(it.relative_to(ROOT)) for it in every if it.parent.name != "__pycache__"}
    with zipfile.ZipFile(wheel) as packed:
        assert names - set(packed.namelist()) == set()


def test_it_is_the_wheel_that_runs(installed: Path, tmp_path: Path) -> None:
    python = installed.parent / "python"
    where = "import api, lineproof; print(api.__path__[0], lineproof.__path__[0])"
    assert str(ROOT) not in said(python, "-c", where, folder=tmp_path)


def test_figures_out_of_a_file(installed: Path, tmp_path: Path) -> None:
    """As the README does it."""
    examples = ROOT / "docs" / "examples"

    def lineproof(*words: str | Path) -> str:
        return said(installed, *words, folder=tmp_path)

    lineproof("apply", "-f", examples / "plant.yaml", "--data", "node")
    lineproof("import", "--data", "node", "--line", "press-1", examples / "history.csv")
    window = ("--start", "2026-03-02", "--end", "2026-03-03")
    (row,) = json.loads(lineproof("kpi", "--data", "node", "--line", "press-1", *window, "--json"))
    assert round(row["oee"], 4) == 0.7479
    lineproof("verifier", "-o", "verify.html")
    assert "<script" in (tmp_path / "verify.html").read_text(encoding="utf-8")


def test_pages_with_all_that_belongs_to_them(installed: Path, tmp_path: Path) -> None:
    with node(installed, tmp_path) as address:
        page = local_get(f"{address}/floor?lang=zh-Hant")
        assert page.status_code == 200
        assert "生產線" in page.text, "catalogues are there"
        parts = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
        assert parts
        assert {local_get(address + it).status_code for it in parts} == {200}
        profile = local_get(f"{address}/profiles/packml/opcua")
        assert profile.status_code == 200
