"""Forms with a file (multipart/form-data, RFC 7578), part by part as they come.

A file is handed on in the pieces in which it comes, and never held as a whole. What stands before
it in the form is known by then, so that a form of another site's page is refused before a byte of
its file is kept. How long the whole may be: api.http.bodies.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from domain.errors import InputError

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_FIELD_MAX_BYTES = 2_000
_FIELDS_MAX = 20


@dataclass(frozen=True, slots=True)
class FormPart:
    """A field as a whole, or a piece of the file (then with its `file_name`); the first piece of a
    file may be empty."""

    name: str
    data: bytes
    file_name: str | None = None


async def form_parts(request: Request) -> AsyncIterator[FormPart]:
    """Of a form with one file at most. Raises InputError for a body that is none."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise _no_form()
    form = _Form()
    try:
        parser = MultipartParser(boundary, form.callbacks())
        async for piece in request.stream():
            parser.write(piece)
            for part in form.come():
                yield part
        parser.finalize()
    except FormParserError:
        raise _no_form() from None
    if not form.is_whole:
        raise _no_form()


class _Form:
    """What the parser tells, put together."""

    def __init__(self) -> None:
        self.is_whole = False
        self._come: list[FormPart] = []
        self._header = b""
        self._value = b""
        self._disposition = b""
        self._name = ""
        self._file_name: str | None = None
        self._field = bytearray()
        self._fields = 0
        self._files = 0

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_part_data": self._data,
            "on_part_end": self._part_end,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_end,
            "on_end": self._end,
        }

    def come(self) -> list[FormPart]:
        """What came since."""
        found, self._come = self._come, []
        return found

    def _begin(self) -> None:
        self._disposition = b""
        self._field.clear()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._disposition)
        file_name = options.get(b"filename")
        self._name = _text(options.get(b"name", b""))
        self._file_name = None if file_name is None else _text(file_name)
        if self._file_name is None:
            self._fields += 1
        else:
            self._files += 1
            self._come.append(FormPart(self._name, b"", self._file_name))
        if self._files > 1 or self._fields > _FIELDS_MAX:
            raise InputError("this form has too many parts", todo="Attach one file at a time.")

    def _data(self, data: bytes, start: int, end: int) -> None:
        piece = bytes(data[start:end])
        if self._file_name is not None:
            self._come.append(FormPart(self._name, piece, self._file_name))
            return
        self._field += piece
        if len(self._field) > _FIELD_MAX_BYTES:
            raise InputError("a field of this form is too long", todo="Write less.")

    def _part_end(self) -> None:
        if self._file_name is None:
            self._come.append(FormPart(self._name, bytes(self._field)))

    def _end(self) -> None:
        self.is_whole = True


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _no_form() from None


def _no_form() -> InputError:
    return InputError("this is no form with a file", todo="Send it from the page.")
