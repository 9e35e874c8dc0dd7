"""Each module that computes something has its tests at tests/<package>/<folder>/test_<module>.py.

A module without functions (types, tables, constants) needs none. Where one suite tests several
modules together, because only together they can be held against the real thing (a database, a
broker, a command of the program), the suite and the reason stand in `TOGETHER`
(tests/support/tested_elsewhere.py). An entry that is needed no more fails.
"""

from __future__ import annotations

import ast

import pytest
from source_tree import PACKAGES, ROOT, computes, modules, name, own_tests, tree
from tested_elsewhere import TOGETHER

ELSEWHERE = [module for group in TOGETHER for module in group.modules]


def test_a_module_has_its_tests() -> None:
    without = [
        name(path)
        for path in modules(*PACKAGES)
        if path.name != "__init__.py" and computes(tree(path)) and name(path) not in ELSEWHERE
        if not own_tests(path).is_file()
    ]
    assert without == [], "write them, or say in TOGETHER what tests it and why"


@pytest.mark.parametrize("module", ELSEWHERE)
def test_an_exception_is_needed(module: str) -> None:
    path = ROOT / module
    assert ELSEWHERE.count(module) == 1, "say it once"
    assert path.is_file(), "it is gone: strike it from TOGETHER"
    assert computes(tree(path)), "it needs no tests: strike it from TOGETHER"
    assert not own_tests(path).exists(), "it has tests of its own: strike it from TOGETHER"


@pytest.mark.parametrize("tests", sorted({word for it in TOGETHER for word in it.tests.split()}))
def test_the_suite_is_there(tests: str) -> None:
    assert (ROOT / "tests" / tests).exists()


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("A = 1", False),
        ("class A(Protocol):\n    def f(self) -> int:\n        '''What.'''\n        ...", False),
        ("class A:\n    @property\n    def f(self) -> int:\n        return 1", True),
        ("def f():\n    async def g():\n        await h()", True),
    ],
)
def test_what_computes_something(text: str, is_so: bool) -> None:
    assert computes(ast.parse(text)) is is_so
