"""A reading without what nobody else needs to know: what may stand in a recording that is shared.

Kept is what a rule of the profile works with: numbers, truth values, codes, and the texts of
orders, products, reasons and alarms, from which what identifies is taken (`identifying`). Every
other text is replaced by a pseudonym, and of a structure the fields that no input reads are left
out. A serial number is always replaced. The same text has the same pseudonym, so that a redacted
recording decodes to the same samples, but for texts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from device_profiles.decoding.folder_members import folder_member
from device_profiles.files.consistency import parameters_used
from device_profiles.files.resolve import resolve
from device_profiles.files.schema import AnyProfile
from device_profiles.model.profile import CodeRule, Profile, Source, WhenRule
from device_profiles.model.values import Step, Unusable, clean, number_in_text
from device_profiles.proving.identifying import Pseudonyms
from domain.errors import InputError, did_you_mean
from domain.samples import TEXT_LENGTH_MAX, Reading
from domain.signals import SERIAL_NUMBER, SignalKind, signal_named

_LEFT_OUT: dict[str, Any] = {}  # in the place of what no rule can use


class _Role(Enum):
    """What a text at some place is to the rules."""

    CODE = auto()
    TEXT = auto()
    NUMBER = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True)
class _Use:
    field: tuple[Step, ...]
    role: _Role
    kind: str  # of the pseudonyms of a text that no rule needs
    decimal_mark: str | None


_MEASURED = _Use((), _Role.NUMBER, "text", None)


class Redaction:
    """`words`: texts to replace wherever they stand, with the kind of each. `hidden`: text signals
    whose texts are replaced by pseudonyms.

    Raises InputError for a hidden signal that the profile has not, or that is no text.
    """

    def __init__(
        self,
        model: AnyProfile,
        parameters: Mapping[str, str],
        words: Mapping[str, str],
        hidden: Collection[str] = (),
    ) -> None:
        self._profile = profile = resolve(model, parameters)
        texts = [it for it in profile.signals if signal_named(it).kind is SignalKind.TEXT]
        for name in hidden:
            if name not in texts:
                raise InputError(f"'{name}' is no text of this profile", todo=_among(name, texts))
        self._pseudonyms = Pseudonyms(dict(words))
        self._hidden = {SERIAL_NUMBER, *hidden}
        self.parameters = self._without_names(model, dict(parameters))
        renamed = resolve(model, self.parameters)
        keys = zip(profile.addresses, renamed.addresses, strict=True)
        self._keys = {before.key: after.key for before, after in keys}
        folders = zip(profile.folders, renamed.folders, strict=True)
        self._folders = {before.node.key: after.node.key for before, after in folders}
        self._uses = self._uses_of(profile)
        self.left_out: dict[str, None] = {}
        self.kept_texts: dict[str, None] = {}

    @property
    def replaced(self) -> dict[str, str]:
        """What was replaced, by its pseudonym."""
        return self._pseudonyms.given

    def redacted(self, reading: Reading) -> Reading | None:
        """None for an address that no input and no heartbeat reads, and that is in no folder."""
        uses = self._uses.get(reading.address)
        key = self._keys.get(reading.address, "")
        if uses is None:
            if folder_member(self._profile, reading.address) is None:
                return None
            above = next(it for it in self._folders if reading.address.startswith(f"{it}/"))
            uses, key = [_MEASURED], self._folders[above] + reading.address.removeprefix(above)
        value = self._reduced(reading.value, [(it.field, it) for it in uses], key)
        return replace(reading, address=key, value=value)

    def _without_names(self, model: AnyProfile, given: dict[str, str]) -> dict[str, str]:
        meanings = {name for path, name in parameters_used(model) if {"codes", "unit"} & set(path)}
        names = {
            name: text if name in meanings else self._pseudonyms.in_address(text)
            for name, text in given.items()
        }
        self.parameters_as_given = [
            name
            for name, text in given.items()
            if names[name] != text and not _fits(model, given | {name: names[name]})
        ]
        return names | {name: given[name] for name in self.parameters_as_given}

    def _uses_of(self, profile: Profile) -> dict[str, list[_Use]]:
        uses: dict[str, list[_Use]] = {}
        for item in profile.inputs:
            for source in item.sources:
                role, kind = self._role(profile, item.name, source)
                use = _Use(source.field, role, kind, source.decimal_mark)
                uses.setdefault(source.address.key, []).append(use)
        if profile.heartbeat is not None:
            role = _Role.NONE if profile.heartbeat.symbols is None else _Role.CODE
            beat = _Use((), role, "text", None)
            uses.setdefault(profile.heartbeat.address.key, []).append(beat)
        return uses

    def _role(self, profile: Profile, name: str, source: Source) -> tuple[_Role, str]:
        """What the texts of an input are: of several rules the one that needs most counts."""
        if source.table is not None:
            return _Role.CODE, "text"
        rules = [rule for rule in profile.rules if name in profile.inputs_of(rule)]
        simple = [rule for rule in rules if isinstance(rule, CodeRule)]
        if any(it.codes is not None or signal_named(it.signal).kind is SignalKind.STATE
               for it in simple):  # fmt: skip
            return _Role.CODE, "text"
        if any(it.signal not in self._hidden for it in simple):
            return _Role.TEXT, "text"
        if simple:
            return _Role.NONE, pseudonym_kind(simple[0].signal)
        is_compared = any(isinstance(it, WhenRule) for it in rules)
        return _Role.CODE if is_compared else _Role.NUMBER, "text"

    def _reduced(
        self, value: Any, uses: Sequence[tuple[tuple[Step, ...], _Use]], place: str
    ) -> Any:
        """Of the value what stands at these fields."""
        whole = [use for field, use in uses if not field]
        if whole:
            return self._plain(value, whole)
        steps = {field[0] for field, _ in uses}

        def below(*names: Step) -> list[tuple[tuple[Step, ...], _Use]]:
            return [(field[1:], use) for field, use in uses if field[0] in names]

        if isinstance(value, Mapping):
            for name in value.keys() - steps:
                self.left_out[f"{place} {name}"] = None
            return {
                name: self._reduced(it, below(name), place)
                for name, it in value.items()
                if name in steps
            }
        if isinstance(value, list | tuple):
            size = len(value)
            return [
                self._reduced(it, inner, place) if (inner := below(at, at - size)) else None
                for at, it in enumerate(value)
            ]
        return self._plain(value, [])

    def _plain(self, value: Any, uses: Sequence[_Use]) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if not isinstance(value, str) or len(value) > TEXT_LENGTH_MAX:
            return _LEFT_OUT
        value = clean(value)
        roles = {use.role for use in uses}
        is_number = any(
            use.decimal_mark is not None
            and not isinstance(number_in_text(value, use.decimal_mark), Unusable)
            for use in uses
        )
        if is_number or not value.strip():
            return value
        if roles & {_Role.CODE, _Role.TEXT}:
            kept = self._pseudonyms.in_text(value)
            if _Role.TEXT in roles:
                self.kept_texts[kept] = None
            return kept
        return self._pseudonyms.of(uses[0].kind if uses else "text", value)


def pseudonym_kind(signal: str) -> str:
    """With what the pseudonyms of a text signal begin, as in `serial-1` and `order-1`."""
    return signal.removesuffix("_number")


def _fits(model: AnyProfile, parameters: Mapping[str, str]) -> bool:
    try:
        resolve(model, parameters)
    except InputError:
        return False
    return True


def _among(name: str, texts: Sequence[str]) -> str:
    return did_you_mean(name, texts) or "It has none."
