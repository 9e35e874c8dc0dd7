"""Signed notes (C2SP signed-note): a text and the signatures of one or more keys below it.

    example.com/hall-2
    7
    q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=

    — example.com/hall-2 Az3grlgt…

The text ends with a newline and is set off by the last empty line. A key is known by its name and
the first four bytes of a digest. Cryptography is the caller's: `Verify` says whether a signature
is the key's. Rules of the specification: signatures of unknown keys are ignored; a wrong one of a
known key makes the whole note refused; without a right one of a known key nothing is believed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from domain.errors import CheckFailedError, InputError
from domain.ledger.base64_lines import from_base64, to_base64

ED25519 = 0x01  # signature type: Ed25519 over the text
COSIGNATURE = 0x04  # a witness's, over time and text (C2SP tlog-cosignature)
SIGNATURES_MAX = 100
NOTE_MAX_CHARACTERS = 1_000_000
_DASH = "— "  # U+2014 and a space
_ID_BYTES = 4


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key by which notes are checked, as in `name+hex(id)+base64(type || key)`."""

    name: str
    kind: int
    key: bytes

    @property
    def id(self) -> bytes:
        """C2SP signed-note: SHA-256(name || 0x0A || signature type || key)[:4]."""
        digest = hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.key)
        return digest.digest()[:_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{to_base64(bytes([self.kind]) + self.key)}"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One line below a note's text; who made it is only said, not checked."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    text: str
    signatures: tuple[NoteSignature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"


Verify = Callable[[VerifierKey, str, bytes], bool]  # key, text, signature


def is_key_name(name: str) -> bool:
    """C2SP signed-note: not empty, no Unicode space, no plus; and nothing that a line cannot hold.

    >>> is_key_name("example.com/hall-2"), is_key_name("hall 2"), is_key_name("a+b")
    (True, False, False)
    """
    return bool(name) and name.isprintable() and not any(it.isspace() or it == "+" for it in name)


def parse_verifier_key(text: str) -> VerifierKey:
    """A key as one line (`vkey`). Raises InputError."""
    # The base64 may have plus signs of its own; name and id have none.
    name, _, rest = text.partition("+")
    said_id, _, encoded = rest.partition("+")
    data = from_base64(encoded)
    if not is_key_name(name) or not data or len(data) < 2:
        raise InputError(
            f"'{text[:200]}' is no verifier key",
            todo="It is written name+id+key, as in example.com/log+0a1b2c3d+AVs3….",
        )
    key = VerifierKey(name, data[0], data[1:])
    if said_id != key.id.hex():
        raise InputError(
            f"the verifier key of '{name}' has the id {said_id[:20]}, but its key gives "
            f"{key.id.hex()}",
            todo="Copy the whole line again from where it is published.",
        )
    return key


def parse_note(note: str) -> SignedNote:
    """Text and signatures; nothing is verified yet. Raises InputError where it is no note."""
    if len(note) > NOTE_MAX_CHARACTERS:
        raise _no_note(f"it has more than {NOTE_MAX_CHARACTERS} characters")
    if any(it < " " and it != "\n" for it in note) or "\ufffd" in note:
        raise _no_note("it holds control characters or is not in UTF-8")
    body, blank, below = note.rpartition("\n\n")
    lines = below.split("\n")
    if not blank or lines.pop() or not lines:
        raise _no_note("there is no empty line with signatures below it, each ended by a newline")
    if len(lines) > SIGNATURES_MAX:
        raise _no_note(f"it has more than {SIGNATURES_MAX} signatures")
    return SignedNote(f"{body}\n", tuple(map(_signature, lines)))


def verified_keys(
    note: SignedNote, known: Sequence[VerifierKey], verify: Verify
) -> list[VerifierKey]:
    """Those of the known keys that signed it. Raises CheckFailedError where none did, or where a
    signature that names a known key is not that key's."""
    by_id = {(it.name, it.id): it for it in known}
    signed: list[VerifierKey] = []
    for signature in note.signatures:
        key = by_id.get((signature.name, signature.key_id))
        if key is None:
            continue
        if not verify(key, note.text, signature.signature):
            raise CheckFailedError(
                f"the signature of '{key.name}' is not its key's: text or signature was changed",
                todo="Get the note again from where it was published.",
            )
        signed.append(key)
    if not signed:
        names = ", ".join(it.name for it in known) or "nobody"
        raise CheckFailedError(
            f"nobody who is trusted signed it (trusted: {names})",
            todo="Give the key of who published it.",
        )
    return [key for key, _ in groupby(sorted(signed, key=str))]


def _signature(line: str) -> NoteSignature:
    parts = line.removeprefix(_DASH).split(" ")
    data = from_base64(parts[-1])
    is_one = line.startswith(_DASH) and len(parts) == 2 and is_key_name(parts[0])
    if not is_one or data is None or len(data) <= _ID_BYTES:
        raise _no_note(f"'{line[:200]}' is no line of a signature")
    return NoteSignature(parts[0], data[:_ID_BYTES], data[_ID_BYTES:])


def _no_note(why: str) -> InputError:
    return InputError(
        f"this is no signed note: {why}",
        todo="Take the file as it was given, without opening it in a word processor.",
    )
