"""The report as a PDF, by Typst; and what it carries inside, back from it.

The template (`report.typ`) is a constant; all that differs reaches it as JSON, never as source. It
is always compiled as PDF/A-3a (ISO 19005-3: kept for decades, with the verdicts attached) and
PDF/UA-1 (ISO 14289-1: can be read out); only then is a character without a font an error and not an
empty box. Same content, same fonts: same bytes; its date is that of the verdicts.

Typst is imported when the first report is made: it is large, and a node's start needs none of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

import orjson

from api.i18n import Language, language_named
from domain.errors import InputError
from lineproof.dossier.report.content import ReportContent
from lineproof.dossier.report.printable import every_text, printable
from lineproof.dossier.report.texts import report_texts

if TYPE_CHECKING:
    import typst

VERDICTS_NAME = "verdicts.json"
FONT_PACKAGE = "fonts-noto-cjk"  # Debian's
_TRIES = 6  # each finds more characters without a font, if there are any
_NOT_SHOWN = re.compile(r'(?:the text|the PDF contains the codepoint) `"(.*?)"` ?(?:could not|$)')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
# The Han of everyday texts: a font for Chinese has them all.
_HAN = re.compile("[\u4e00-\u9fff]")
# In the order of what looks best; where none of them is there, any font that has the character.
_FONTS = {
    "zh-Hant": ("Noto Serif CJK HK", "Noto Serif CJK TC", "Noto Sans CJK HK", "Noto Sans CJK TC"),
    "zh-Hans": ("Noto Serif CJK SC", "Noto Sans CJK SC"),
}
# Of the words that Typst itself sets. For Hong Kong it has Simplified ones, so that is no choice.
_REGIONS = {"en": ("en", "GB"), "zh-Hant": ("zh", "TW"), "zh-Hans": ("zh", "CN")}


def report_pdf(content: ReportContent, language: str) -> bytes:
    """The report in the language of that tag (one of `api.i18n.LANGUAGES`).

    Raises InputError for another tag, and where no font on this machine has Chinese characters
    that the report needs; it names the Debian package that has.
    """
    return compiled(content, language_named(language), _fonts())


def compiled(content: ReportContent, language: Language, fonts: typst.Fonts) -> bytes:
    """The same with these fonts and those that come with Typst."""
    import typst

    texts = report_texts(content, language)
    texts["fonts"] = [
        it for it in _FONTS.get(language.tag, _FONTS["zh-Hant"]) if it in fonts.families()
    ]
    texts["language"], texts["region"] = _REGIONS[language.tag]
    not_in_fonts: set[str] = set()
    for _ in range(_TRIES):
        try:
            return _compile(content, texts, fonts, not_in_fonts)
        except typst.TypstError as error:
            found = _not_shown(f"{error.message}\n{error.diagnostic}") - not_in_fonts
            if not found:
                raise
            _require_chinese(found, language)
            not_in_fonts |= found
    raise InputError(
        "the report has more characters without a sign in any font of this machine than are told",
        todo=f"Install the Debian package {FONT_PACKAGE}.",
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


def _compile(
    content: ReportContent, texts: dict[str, Any], fonts: typst.Fonts, not_in_fonts: Collection[str]
) -> bytes:
    import typst

    def change(text: str) -> str:
        return printable(text, not_in_fonts)

    return typst.compile(
        files("lineproof.dossier.report").joinpath("report.typ").read_bytes(),
        font_paths=fonts,
        sys_inputs={
            "report": orjson.dumps(every_text(texts, change)).decode(),
            VERDICTS_NAME: content.verdicts_json.decode(),
        },
        pdf_standards=["a-3a", "ua-1"],
    )


def _not_shown(said: str) -> set[str]:
    """What Typst says no font has, or the standard forbids: each a character with its marks."""
    return {
        _ESCAPED.sub(lambda code: chr(int(code[1], 16)), it[1]) for it in _NOT_SHOWN.finditer(said)
    }


def _require_chinese(not_shown: set[str], language: Language) -> None:
    lacking = "".join(sorted(it for it in "".join(not_shown) if _HAN.match(it)))
    if lacking:
        shown = lacking if len(lacking) <= 10 else f"{lacking[:10]}…"
        raise InputError(
            f"no font on this machine has the Chinese characters of the report in "
            f"{language.name}: {shown}",
            todo=f"Install the Debian package {FONT_PACKAGE} (or another font for Chinese).",
        )


@cache
def _fonts() -> typst.Fonts:
    """Those of the system and those that come with Typst, looked for once."""
    import typst

    return typst.Fonts()
