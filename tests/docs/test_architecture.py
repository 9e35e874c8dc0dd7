"""The architecture page names every room of the house, and the docs name only what is there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from peers import ROOT
from prose import comments, docstrings

PACKAGES = (
    *("lineproof", "api", "edge", "collector"),
    *("analytics", "store", "device_profiles", "domain"),
)
NAME = re.compile(rf"(?<![\w./])(?:{'|'.join(PACKAGES)})(?:\.\w+)+")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_room_is_named() -> None:
    rooms = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for package in PACKAGES
        for path in (ROOT / package).rglob("__init__.py")
        if path.parent.name != "versions"
    }
    named = set(re.findall(r"[a-z_]+(?:\.[a-z_]+)*", ARCHITECTURE))
    assert rooms - named == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_modules_that_a_page_names_are_there(page: Path) -> None:
    """`analytics.kpi.periods` or `domain.states.ReasonKind`, in text or in a drawing."""
    text = page.read_text(encoding="utf-8")
    for name in set(NAME.findall(text)):
        if name.endswith(".yaml"):
            continue  # a file that its reader writes
        assert is_there(name), f"there is no {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / link).exists(), f"there is no {link}"
    tops = "|".join((*PACKAGES, "docs", "tests", "benchmarks"))
    for path in re.findall(rf"`((?:{tops})/[\w./-]+)`", text):
        assert (ROOT / path).exists(), f"there is no {path}"


def test_modules_that_docstrings_and_comments_name_are_there() -> None:
    """After a move, a docstring that names the old place sends its reader nowhere."""
    gone = [
        f"{path.relative_to(ROOT)}: {name}"
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for name in set(NAME.findall(docstrings(path) + comments(path)))
        if not name.endswith((".yaml", ".md", ".py", ".pot")) and not is_there(name)
    ]
    assert not gone, "\n".join(gone)


def is_there(name: str) -> bool:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        folder = ROOT.joinpath(*parts[:length])
        if folder.is_dir() or folder.with_suffix(".py").is_file():
            break
    else:
        return False
    rest = parts[length:]
    if not rest:
        return True
    found = importlib.import_module(".".join(parts[:length]))
    for part in rest:
        if not hasattr(found, part):
            return False
        found = getattr(found, part)
    return True
