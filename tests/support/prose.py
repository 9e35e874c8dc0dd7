"""What a module says in words: its docstrings, its comments, the names it uses."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path


def docstrings(path: Path) -> str:
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [ast.get_docstring(node) for node in ast.walk(tree) if isinstance(node, kinds)]
    return "\n".join(text for text in found if text)


def comments(path: Path) -> str:
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    return "\n".join(token.string for token in tokens if token.type == tokenize.COMMENT)


def names(path: Path) -> set[str]:
    """Every name in the code: of variables, functions, classes, attributes."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    return {token.string for token in tokens if token.type == tokenize.NAME}
