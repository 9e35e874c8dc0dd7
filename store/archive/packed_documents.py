"""Office documents that are packed folders: whether one is what it says, and carries no code.

A workbook or text of an office program is a ZIP archive of XML and pictures. It is refused where it
has macros, programs or objects of another program in it; where it is locked by a password, so that
nobody can look; and where it would become too large. All of it is unpacked to count what it really
becomes, in pieces that are thrown away: what an archive says of its own sizes is not believed. No
XML is parsed: names and first bytes are compared, and the list of contents is searched as text.

Sources: ECMA-376 part 2 (packages), OpenDocument 1.3 part 2 (packages), PKWARE's APPNOTE 4.3.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from domain.errors import InputError

OPEN_DOCUMENT = "application/vnd.oasis.opendocument"
UNPACKED_MAX = 512 << 20  # bytes, of all parts
_DIRECTORY_MAX = 2 << 20  # bytes; some ten thousand parts, which are held in memory
_INNER_MAX = 32 << 20  # bytes of a packed document within one, which is held in memory
_DEPTH_MAX = 2
_PIECE = 1 << 20
_CONTENTS = "[Content_Types].xml"
_CONTENTS_MAX = 4 << 20
_TYPE_MAX = 200
_MACRO_NAMES = re.compile(
    r"vba(project|data)|macrosheets/|activex/|(^|/)(basic|scripts)/|\.(xlsm|docm|xlsb|dotm)$", re.I
)
_MACRO_TYPES = re.compile(r"macroenabled|vbaproject|activex", re.I)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # [MS-CFB] 2.2: where office programs keep macros
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!")
_PACKED = b"PK\x03\x04"
_END = b"PK\x05\x06"  # APPNOTE 4.3.16, of 22 bytes and a comment
_END_SIZE, _COMMENT_MAX = 22, 0xFFFF
_LARGE_END = b"PK\x06\x07"  # 4.3.15: then sizes are told elsewhere, too
_WITHOUT = "Save it without macros and embedded objects (.xlsx, .docx), or print it as a PDF."
_ANEW = "Open it with what made it, save it again without a password, and attach that."


def check_office_xml(file: BinaryIO, shown: str, main: str) -> None:
    """`main`: the part that makes it one of its type. `shown`: its name, for the sentence. Raises
    InputError."""
    with _opened(file, shown) as packed:
        names = set(packed.namelist())
        if not {main, _CONTENTS} <= names:
            raise InputError(
                f"it is not what its name says: it has no part {main}", where=shown, todo=_ANEW
            )
        said = b"".join(_unpacked(packed, packed.getinfo(_CONTENTS), shown, _CONTENTS_MAX))
        # In another encoding, or by definitions of its own, it could say what nobody finds.
        if b"\0" in said or b"<!" in said:
            raise _damaged(shown)
        if _MACRO_TYPES.search(html.unescape(said.decode("utf-8", "replace"))):
            raise InputError("it has macros", where=shown, todo=_WITHOUT)
        _check_parts(packed, shown)


def check_open_document(file: BinaryIO, shown: str, media_type: str) -> None:
    """Raises InputError."""
    with _opened(file, shown) as packed:
        first = next((it for it in packed.infolist()[:1] if it.filename == "mimetype"), None)
        said = b"" if first is None else b"".join(_unpacked(packed, first, shown, _TYPE_MAX))
        if said.decode("latin-1") != media_type:
            raise InputError(
                f"it is not what its name says: it does not begin with {media_type}",
                where=shown,
                todo=_ANEW,
            )
        _check_parts(packed, shown)


def _opened(file: BinaryIO, shown: str) -> zipfile.ZipFile:
    """The archive, once its list of parts is known to be short: all of that is held in memory."""
    file.seek(0)
    begins = file.read(4) == _PACKED
    length = file.seek(0, io.SEEK_END)
    file.seek(max(0, length - _END_SIZE - _COMMENT_MAX))
    tail = file.read()
    at = tail.rfind(_END)
    end = tail[at : at + _END_SIZE]
    if not begins or at < 0 or len(end) < _END_SIZE:
        raise InputError("it is not what its name says", where=shown, todo=_ANEW)
    is_last = at + _END_SIZE + int.from_bytes(end[20:22], "little") == len(tail)
    directory = int.from_bytes(end[12:16], "little")
    if not is_last or directory > _DIRECTORY_MAX or tail[max(0, at - 20) :].startswith(_LARGE_END):
        raise _damaged(shown)
    try:
        return zipfile.ZipFile(file)
    except Exception:  # whatever zipfile makes of foreign bytes
        raise _damaged(shown) from None


def _check_parts(packed: zipfile.ZipFile, shown: str, depth: int = 1, unpacked: int = 0) -> int:
    """Every part; how many bytes they all become."""
    for part in packed.infolist():
        if _MACRO_NAMES.search(part.filename):
            raise InputError(f"it has macros ({part.filename})", where=shown, todo=_WITHOUT)
        head, inner = b"", bytearray()
        for piece in _unpacked(packed, part, shown, UNPACKED_MAX - unpacked):
            head = head or piece[:8]
            unpacked += len(piece)
            if head.startswith(_PACKED):
                inner += piece
                if len(inner) > _INNER_MAX:
                    raise _too_large(shown, f"{part.filename} in it")
        if head.startswith((_OLE, *_PROGRAMS)):
            raise InputError(
                f"it has an object of another program in it ({part.filename}), which may be code",
                where=shown,
                todo=_WITHOUT,
            )
        if inner:
            if depth >= _DEPTH_MAX:
                raise _too_large(shown, f"what is packed in {part.filename}")
            with _opened(io.BytesIO(inner), shown) as within:
                unpacked = _check_parts(within, shown, depth + 1, unpacked)
    return unpacked


def _unpacked(
    packed: zipfile.ZipFile, part: zipfile.ZipInfo, shown: str, left: int
) -> Iterator[bytes]:
    """All that the part becomes, whatever length it says; not more than `left` bytes."""
    if part.flag_bits & 1:  # APPNOTE 4.4.4
        raise InputError("it is locked by a password", where=shown, todo=_ANEW)
    said, part.file_size = part.file_size, UNPACKED_MAX + 1
    try:
        with packed.open(part) as stream:
            while data := stream.read(_PIECE):
                left -= len(data)
                if left < 0:
                    raise _too_large(shown, "it")
                yield data
    except InputError:
        raise
    except Exception:  # whatever zipfile and zlib make of foreign bytes
        raise _damaged(shown) from None
    finally:
        part.file_size = said


def _damaged(shown: str) -> InputError:
    return InputError("it is damaged, or packed in an unusual way", where=shown, todo=_ANEW)


def _too_large(shown: str, what: str) -> InputError:
    return InputError(
        f"{what} becomes too large when it is unpacked",
        where=shown,
        todo="Leave out large pictures and sheets, or print it as a PDF.",
    )
