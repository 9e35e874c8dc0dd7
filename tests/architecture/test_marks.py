"""A mark that silences a tool says why: beside it, or in a comment on the line above."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator

import pytest
from source_tree import PACKAGES, modules, name

MARK = re.compile(
    r"#\s*(ruff:\s*)?noqa(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*)?"
    r"|#\s*type:\s*ignore(\[[\w\s,-]+\])?"
    r"|#\s*pragma:\s*no\s*\w+"
)
REASON = re.compile(r"\w{2,}")


def marks_without_reason(text: str) -> Iterator[str]:
    """Line and mark. A mark right below a reasoned mark shares its reason."""
    reasoned = -1  # the last line that gave a reason
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        line = token.start[0]
        if not MARK.search(token.string):
            alone = not token.line[: token.start[1]].strip()
            reasoned = line if alone and REASON.search(token.string) else reasoned
        elif REASON.search(MARK.sub("", token.string)) or reasoned == line - 1:
            reasoned = line
        else:
            yield f"line {line}: {token.string}"


def test_a_mark_says_why() -> None:
    found = [
        f"{name(path)}, {mark}"
        for path in modules(*PACKAGES, "tests", "benchmarks")
        for mark in marks_without_reason(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("x = 1  # noqa: E741", 1),
        ("x = 1  # type: ignore[arg-type]", 1),
        ("x = 1  # pragma: no cover", 1),
        ("y = 2\nx = 1  # noqa", 1),
        ("y = 2  # of another line\nx = 1  # noqa", 1),
        ("x = 1  # noqa: E741  # the standard's letter", 0),
        ("x = 1  # type: ignore[arg-type]  # a scripted one", 0),
        ("# The library leaves it so.\nx = 1  # type: ignore\ny = 1  # type: ignore", 0),
        ("x = '# noqa'", 0),
    ],
)
def test_a_mark_without_a_reason_is_seen(text: str, count: int) -> None:
    assert len(list(marks_without_reason(text))) == count
