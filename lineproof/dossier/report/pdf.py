"""The report as a PDF, by Typst; and what it carries inside, back from it.

How texts become a PDF is `api.exports.typesetting`'s duty; the template is `report.typ`. Same
content, same fonts: same bytes; its date is that of the verdicts.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from api.exports.typesetting import fonts_here, typeset
from api.i18n import Language, language_named
from domain.errors import InputError
from lineproof.dossier.report.content import ReportContent
from lineproof.dossier.report.texts import report_texts

if TYPE_CHECKING:
    import typst

VERDICTS_NAME = "verdicts.json"


def report_pdf(content: ReportContent, language: str) -> bytes:
    """The report in the language of that tag (one of `api.i18n.LANGUAGES`).

    Raises InputError for another tag, and where no font on this machine has Chinese characters
    that the report needs; it names the Debian package that has.
    """
    return compiled(content, language_named(language), fonts_here())


def compiled(content: ReportContent, language: Language, fonts: typst.Fonts) -> bytes:
    """The same with these fonts and those that come with Typst."""
    return typeset(
        files("lineproof.dossier.report").joinpath("report.typ").read_bytes(),
        "report",
        report_texts(content, language),
        language,
        fonts,
        files={VERDICTS_NAME: content.verdicts_json.decode()},
    )


def attached_verdicts(pdf: bytes) -> bytes:
    """The verdicts that a report carries. Raises InputError where it is no PDF or carries none."""
    import pypdf
    from pypdf.errors import PyPdfError

    try:
        attached = pypdf.PdfReader(BytesIO(pdf), strict=True).attachments.get(VERDICTS_NAME, [])
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"it cannot be read as a PDF ({error})", where="report") from None
    if len(attached) != 1:
        raise InputError(
            f"it carries {len(attached)} files named {VERDICTS_NAME}, not one", where="report"
        )
    return bytes(attached[0])


def words(pdf: bytes) -> tuple[str, frozenset[str]]:
    """What its pages say, without spaces, and the names of the fonts that set them. Raises
    InputError where it is no PDF."""
    import pypdf
    from pypdf.errors import PyPdfError

    try:
        pages = pypdf.PdfReader(BytesIO(pdf), strict=True).pages
        said = "".join("".join(page.extract_text().split()) for page in pages)
        names = frozenset(
            str(it.get_object()["/BaseFont"]).rpartition("+")[2]
            for page in pages
            for it in cast(dict[str, Any], page["/Resources"]).get("/Font", {}).values()
        )
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"it cannot be read as a PDF ({error})", where="report") from None
    return said, names


def laid_over(pdf: bytes) -> frozenset[str]:
    """Kinds of annotations that show something over its pages: all but links, and fields without
    area such as a signature's. A report has none. Raises InputError where it is no PDF."""
    import pypdf
    from pypdf.errors import PyPdfError

    try:
        every = [
            annotation.get_object()
            for page in pypdf.PdfReader(BytesIO(pdf), strict=True).pages
            for annotation in cast(dict[str, Any], page).get("/Annots", ())
        ]
        return frozenset(
            str(it["/Subtype"]).removeprefix("/")
            for it in every
            if it["/Subtype"] != "/Link"
            and not (it["/Subtype"] == "/Widget" and _has_no_area(it["/Rect"]))
        )
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"it cannot be read as a PDF ({error})", where="report") from None


def _has_no_area(rectangle: Sequence[Any]) -> bool:
    left, low, right, high = map(float, rectangle)
    return left == right or low == high
