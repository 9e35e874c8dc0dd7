"""A machine is put into plant files that are written in many ways, and nothing else changes."""

from __future__ import annotations

import re

import pytest

from api.records.machine_insertion import MachineText, with_line, with_machine
from domain.errors import InputError
from domain.yaml_text import load_yaml
from store.files.plant import read_plant

ENTRY = """\
press-7:
  profile: packml/opcua  # its namespace was seen
  connection:
    url: "opc.tcp://10.0.0.5:4840"
    # password_file: in a file of its own
    security: none
"""
HEAD = "plant: p\ncompany: {name: {en: A}}\n"
WAYS = {
    "blocks": """\
lines:
  # the first
  l:
    machines:
      m: {profile: import}  # imported

    # what they give
    roles: {state: m}
  k:
    roles: {state: n}
    machines:
        n:
            profile: import
""",
    "one line": "lines: {l: {machines: {m: {profile: import}}, roles: {state: m}}}\n",
    "flow inside": """\
lines:
  l: {machines: {m: {profile: import}},  # why
    roles: {state: m}}
""",
    "last, with comments": """\
lines:
  l:
    roles: {state: m}
    machines:
      m:
        profile: >-
          import

# the end
""",
    "no line break": "lines:\n  l:\n    roles: {state: m}\n    machines: {m: {profile: import}}",
    "other keys behind": """\
lines:
  l:
    machines:
      "m":
        profile: import
    roles:
      state: m
products:
  a: {ideal_cycle_time_s: 1}
""",
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_all_else_stays_as_it_is(way: str) -> None:
    text = HEAD + WAYS[way]
    machine = MachineText.of(ENTRY)
    for new in (with_machine(text, "l", machine), with_line(text, "fresh", machine)):
        read_plant(new, "plant.yaml")
        comments = re.findall("# .*", text)
        assert [it for it in re.findall("# .*", new) if it in comments] == comments
    value = load_yaml(with_machine(text, "l", machine), "p")[0]
    assert list(value["lines"]["l"]["machines"]) == ["m", "press-7"]
    line = load_yaml(with_line(text, "fresh", machine), "p")[0]["lines"]["fresh"]
    assert line["roles"]["state"] == "press-7"
    assert list(line["machines"]) == ["press-7"]


def test_comments_of_the_entry_come_along_and_the_text_grows_by_it_alone() -> None:
    text = HEAD + WAYS["blocks"]
    new = with_machine(text, "k", MachineText.of(ENTRY, "other")).splitlines()
    assert new[: len(text.splitlines())] == text.splitlines()
    assert new[len(text.splitlines()) :] == [
        "        other:",
        "          profile: packml/opcua  # its namespace was seen",
        "          connection:",
        '            url: "opc.tcp://10.0.0.5:4840"',
        "            # password_file: in a file of its own",
        "            security: none",
    ]


@pytest.mark.parametrize(
    ("text", "line", "name", "says"),
    [
        (WAYS["blocks"], "l", "m", "has a machine 'm' already"),
        (WAYS["blocks"], "l", "no name", "is no name of a line or machine"),
        (WAYS["blocks"], "gone", "", "has nothing under"),
        (
            "lines:\n  l: &a\n    machines:\n      m: {profile: import}\n    roles: {state: m}\n"
            "  k: *a\n",
            "k", "", "in which nothing can be put in",
        ),
    ],
)  # fmt: skip
def test_where_it_cannot_be_put_in(text: str, line: str, name: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        with_machine(HEAD + text, line, MachineText.of(ENTRY, name))


@pytest.mark.parametrize("entry", ["", "a: b", "a: {}\nb: {}", "- x", "a: &x [*x]", "12"])
def test_what_is_no_entry(entry: str) -> None:
    with pytest.raises(InputError):
        MachineText.of(entry)


def test_names_that_yaml_would_read_otherwise() -> None:
    text = HEAD + WAYS["blocks"]
    new = with_line(text, "12", MachineText.of(ENTRY, "true"))
    assert list(read_plant(new, "p").lines["12"].machines) == ["true"]
