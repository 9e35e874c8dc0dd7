"""Puts a machine into the text of a plant file: among the machines of a line, or as a new line.

The rest of the text stays as it is, with its comments and in its order; what is put in follows the
way in which its neighbours are written. The new text is read again: where it does not say exactly
what the old one said and the machine, nothing is put in (an alias, for instance, may stand for the
machines of several lines).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from device_profiles.drafting.plant_text import ROLES
from device_profiles.files import catalogue
from domain.errors import InputError
from domain.yaml_text import Lines, load_yaml

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
_BY_HAND = "Put it in by hand: copy it from /connect."
_FILL_IN = "# ideal_cycle_time_s: 1  # fill in: seconds planned for one item"


@dataclass(frozen=True, slots=True)
class MachineText:
    """A machine's entry of a plant file: its name, and the lines below that, from column 0."""

    name: str
    lines: Sequence[str]
    value: Mapping[str, Any]

    @classmethod
    def of(cls, entry: str, name: str = "") -> MachineText:
        """Of an entry as `/connect` proposes it, under that name (empty: its own). Raises
        InputError."""
        value, _ = load_yaml(entry, "the machine's entry")
        if not isinstance(value, dict) or len(value) != 1:
            raise InputError("this is no entry of one machine", todo="Look at the machine again.")
        ((own, inner),) = value.items()
        if not isinstance(inner, dict):
            raise InputError("the machine's entry is empty", todo="Look at the machine again.")
        found = entry.splitlines()
        first = next(at for at, it in enumerate(found) if it and not it.startswith("#"))
        return cls(_checked(name.strip() or str(own)), _moved_left(found[first + 1 :]), inner)

    @property
    def block(self) -> list[str]:
        return [f"{_key(self.name)}:", *(f"  {it}" for it in self.lines)]

    @property
    def flow(self) -> str:
        """On one line: JSON is YAML."""
        return f"{json.dumps(self.name)}: {json.dumps(self.value, ensure_ascii=False)}"


def with_machine(text: str, line: str, machine: MachineText) -> str:
    """The plant file's text with the machine last among those of the line. Raises InputError."""
    old, places = load_yaml(text, "plant.yaml")
    machines = _node(places, ("lines", line, "machines"))
    if machine.name in old["lines"][line]["machines"]:
        raise InputError(
            f"the line '{line}' has a machine '{machine.name}' already",
            todo="Give this one another name.",
        )
    new = _put_in(text, machines, machine.block, machine.flow)
    among = {**old["lines"][line]["machines"], machine.name: machine.value}
    lines = {**old["lines"], line: {**old["lines"][line], "machines": among}}
    return _said_so(new, {**old, "lines": lines})


def with_line(text: str, line: str, machine: MachineText) -> str:
    """The same with a new line, last among the lines, that has the machine alone. It has every role
    that its profile gives. Raises InputError."""
    old, places = load_yaml(text, "plant.yaml")
    lines = _node(places, ("lines",))
    if _checked(line) in old["lines"]:
        raise InputError(f"there is a line '{line}' already", todo="Give it another name.")
    roles = dict.fromkeys(_roles(machine), machine.name)
    block = [
        f"{_key(line)}:",
        f"  {_FILL_IN}",
        "  machines:",
        *(f"    {it}" for it in machine.block),
        f"  roles: {{{', '.join(f'{role}: {_key(name)}' for role, name in roles.items())}}}",
    ]
    value = {"machines": {machine.name: machine.value}, "roles": roles}
    new = _put_in(text, lines, block, f"{json.dumps(line)}: {json.dumps(value)}")
    return _said_so(new, {**old, "lines": {**old["lines"], line: value}})


def _roles(machine: MachineText) -> list[str]:
    """Those that the machine's profile gives."""
    parameters = {str(k): str(v) for k, v in (machine.value.get("parameters") or {}).items()}
    profile = catalogue.load(str(machine.value.get("profile", "")), parameters)
    given = {it.signal for it in profile.rules}
    return [it for it in ROLES if it in given]


def _node(places: Lines, path: tuple[str, ...]) -> yaml.MappingNode:
    node = places.root
    for step in path:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for key, value in pairs if key.value == step), None)
    if not isinstance(node, yaml.MappingNode) or not node.value:
        raise InputError(f"the plant file has nothing under '{'.'.join(path)}'", todo=_BY_HAND)
    return node


def _put_in(text: str, node: yaml.MappingNode, block: Sequence[str], flow: str) -> str:
    """The text with one more member behind the last one of the mapping."""
    if node.flow_style:
        at = node.value[-1][1].end_mark.index
        return f"{text[:at]}, {flow}{text[at:]}"
    indent = " " * node.value[0][0].start_mark.column
    lines = text.splitlines()
    at = _last_line(node, lines) + 1
    return "\n".join([*lines[:at], *(f"{indent}{it}" for it in block), *lines[at:], ""])


def _last_line(node: yaml.Node, lines: Sequence[str]) -> int:
    """The index of the last line on which something of the node stands, without the comments and
    empty lines that may follow."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(node, yaml.MappingNode) else last
    end = int(node.end_mark.line)
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        end -= 1  # such a text ends where the next thing begins
        while end > node.start_mark.line and not lines[end].strip():
            end -= 1
    return min(end, len(lines) - 1)


def _said_so(text: str, wanted: Any) -> str:
    """The text, where it means what is wanted. Raises InputError."""
    try:
        value = load_yaml(text, "plant.yaml")[0]
    except InputError:
        value = None
    if value != wanted:
        raise InputError(
            "the plant file is written in a way in which nothing can be put in here", todo=_BY_HAND
        )
    return text


def _moved_left(lines: Sequence[str]) -> list[str]:
    most = min((len(it) - len(it.lstrip()) for it in lines if it.strip()), default=0)
    return [it[most:] for it in lines]


def _checked(name: str) -> str:
    if _ID.fullmatch(name) is None:
        raise InputError(
            f"'{name[:60]}' is no name of a line or machine",
            todo="Write letters, digits, ., _ and -, as in press-7.",
        )
    return name


def _key(name: str) -> str:
    """As YAML writes it."""
    is_plain = _PLAIN.fullmatch(name) and name.lower() not in ("true", "false", "null")
    return name if is_plain else json.dumps(name)
