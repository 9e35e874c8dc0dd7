"""Rows of a CSV file with quotation marks in them → rows that every CSV reader takes alike. Pure.

People write `cap 12" jam`, and exporters pass it on as it is. Many readers take such a mark for
the beginning of a quoted text, and two of them swallow all rows in between without a word. The
rules here (RFC 4180, section 2, and what it leaves open):

- a field that does not begin with a mark is taken as it is, marks and all;
- a field that begins with one (spaces aside) ends at the next one that is not doubled; after it
  must come a separator or the end of the line. Whatever else is told with its line, never guessed;
- a quoted text may run over several lines, but not over one that looks like a row of its own.

>>> fields('a;cap 12" jam;"x; y"', ";")
['a', 'cap 12" jam', 'x; y']
"""

from __future__ import annotations

from dataclasses import dataclass

_MARK = '"'
_TEXT_LINES_MAX = 200  # a text that runs over more lines is none that a person wrote


class OpenTextError(Exception):
    """A quoted text does not end on this line."""


class MarkError(Exception):
    """A mark inside a quoted text is not doubled. `field`: as far as it is clear."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(field)


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot be parted into fields: its line, what is wrong."""

    line: int
    what: str


def fields(line: str, separator: str) -> list[str]:
    """The fields of one row. Raises OpenTextError, MarkError."""
    found: list[str] = []
    at = 0
    while True:
        begin = _past_spaces(line, at)
        if line.startswith(_MARK, begin):
            text, at = _quoted(line, begin, separator)
        else:
            end = line.find(separator, at)
            text, at = (line[at:], len(line)) if end < 0 else (line[at:end], end)
        found.append(text)
        if at >= len(line):
            return found
        at += 1  # the separator; a row may end with one


def _quoted(line: str, start: int, separator: str) -> tuple[str, int]:
    at = start + 1
    while True:
        mark = line.find(_MARK, at)
        if mark < 0:
            raise OpenTextError
        after = mark + 1
        if line.startswith(_MARK, after):
            at = after + 1
            continue
        after = _past_spaces(line, after)
        if after == len(line) or line.startswith(separator, after):
            return line[start + 1 : mark].replace(_MARK * 2, _MARK), after
        end = line.find(separator, after)
        raise MarkError(line[start : end if end >= 0 else len(line)])


def _past_spaces(line: str, at: int) -> int:
    while line.startswith(" ", at):
        at += 1
    return at


def mended(
    text: str, line: int, separator: str, columns: int, *, is_end: bool
) -> tuple[str, str] | Fault:
    """The rows with every field quoted that needs it, each at the line where it was; and the rest
    of the text that must be read together with what follows (nothing at the end of the file).

    `text`: whole lines, the first one has number `line`. `columns`: of the header.
    """
    lines = text.removesuffix("\n").split("\n")
    done: list[str] = []
    at = 0
    while at < len(lines):
        if _MARK not in lines[at]:
            done.append(lines[at])
            at += 1
            continue
        row = _row(lines, at, line, separator, columns)
        if isinstance(row, str):
            return Fault(line + at, row)
        parts, used = row
        if not used:  # its end is not in this text
            if is_end:
                return Fault(line + at, "a quotation mark opens a text that never ends")
            return _joined(done), _joined(lines[at:])
        done.append(separator.join(_safe(part, separator) for part in parts))
        done += [""] * (used - 1)  # so that the following rows stay on their lines
        at += used
    return _joined(done), ""


def _row(
    lines: list[str], at: int, first: int, separator: str, columns: int
) -> tuple[list[str], int] | str:
    """The fields of the row that begins there and how many lines it takes (0: more than there
    are); or what is wrong."""
    for used in range(1, min(_TEXT_LINES_MAX, len(lines) - at) + 1):
        last = lines[at + used - 1]
        if used > 1 and last.count(separator) >= columns - 1:
            return (
                "a quotation mark opens a text that does not end before "
                f"line {first + at + used - 1}, which looks like a row of its own"
            )
        try:
            return fields("\n".join(lines[at : at + used]), separator), used
        except OpenTextError:
            continue
        except MarkError as error:
            return f"a quotation mark inside a quoted text is not doubled: {error.field[:60]!r}"
    if len(lines) - at >= _TEXT_LINES_MAX:
        return f"a quotation mark opens a text that does not end within {_TEXT_LINES_MAX} lines"
    return [], 0


def _safe(field: str, separator: str) -> str:
    if _MARK in field or separator in field or "\n" in field:
        return _MARK + field.replace(_MARK, _MARK * 2) + _MARK
    return field


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
