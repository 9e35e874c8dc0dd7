"""Documents as office programs make them, in their smallest form."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

CONTENTS = "[Content_Types].xml"
PDF = b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(17)
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(20) + b"\xff\xd9"
TIFF = b"II*\0\x08\0\0\0" + bytes(20)
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/{main}" ContentType="{kind}.main+xml"/>{more}</Types>'
)
_MAIN = {
    "xlsx": ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml"),
    "docx": ("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml"),
}
_OPEN = {"odt": "text", "ods": "spreadsheet"}


def packed(parts: Mapping[str, bytes | str]) -> bytes:
    """A ZIP archive; the first part is stored as it is, as OpenDocument wants it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for number, (name, data) in enumerate(parts.items()):
            how = zipfile.ZIP_STORED if number == 0 else zipfile.ZIP_DEFLATED
            file.writestr(name, data, compress_type=how)
    return buffer.getvalue()


def office_xml(kind: str, more: Mapping[str, bytes | str] | None = None, types: str = "") -> bytes:
    """A workbook (xlsx) or text (docx) with these parts besides; `types`: in its contents."""
    main, media = _MAIN[kind]
    contents = _TYPES.format(main=main, kind=media, more=types)
    return packed({CONTENTS: contents, main: "<x/>"} | dict(more or {}))


def open_document(kind: str, more: Mapping[str, bytes | str] | None = None) -> bytes:
    """A text (odt) or spreadsheet (ods)."""
    media = f"application/vnd.oasis.opendocument.{_OPEN[kind]}"
    return packed({"mimetype": media, "content.xml": "<x/>"} | dict(more or {}))
