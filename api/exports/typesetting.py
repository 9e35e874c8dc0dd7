"""Texts to a PDF by Typst, with the fonts of this machine.

A template is a constant; all that differs reaches it as JSON, never as source. It is always
compiled as PDF/A-3a (ISO 19005-3: kept for decades) and PDF/UA-1 (ISO 14289-1: can be read out);
only then is a character without a font an error and not an empty box. Same texts, same fonts: same
bytes.

Typst is imported when the first PDF is made: it is large, and a node's start needs none of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from api.exports.printable import every_text, printable
from api.i18n import Language
from domain.errors import InputError

if TYPE_CHECKING:
    import typst

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

# Sets texts that something else will draw, to see whether fonts have all of them.
_ALL_TEXTS = b"""
#let given = json(bytes(sys.inputs.chart))
#set document(title: "Texts")
#set text(font: ("Libertinus Serif", ..given.fonts), lang: given.language, region: given.region)
#for it in given.texts { par(text(it)) }
"""


def typeset(
    template: bytes,
    name: str,
    texts: Mapping[str, Any],
    language: Language,
    fonts: typst.Fonts,
    *,
    files: Mapping[str, str] | None = None,
) -> bytes:
    """The PDF that the template makes of `texts`, which it finds as JSON in `sys.inputs` under the
    name; with these fonts and those that come with Typst. `files`: more inputs, given as they are.

    Raises InputError where no font has Chinese characters that it needs; it names the Debian
    package that has.
    """
    return _typeset(template, name, texts, language, fonts, files or {})[0]


def not_in_fonts(texts: Sequence[str], language: Language, fonts: typst.Fonts) -> frozenset[str]:
    """What of the texts none of these fonts has, each a character with its marks. Raises InputError
    where that is Chinese."""
    given = {"texts": list(texts)}
    return _typeset(_ALL_TEXTS, "chart", given, language, fonts, {})[1]


def _typeset(
    template: bytes,
    name: str,
    texts: Mapping[str, Any],
    language: Language,
    fonts: typst.Fonts,
    files: Mapping[str, str],
) -> tuple[bytes, frozenset[str]]:
    import typst

    texts = dict(texts)
    texts["fonts"] = [
        it for it in _FONTS.get(language.tag, _FONTS["zh-Hant"]) if it in fonts.families()
    ]
    texts["language"], texts["region"] = _REGIONS[language.tag]
    missing: set[str] = set()
    for _ in range(_TRIES):
        try:
            made = typst.compile(
                template,
                font_paths=fonts,
                sys_inputs={name: _printed(texts, missing), **files},
                pdf_standards=["a-3a", "ua-1"],
            )
            return made, frozenset(missing)
        except typst.TypstError as error:
            found = _not_shown(f"{error.message}\n{error.diagnostic}") - missing
            if not found:
                raise
            _require_chinese(name, found, language)
            missing |= found
    raise InputError(
        f"the {name} has more characters without a sign in any font of this machine than are told",
        todo=f"Install the Debian package {FONT_PACKAGE}.",
    )


@cache
def fonts_here() -> typst.Fonts:
    """Those of the system and those that come with Typst, looked for once."""
    import typst

    return typst.Fonts()


def _printed(texts: Mapping[str, Any], not_in_fonts: Collection[str]) -> str:
    return orjson.dumps(every_text(texts, lambda it: printable(it, not_in_fonts))).decode()


def _not_shown(said: str) -> set[str]:
    """What Typst says no font has, or the standard forbids: each a character with its marks."""
    return {
        _ESCAPED.sub(lambda code: chr(int(code[1], 16)), it[1]) for it in _NOT_SHOWN.finditer(said)
    }


def _require_chinese(name: str, not_shown: set[str], language: Language) -> None:
    lacking = "".join(sorted(it for it in "".join(not_shown) if _HAN.match(it)))
    if lacking:
        shown = lacking if len(lacking) <= 10 else f"{lacking[:10]}…"
        raise InputError(
            f"no font on this machine has the Chinese characters of the {name} in "
            f"{language.name}: {shown}",
            todo=f"Install the Debian package {FONT_PACKAGE} (or another font for Chinese).",
        )
