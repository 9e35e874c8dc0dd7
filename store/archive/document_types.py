"""Which types of file are taken as documents: those that officers can open and that carry no code.

A file is of a type by the ending of its name and by what it holds; both must say the same:

    accounts.pdf    begins with %PDF-        taken, as application/pdf
    accounts.pdf    begins with MZ           refused: it is a program, whatever its name says
    accounts.xlsx   holds xl/vbaProject.bin  refused: it has macros
    accounts.html                            refused: a browser would run what is in it

XML is refused: where it is opened it may ask for other files, and no officer reads it. Nothing is
parsed here, shown or run: first bytes are compared, texts are decoded, and parts of packed files
are unpacked piece by piece and thrown away (store.archive.packed_documents). What a PDF hides in a
compressed stream is not seen: whoever opens it needs a reader that runs nothing.
"""

from __future__ import annotations

import codecs
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from domain.errors import InputError, shortened
from domain.texts import one_line
from store.archive.packed_documents import OPEN_DOCUMENT, check_office_xml, check_open_document

UNKNOWN_TYPE = "application/octet-stream"
_PIECE = 1 << 20
_OVERLAP = 16  # bytes: no word that is looked for is longer
# What browsers and viewers act upon, whatever its name says: by its first bytes.
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe")
_PDF_CODE = re.compile(rb"/(?:JavaScript|Launch)\b")
_NO_TEXT = re.compile(r"<[A-Za-z!?/]|%PDF-|\{\\rtf")
_NO_TEXT_MAX = 5
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
# UTF-16 says so at its beginning; GB18030 before Big5, because of two that fit it is the standard.
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENCODINGS = ("utf-8-sig", "gb18030", "big5hkscs")


@dataclass(frozen=True, slots=True)
class DocumentType:
    """`check` is given the opened file and its name, and raises InputError for one that is none."""

    name: str
    media_type: str
    check: Callable[[BinaryIO, str], None]


def _beginning(name: str, *magics: bytes) -> Callable[[BinaryIO, str], None]:
    def check(file: BinaryIO, shown: str) -> None:
        _check_head(file, shown, name, magics)

    return check


def _check_head(file: BinaryIO, shown: str, name: str, magics: tuple[bytes, ...]) -> None:
    file.seek(0)
    if not file.read(8).startswith(magics):
        raise InputError(
            f"its name says {name}, and it does not begin as one does",
            where=shown,
            todo=f"Open it with what made it, save it as {name}, and attach that.",
        )
    if zipfile.is_zipfile(file):
        raise InputError(
            f"it is {name} and a packed folder in one",
            where=shown,
            todo=f"Save it as {name} anew, without anything behind it.",
        )


def _check_pdf(file: BinaryIO, shown: str) -> None:
    """ISO 32000-1, 7.5.2 and 12.6.4: the header, and actions that run something."""
    _check_head(file, shown, "PDF", (b"%PDF-",))
    file.seek(0)
    end = b""
    for piece in _pieces(file):
        if _PDF_CODE.search(end + piece):
            raise InputError(
                "the PDF runs something when it is opened or filled in",
                where=shown,
                todo="Print it into a new PDF, and attach that.",
            )
        end = piece[-_OVERLAP:]


def _check_text(file: BinaryIO, shown: str) -> None:
    file.seek(0)
    is_wide = file.read(2) in _UTF_16_MARKS
    for encoding in ("utf-16",) if is_wide else _ENCODINGS:
        try:
            _check_words(_decoded(file, encoding), shown)
        except UnicodeDecodeError:
            continue
        return
    raise InputError(
        "its name says text, and it is none in UTF-8, UTF-16, GB18030 or Big5",
        where=shown,
        todo="Save it as CSV or text in UTF-8, and attach that.",
    )


def _check_words(pieces: Iterator[str], shown: str) -> None:
    begin: str | None = ""  # what comes behind spaces, until it is told
    for piece in pieces:
        if _CONTROL.search(piece):
            raise InputError(
                "its name says text, and it holds what is none (control characters)",
                where=shown,
                todo="Save it as CSV or text in UTF-8, and attach that.",
            )
        if begin is not None:
            begin = (begin + piece).lstrip()[:_NO_TEXT_MAX]
            if _NO_TEXT.match(begin):
                raise InputError(
                    "its name says text, and it begins as HTML, XML, PDF or RTF does",
                    where=shown,
                    todo="Print it as a PDF, and attach that.",
                )
            begin = None if len(begin) == _NO_TEXT_MAX else begin


def _decoded(file: BinaryIO, encoding: str) -> Iterator[str]:
    """Piece by piece. Raises UnicodeDecodeError."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    for piece in _pieces(file):
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _text(media_type: str) -> DocumentType:
    return DocumentType("text", media_type, _check_text)


_OFFICE = "application/vnd.openxmlformats-officedocument"
_JPEG = DocumentType("JPEG", "image/jpeg", _beginning("JPEG", b"\xff\xd8\xff"))
_TIFF = DocumentType("TIFF", "image/tiff", _beginning("TIFF", b"II*\0", b"MM\0*"))
TYPES: Mapping[str, DocumentType] = {
    ".pdf": DocumentType("PDF", "application/pdf", _check_pdf),
    ".png": DocumentType("PNG", "image/png", _beginning("PNG", b"\x89PNG\r\n\x1a\n")),
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".csv": _text("text/csv"),
    ".txt": _text("text/plain"),
    ".xlsx": DocumentType(
        "a workbook",
        f"{_OFFICE}.spreadsheetml.sheet",
        lambda file, shown: check_office_xml(file, shown, "xl/workbook.xml"),
    ),
    ".docx": DocumentType(
        "a Word document",
        f"{_OFFICE}.wordprocessingml.document",
        lambda file, shown: check_office_xml(file, shown, "word/document.xml"),
    ),
    ".odt": DocumentType(
        "an OpenDocument text",
        f"{OPEN_DOCUMENT}.text",
        lambda file, shown: check_open_document(file, shown, f"{OPEN_DOCUMENT}.text"),
    ),
    ".ods": DocumentType(
        "an OpenDocument spreadsheet",
        f"{OPEN_DOCUMENT}.spreadsheet",
        lambda file, shown: check_open_document(file, shown, f"{OPEN_DOCUMENT}.spreadsheet"),
    ),
}
_MACROS = "Save it as .xlsx or .docx, without macros, or as a PDF."
_PHOTO = "Save the picture as JPEG or PNG."
_UNPACK = "Unpack it, and attach each document that is in it."
_PRINT = "Print it as a PDF, and attach that."
# What to do with other types, by their endings.
_INSTEAD: Mapping[str, str] = {
    **dict.fromkeys((".xlsm", ".xlsb", ".xltm", ".xlam", ".docm", ".dotm"), _MACROS),
    **dict.fromkeys((".xls", ".doc"), "It may have macros. " + _MACROS),
    **dict.fromkeys((".heic", ".heif", ".webp", ".gif", ".bmp"), _PHOTO),
    **dict.fromkeys((".zip", ".rar", ".7z", ".gz", ".tar"), _UNPACK),
    **dict.fromkeys((".html", ".htm", ".mht", ".svg", ".xml", ".rtf", ".ppt", ".pptx"), _PRINT),
    **dict.fromkeys((".eml", ".msg"), "Print it as a PDF, and attach that and what it carries."),
}
TAKEN = ", ".join(TYPES)


def check_type(file_name: str, file: BinaryIO) -> None:
    """Raises InputError for a file of a type that is not taken, or that is not what its name
    says. `file` can be sought in, and is read from its beginning."""
    shown = shortened(one_line(file_name))
    file.seek(0)
    head = file.read(8)
    if not head:
        raise InputError("it is empty", where=shown, todo="Attach the file that was meant.")
    if head.startswith(_PROGRAMS):
        raise InputError(
            "it is a program or a script, whatever its name says",
            where=shown,
            todo="Attach documents alone. If somebody sent it to you as one, do not open it.",
        )
    ending = _ending(file_name)
    found = TYPES.get(ending)
    if found is None:
        raise InputError(
            f"documents of this type ('{ending}') are not taken" if ending else "it has no ending",
            where=shown,
            todo=f"{_INSTEAD.get(ending, _PRINT)} Taken are: {TAKEN}.",
        )
    found.check(file, shown)


def media_type_of(file_name: str) -> str:
    """By its ending; of documents that were attached before types were checked it may be any."""
    found = TYPES.get(_ending(file_name))
    return UNKNOWN_TYPE if found is None else found.media_type


def _ending(file_name: str) -> str:
    return shortened(PurePosixPath(file_name).suffix.lower())
