"""A text file in any encoding as blocks of whole lines, so that its size does not matter.

What the encoding is, is seen from a byte order mark or from the zero bytes that UTF-16 puts
between Latin letters; else it is UTF-8. GB18030, Big5 and the like cannot be told apart with
certainty, so they are never guessed: the error shows how the line reads in each of them, and a
person says which it is.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import InputError

BLOCK_BYTES = 16 * 1024 * 1024
LINE_MAX = (
    16_000_000  # characters: what has no end of a line would be kept until the memory is full
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES = 4096
_CANDIDATES = ("gb18030", "big5hkscs", "cp1252")
_SHOWN = 40  # characters of a line that cannot be read


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of a file; `line` is the number of the first one, from 1."""

    text: str
    line: int


def encoding_of(path: Path, wanted: str | None = None) -> str:
    """The encoding to read the file by. `wanted`: what a person says it is.

    Raises InputError when that is no encoding of text.
    """
    with path.open("rb") as raw:
        head = raw.read(_SAMPLE_BYTES)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if wanted is not None:
        name = known_encoding(wanted)
        # A mark that agrees is no text of the file.
        return marked if marked is not None and marked.startswith(name) else name
    if marked is not None:
        return marked
    half = len(head) // 2
    if half and head[1::2].count(0) > 0.4 * half and not head[0::2].count(0):
        return "utf-16-le"
    if half and head[0::2].count(0) > 0.4 * half and not head[1::2].count(0):
        return "utf-16-be"
    return "utf-8"


def known_encoding(name: str, where: str = "") -> str:
    """The encoding's usual name; `where` it was given. Raises InputError when there is no such
    encoding of text."""
    try:
        found = codecs.lookup(name)
        "text".encode(name)
    except (LookupError, ValueError):
        raise InputError(
            f"'{name}' is no encoding of text",
            where=where,
            todo="Use utf-8, utf-16, gb18030, big5hkscs (Big5 with Hong Kong's characters) or "
            "cp1252 (western Windows).",
        ) from None
    return "big5hkscs" if found.name == "big5" else found.name


def blocks(path: Path, encoding: str, size: int | None = None) -> Iterator[Block]:
    """The file's text in blocks of about `size` bytes, each of whole lines that end in "\\n".

    Raises InputError with the line that is not of that encoding, is no text, or is endless.
    """
    make = codecs.getincrementaldecoder(encoding)
    decoder = io.IncrementalNewlineDecoder(make("strict"), translate=True)
    rest, line = "", 1
    with path.open("rb") as raw:
        while True:
            data = raw.read(size or BLOCK_BYTES)
            try:
                text = rest + decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                before = bytes(error.object[: error.start]).decode(encoding, "replace")
                number = line + rest.count("\n") + before.count("\n")
                raise _undecodable(path, number, encoding, error) from None
            cut = text.rfind("\n") + 1 if data else len(text)
            if "\0" in text:
                raise InputError(
                    "there are zero bytes here: this is no text, or text in UTF-16 without a mark",
                    where=f"{path}, line {line + text[: text.index(chr(0))].count(chr(10))}",
                    todo="Export the file again as CSV in UTF-8; or name its encoding, as in "
                    "--encoding utf-16-le. Nothing was changed.",
                )
            if len(text) - cut > LINE_MAX:
                raise InputError(
                    f"this line has more than {LINE_MAX:,} characters",
                    where=f"{path}, line {line + text.count(chr(10), 0, cut)}",
                    todo="Check that it is a text file, one row a line. Nothing was changed.",
                )
            if cut:
                yield Block(text[:cut], line)
                line += text.count("\n", 0, cut)
            if not data:
                return
            rest = text[cut:]


def told_apart(names: Sequence[str]) -> tuple[str, ...]:
    """Names of columns; what is unnamed, or named as a column before it, is named by its place."""
    found: dict[str, None] = {}
    for place, given in enumerate(names, 1):
        name = given
        while not name or name in found:
            name = f"{name} (column {place})".strip()
        found[name] = None
    return tuple(found)


def _undecodable(path: Path, line: int, encoding: str, error: UnicodeDecodeError) -> InputError:
    found = bytes(error.object)
    begin = found.rfind(b"\n", 0, error.start) + 1
    end = found.find(b"\n", error.start)
    whole = found[begin : end if end >= 0 else len(found)].rstrip(b"\r")
    readings = []
    for name in _CANDIDATES:
        try:
            read = whole.decode(name)
        except UnicodeDecodeError:
            continue
        if name != encoding and read.isprintable():
            readings.append(f"in {name} it reads '…{read[-_SHOWN:]}'")
    shown = "UTF-8" if encoding.startswith("utf-8") else encoding
    advice = f"If {', or '.join(readings)}: give that as --encoding. " if readings else ""
    return InputError(
        f"the text is not {shown}",
        where=f"{path}, line {line}",
        todo=f"{advice}Or export the file again in UTF-8. Nothing was changed.".replace(
            "Or export", "Or export" if readings else "Export"
        ),
    )
