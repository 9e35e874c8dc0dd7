"""In one package no name stands for two things.

Held are the public names that modules define at their top: classes, functions, constants, type
aliases and type variables. What is the same thing is defined once and imported; two things get
two names. A name that a framework or the folder's own convention asks for is in `CONVENTIONS`.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from source_tree import PACKAGES, modules, name, tree

# Below this folder the name may stand in several modules, with the reason.
_ALEMBIC = "Alembic reads it in each version"
CONVENTIONS: dict[tuple[str, str], str] = {
    ("api", "router"): "a module's routes, which api.app puts together",
    ("lineproof/cli", "app"): "a group of commands, which lineproof.cli.main puts together",
    ("store/registry/migrations/versions", "revision"): _ALEMBIC,
    ("store/registry/migrations/versions", "down_revision"): _ALEMBIC,
    ("store/registry/migrations/versions", "upgrade"): _ALEMBIC,
    ("store/registry/migrations/versions", "downgrade"): _ALEMBIC,
}


def defined(body: Iterable[ast.stmt]) -> Iterator[str]:
    """The public names that these statements define; what they import is another module's."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign):
            inside = (it for target in node.targets for it in ast.walk(target))
            names = [
                it.id for it in inside if isinstance(it, ast.Name) and isinstance(it.ctx, ast.Store)
            ]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names = [node.target.id]
        elif isinstance(node, ast.If | ast.Try):
            names = list(defined([*node.body, *node.orelse]))
        else:
            names = []
        yield from (it for it in names if not it.startswith("_"))


def places_of_names(paths: Iterable[Path]) -> dict[str, list[str]]:
    """Each name with the modules that define it. A name of a convention stands in none."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        if path.name != "__init__.py":
            for it in sorted(set(defined(tree(path).body))):
                if not any(_is_convention(path, it, *each) for each in CONVENTIONS):
                    found[it].append(name(path))
    return found


def _is_convention(path: Path, it: str, folder: str, allowed: str) -> bool:
    return it == allowed and name(path).startswith(f"{folder}/")


@pytest.mark.parametrize("package", PACKAGES)
def test_no_name_stands_for_two_things(package: str) -> None:
    twice = {
        it: places for it, places in places_of_names(modules(package)).items() if len(places) > 1
    }
    assert twice == {}, "define it once and import it, or give each thing its own name"


@pytest.mark.parametrize(("folder", "allowed"), CONVENTIONS)
def test_a_convention_is_needed(folder: str, allowed: str) -> None:
    users = [path for path in modules(folder) if allowed in defined(tree(path).body)]
    assert len(users) > 1, "strike it from CONVENTIONS"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("class Thing: ...", ["Thing"]),
        ("async def thing(): ...", ["thing"]),
        ("THING = 1\n_own = 2\n__all__ = []", ["THING"]),
        ("one, (two, _) = 1, (2, 3)", ["one", "two"]),
        ("thing: int = 1", ["thing"]),
        ("Thing = TypeVar('Thing')", ["Thing"]),
        ("if fast:\n    thing = 1\nelse:\n    other = 2", ["thing", "other"]),
        ("from other import thing\nimport more\ntable['key'] = 1", []),
    ],
)
def test_what_a_module_defines(text: str, names: list[str]) -> None:
    assert list(defined(ast.parse(text).body)) == names
