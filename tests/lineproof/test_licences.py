"""The bill of materials is of what runs, whole, and a valid one."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata

import pytest
from peers import ROOT

from domain.errors import InputError, NotFoundError
from lineproof.licences import Package, bill_of_materials, packages

PACKAGES = (
    "analytics",
    "api",
    "collector",
    "device_profiles",
    "domain",
    "edge",
    "lineproof",
    "store",
)


@pytest.fixture(scope="module")
def found() -> dict[str, Package]:
    return {it.name: it for it in packages()}


def imported() -> Iterator[str]:
    """The top of every module that the program imports."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    yield from (it.name.partition(".")[0] for it in node.names)
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    yield str(node.module).partition(".")[0]


def test_all_that_is_imported_is_in_it() -> None:
    """With the extras that have something of the program to run."""
    found = {it.name for it in packages(extras=("dask", "postgresql", "s3"))}
    of = metadata.packages_distributions()
    foreign = set(imported()) - set(sys.stdlib_module_names) - set(PACKAGES)
    assert len(foreign) > 30
    missing = [it for it in foreign if not {n.lower().replace("_", "-") for n in of[it]} & found]
    assert missing == []


def test_nothing_is_in_it_that_only_tests_need(found: dict[str, Package]) -> None:
    assert not {"pytest", "hypothesis", "mypy", "pandas", "playwright", "pyarrow"} & set(found)


def test_each_says_its_licence_and_the_copyleft_ones_are_known(found: dict[str, Package]) -> None:
    assert [it.name for it in found.values() if it.licence == "not told"] == []
    assert {it.name for it in found.values() if it.is_copyleft} == {"asyncua", "certifi", "orjson"}


@pytest.mark.parametrize(
    ("licence", "is_copyleft"),
    [
        ("MIT", False),
        ("EPL-2.0 OR BSD-3-Clause", False),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("GNU Lesser General Public License v3 or later", True),
        ("GPL-3.0-only OR AGPL-3.0-only", True),
        ("Simplified BSD", False),
    ],
)
def test_what_may_be_chosen_decides(licence: str, is_copyleft: bool) -> None:
    assert Package("x", "1", licence, ()).is_copyleft is is_copyleft


def test_what_is_needed_and_not_there_is_said() -> None:
    with pytest.raises(NotFoundError, match="'no-such-package' is needed and not installed"):
        packages("no-such-package")
    with pytest.raises(InputError, match=r"no extra 'postgres'. Did you mean 'postgresql'\?"):
        packages(extras=["postgres"])
    own = Package("lineproof", "1", "MIT", ("gone",))
    bill = bill_of_materials([own], datetime(2026, 12, 1, tzinfo=UTC))
    assert bill["dependencies"] == [{"ref": "pkg:pypi/lineproof@1", "dependsOn": []}]
