"""A report with room for a signature: an incremental update of the PDF (ISO 32000-1, 7.5.6).

What was made stays, byte for byte; behind it come a signature field that shows nothing, its place
among the tags, and the dictionary of the signature. All but the signature itself follows from the
report, the time and the room, so that whoever checks it can make the same bytes again.

The field is what PDF/A-3a and PDF/UA-1 ask of one: it prints, shows nothing in a rectangle without
area (ISO 19005-3, 6.3.2 and 6.3.3), has words for readers aloud, and stands within a Form tag
(ISO 14289-1, 7.18.1 and 7.18.4). Metadata stay as they are: they tell of the report.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

FIELD = "Signature"
READ_OUT = "Digital signature of this report"
DIGEST = "sha256"


@dataclass(frozen=True, slots=True)
class SignatureForm:
    """`pdf`: with noughts where the signature comes, as hexadecimal digits between the offsets
    `start` and `end` (of "<" and behind ">"); `digest`: SHA-256 of all the rest."""

    pdf: bytes
    start: int
    end: int
    digest: bytes

    @property
    def room(self) -> int:
        """Bytes that the signature may have."""
        return (self.end - self.start - 2) // 2

    def filled(self, signature: bytes) -> bytes:
        """The signed report. `signature`: CMS (DER). Raises ValueError where that has no room."""
        if len(signature) > self.room:
            raise ValueError(f"the signature has {len(signature)} bytes, and room for {self.room}")
        digits = signature.hex().upper().encode().ljust(2 * self.room, b"0")
        return self.pdf[: self.start + 1] + digits + self.pdf[self.end - 1 :]


def signature_form(pdf: bytes, at: datetime, room: int) -> SignatureForm:
    """For a report as `report_pdf` gives it. `at`: when it is signed, as its signature will say."""
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
    from pyhanko.sign.signers.pdf_byterange import SignatureObject

    writer = _writer(pdf, at)
    steps: Generator[Any, Any, Any] = PdfCMSEmbedder().write_cms(FIELD, writer)
    _tag(writer, next(steps))
    subfilter = SigSeedSubFilter.PADES  # ETSI.CAdES.detached: EN 319 142-1, 5.3
    placeholder = SignatureObject(at, subfilter=subfilter, bytes_reserved=2 * room)
    steps.send(SigObjSetup(placeholder))
    prepared, output = steps.send(SigIOSetup(DIGEST))
    return SignatureForm(
        output.getvalue(),
        prepared.reserved_region_start,
        prepared.reserved_region_end,
        prepared.document_digest,
    )


def _writer(pdf: bytes, at: datetime) -> IncrementalPdfFileWriter:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class Writer(IncrementalPdfFileWriter):
        """Takes nothing from clock or chance."""

        @classmethod
        def _handle_id(cls, prev: Any) -> generic.ArrayObject:
            known = prev.trailer["/ID"][0]
            changed = hashlib.sha256(pdf + at.isoformat().encode()).digest()[:16]
            return generic.ArrayObject([known, generic.ByteStringObject(changed)])

        def _update_meta(self) -> None:
            pass

    return Writer(BytesIO(pdf))


def _tag(writer: IncrementalPdfFileWriter, field: Any) -> None:
    """The field gets its Form tag at the end of the document, and the number by which the tag is
    found (ISO 32000-1, 14.7.4.4)."""
    from pyhanko.pdf_utils.generic import (
        DictionaryObject,
        NameObject,
        NumberObject,
        TextStringObject,
    )

    def name(text: str) -> NameObject:
        return NameObject(f"/{text}")

    tree = writer.root["/StructTreeRoot"]
    document = tree["/K"].raw_get(0)
    number = tree["/ParentTreeNextKey"]
    page = field.get_object().raw_get("/P")
    place = {name("Type"): name("OBJR"), name("Obj"): field, name("Pg"): page}
    form = {
        name("Type"): name("StructElem"),
        name("S"): name("Form"),
        name("P"): document,
        name("Alt"): TextStringObject(READ_OUT),
        name("Lang"): TextStringObject("en-GB"),
        name("K"): DictionaryObject(place),
    }
    tag = writer.add_object(DictionaryObject(form))
    field.get_object()[name("TU")] = TextStringObject(READ_OUT)
    field.get_object()[name("StructParent")] = NumberObject(number)
    document.get_object()["/K"].append(tag)
    writer.mark_update(document)
    tree["/ParentTree"]["/Nums"].extend([NumberObject(number), tag])
    tree[name("ParentTreeNextKey")] = NumberObject(number + 1)
    writer.mark_update(writer.root.raw_get("/StructTreeRoot"))
