"""Whom to trust, as a file (C2SP tlog-policy): logs, witnesses, and how many of these are needed.

    log example.com/hall-2+0a1b2c3d+AVs3…
    witness council witness.example+4d5e6f70+BGx1…
    witness bank bank.example+8192a3b4+BEzu…
    group both all council bank
    quorum both

A checkpoint is believed that one of the logs signed and a quorum of the witnesses saw. Here the
file is read, written and counted; who signed is found elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from domain.errors import InputError
from domain.ledger.base64_lines import from_decimal
from domain.ledger.signed_notes import VerifierKey, parse_verifier_key

NO_QUORUM = "none"
POLICY_LINES_MAX = 1000
_ITEMS_MIN = {"log": 2, "witness": 3, "group": 4, "quorum": 2}


@dataclass(frozen=True, slots=True)
class WitnessGroup:
    """Has seen a checkpoint when `needed` of its `members` (witnesses or groups) have."""

    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """`witnesses` and `groups` by their names in the file; `quorum`: one of them, or NO_QUORUM.
    `addresses`: of those witnesses that have one, which a policy that is written does not tell:
    only who runs the log asks them."""

    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, VerifierKey] = field(default_factory=dict)
    groups: Mapping[str, WitnessGroup] = field(default_factory=dict)
    quorum: str = NO_QUORUM
    addresses: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        lines = [f"log {it}" for it in self.logs]
        lines += [f"witness {name} {key}" for name, key in self.witnesses.items()]
        for name, group in self.groups.items():
            lines.append(f"group {name} {group.needed} {' '.join(group.members)}")
        return "".join(f"{it}\n" for it in (*lines, f"quorum {self.quorum}"))

    def is_quorum(self, seen_by: Collection[VerifierKey]) -> bool:
        """Whether these witnesses are as many as the policy asks for."""
        return self.quorum == NO_QUORUM or self._has_seen(self.quorum, seen_by)

    def _has_seen(self, name: str, seen_by: Collection[VerifierKey]) -> bool:
        if name in self.witnesses:
            return self.witnesses[name] in seen_by
        group = self.groups[name]  # its members stand above it: there is no circle
        return sum(self._has_seen(it, seen_by) for it in group.members) >= group.needed


def parse_policy(text: str) -> TrustPolicy:
    """Raises InputError with the line that cannot be meant so."""
    reader = _PolicyReader()
    lines = text.split("\n")
    if len(lines) > POLICY_LINES_MAX:
        raise _wrong(POLICY_LINES_MAX, f"there are more than {POLICY_LINES_MAX} lines")
    for number, line in enumerate(lines, start=1):
        if any(it < " " and it != "\t" for it in line):
            raise _wrong(number, "it holds a control character")
        items = [it for it in line.replace("\t", " ").split(" ") if it]
        if items and not items[0].startswith("#"):
            reader.take(number, items)
    if reader.quorum is None:
        raise _wrong(len(lines), "there is no line 'quorum …'")
    return TrustPolicy(
        tuple(reader.logs), reader.witnesses, reader.groups, reader.quorum, reader.addresses
    )


class _PolicyReader:
    """What the lines up to now have said."""

    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.witnesses: dict[str, VerifierKey] = {}
        self.groups: dict[str, WitnessGroup] = {}
        self.quorum: str | None = None
        self.addresses: dict[str, str] = {}
        self._members: set[str] = set()

    def take(self, number: int, items: list[str]) -> None:
        kind = items[0]
        if len(items) < _ITEMS_MIN.get(kind, len(items) + 1):
            raise _wrong(number, f"'{' '.join(items)[:200]}' is not how a line is written")
        if kind == "log":
            self.logs.append(self._key(number, items[1], items[2:], self.logs))
        elif kind == "witness":
            name = self._new_name(number, items[1])
            others = list(self.witnesses.values())
            self.witnesses[name] = self._key(number, items[2], items[3:], others)
            if items[3:]:
                self.addresses[name] = items[3]
        elif kind == "group":
            name = self._new_name(number, items[1])
            self.groups[name] = self._group(number, items[2], tuple(items[3:]))
        else:
            self._take_quorum(number, items[1:])

    def _key(
        self, number: int, text: str, url: list[str], others: list[VerifierKey]
    ) -> VerifierKey:
        try:
            key = parse_verifier_key(text)
        except InputError as error:
            raise _wrong(number, error.what) from None
        if any(it.key == key.key for it in others):
            raise _wrong(number, f"the key of '{key.name}' is there twice")
        if len(url) > 1:
            raise _wrong(number, "after the key there may be one address, no more")
        return key

    def _new_name(self, number: int, name: str) -> str:
        if name == NO_QUORUM or name in self.witnesses or name in self.groups:
            raise _wrong(number, f"the name '{name}' is taken")
        return name

    def _group(self, number: int, said: str, members: tuple[str, ...]) -> WitnessGroup:
        for it in members:
            if it not in self.witnesses and it not in self.groups:
                raise _wrong(number, f"no line above says who '{it}' is")
            if it in self._members:
                raise _wrong(number, f"'{it}' is a member twice")
            self._members.add(it)
        needed = {"any": 1, "all": len(members)}.get(said) or from_decimal(said) or 0
        if not 1 <= needed <= len(members):
            raise _wrong(number, f"of {len(members)} members '{said}' cannot be asked for")
        return WitnessGroup(needed, members)

    def _take_quorum(self, number: int, names: list[str]) -> None:
        if self.quorum is not None or len(names) != 1:
            raise _wrong(number, "there must be one quorum, and one name for it")
        if names[0] != NO_QUORUM and names[0] not in {*self.witnesses, *self.groups}:
            raise _wrong(number, f"no line above says who '{names[0]}' is")
        self.quorum = names[0]


def _wrong(number: int, what: str) -> InputError:
    return InputError(
        f"the policy cannot be read: {what}",
        where=f"line {number}",
        todo="Known are 'log KEY', 'witness NAME KEY', 'group NAME any|all|NUMBER MEMBER…' and one "
        "'quorum NAME' ('quorum none' asks for no witness).",
    )
