"""What begins with an underscore belongs to one module: no other module imports or touches it.

The same goes for libraries: their private names change without notice. An object's private
attributes are touched through `self` and `cls` alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from source_tree import PACKAGES, is_private, modules, name, tree

# Public in spite of their names: a named tuple's fields must not clash with them.
OF_NAMED_TUPLES = frozenset({"_make", "_replace", "_asdict", "_fields"})
# Public too: the standard library documents it under this name.
DOCUMENTED = frozenset({"os._exit"})


def private_names(text: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of each private name of somebody else."""
    for node in ast.walk(text):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if any(map(is_private, module.split("."))):
                yield node.lineno, module
            yield from ((node.lineno, it.name) for it in node.names if is_private(it.name))
        elif isinstance(node, ast.Import):
            for it in node.names:
                if any(map(is_private, it.name.split("."))):
                    yield node.lineno, it.name
        elif isinstance(node, ast.Attribute):
            is_public = _is_own(node) or ast.unparse(node) in DOCUMENTED
            if is_private(node.attr) and not is_public:
                yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Call):
            yield from _by_text(node)


def _is_own(node: ast.Attribute) -> bool:
    owner = node.value
    if isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name):
        return owner.func.id == "super"
    of_self = isinstance(owner, ast.Name) and owner.id in {"self", "cls"}
    return of_self or node.attr in OF_NAMED_TUPLES


def _by_text(node: ast.Call) -> Iterator[tuple[int, str]]:
    """getattr(somebody, "_private")"""
    if isinstance(node.func, ast.Name) and node.func.id in {"getattr", "setattr", "delattr"}:
        asked = node.args[1] if len(node.args) > 1 else None
        if isinstance(asked, ast.Constant) and is_private(str(asked.value)):
            yield node.lineno, ast.unparse(node)


def test_no_private_name_of_another_module_or_library() -> None:
    found = [
        f"{name(path)}, line {line}: {used}"
        for path in modules(*PACKAGES)
        for line, used in private_names(tree(path))
    ]
    assert found == [], "make it public where it is, or move what needs it there"


@pytest.mark.parametrize(
    "text",
    [
        "from other import _thing",
        "from library._inner import thing",
        "import library._inner",
        "other._thing()",
        "self.part._thing",
        "getattr(other, '_thing')",
    ],
)
def test_a_private_name_of_another_is_seen(text: str) -> None:
    assert list(private_names(ast.parse(text)))


@pytest.mark.parametrize(
    "text",
    [
        "from __future__ import annotations",
        "from domain.texts import N_",
        "self._thing",
        "cls._thing()",
        "super()._thing()",
        "Chunk._make(row)",
        "type(it).__name__",
    ],
)
def test_ones_own_private_names_are_let_be(text: str) -> None:
    assert list(private_names(ast.parse(text))) == []
