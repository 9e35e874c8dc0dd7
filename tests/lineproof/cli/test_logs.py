"""Logs go to standard error: JSON lines, or words for people; never with local variables."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

SCRIPT = """
import logging, sys, structlog
from lineproof.cli import logs
logs.configure(terminal=sys.argv[1] == "people")
logs.configure(terminal=sys.argv[1] == "people")
structlog.get_logger("ours").info("connected", machine="filler")
logging.getLogger("library").warning("slow: %s", 3)
logging.getLogger("httpx").info("every request")
structlog.get_logger("ours").info("agent_refused", agent="x\\n2026 boss signed in\\x1b[2J\\x9b1A")
logging.getLogger("library").warning("said %s", "y\\nz\\x1b[2J\\x9b1A")
FOREIGN = "y\\nz\\x1b[2J\\x9b1A\\u2028z\\u202e\\r"
class Odd:
    def __repr__(self):
        return FOREIGN
odd = {"a": [FOREIGN], "b": {FOREIGN: FOREIGN}, "c": (FOREIGN,), "d": Odd()}
structlog.get_logger("ours").info("odd", **odd)
structlog.contextvars.bind_contextvars(who=FOREIGN)
for log in (structlog.get_logger("ours"), logging.getLogger("library")):
    try:
        try:
            raise ValueError(FOREIGN)
        except ValueError as error:
            error.add_note(FOREIGN)
            raise RuntimeError(FOREIGN) from error
    except RuntimeError:
        log.exception("failed")
structlog.contextvars.clear_contextvars()
try:
    password = "secret"
    raise ValueError("wrong")
except ValueError:
    structlog.get_logger("ours").exception("a source failed")
"""


def logged(how: str) -> str:
    """What a process of its own logs: logging is one for a whole process."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, how], capture_output=True, text=True, check=True
    )
    assert done.stdout == "", "standard output is for data alone"
    return done.stderr


def test_where_nobody_looks_on_each_record_is_a_line_of_json() -> None:
    ours, library, *_, failed = map(json.loads, logged("nobody").splitlines())
    assert (ours["event"], ours["machine"], ours["level"]) == ("connected", "filler", "info")
    assert (library["event"], library["logger"]) == ("slow: 3", "library")
    assert failed["exception"][0]["exc_value"] == "wrong"
    assert "secret" not in json.dumps(failed), "locals may hold passwords"


def test_people_get_words_and_a_plain_trace() -> None:
    said = logged("people")
    assert "connected" in said
    assert "ValueError: wrong" in said
    assert "every request" not in said


@pytest.mark.parametrize("how", ["nobody", "people"])
def test_what_came_from_outside_stays_in_its_line(how: str) -> None:
    """However deep: in a list, in what an error says, in a note on it, in a library's record."""
    said = logged(how)
    assert "y" in said
    assert [it for it in said.splitlines() if it.startswith(("2026 boss", "z"))] == []
    assert not set(said) & set("\x9b\u2028\u202e\r")
    assert "\x1b[2J" not in said
    assert len(said.splitlines()) == len(said.split("\n")) - 1, "other ends of lines"
