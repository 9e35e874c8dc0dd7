"""Reports are compiled for real, and read back: texts, tags, attachment, standards."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
import typst
from peers import require
from pypdf.generic import DictionaryObject
from report_contents import AS_OF, TERMS, VERSION, full_content, step

from api.exports.typesetting import FONT_PACKAGE
from api.i18n import LANGUAGES, language
from api.pages.officer.terms import reason_text
from domain.errors import InputError
from domain.grants import OtherTerms
from domain.milestone_states import ConflictOfInterest, Step
from lineproof.dossier.report.content import ReportContent
from lineproof.dossier.report.pdf import VERDICTS_NAME, attached_verdicts, compiled, report_pdf

CHINESE_FONT = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc")
ARABIC, HEBREW = "\u0645\u0631\u062d\u0628\u0627", "\u05e9\u05dc\u05d5\u05dd"


def text_of(pdf: bytes) -> str:
    return "\n".join(it.extract_text() for it in pypdf.PdfReader(BytesIO(pdf)).pages)


def packed(text: str) -> str:
    """Without spaces: where a line breaks, one may be left out."""
    return "".join(text.split())


@cache
def own_fonts() -> typst.Fonts:
    """Those that come with Typst: on each machine the same."""
    return typst.Fonts(include_system_fonts=False)


def english(content: ReportContent) -> bytes:
    return compiled(content, language("en"), own_fonts())


@cache
def full() -> ReportContent:
    return full_content(conflicts=[ConflictOfInterest("NIFS-2025-017", "lee@itc", AS_OF, "kin")])


@pytest.mark.parametrize("tag", LANGUAGES)
def test_what_the_verdicts_say_stands_in_it_in_each_language(tag: str) -> None:
    require(path=CHINESE_FONT)
    said = packed(text_of(report_pdf(full(), tag)))
    speaks = language(tag)
    words = {
        "en": ["Milestone report", "Met", "Accepted in part", "How to check this report"],
        "zh-Hant": ["里程碑報告", "達標", "部分接納", "如何核對本報告", "將軍澳食品有限公司"],
        "zh-Hans": ["里程碑报告", "达标", "部分接纳", "如何核对本报告"],
    }[tag]
    found = full().found
    for expected in (
        *words,
        found.project.reference,
        VERSION,
        speaks.moment(AS_OF, found.plant.zone),
        "HK$15,000,000",  # the grant
        "HK$12,000,000",  # spent
        "44,700",  # made in the best run
        "mei@tko",
        "But for the night shift.",
        "lee@itc",
        *(it.terms_digest for it in found.project.milestones),
        *(it.facts_digest for it in found.verdicts if it.facts_digest),
        *(reason_text(it, speaks) for verdict in found.verdicts for it in verdict.reasons),
    ):
        assert packed(expected) in said, expected


@pytest.mark.parametrize("tag", LANGUAGES)
def test_same_content_same_bytes(tag: str) -> None:
    require(path=CHINESE_FONT)
    assert report_pdf(full(), tag) == report_pdf(full_content(conflicts=full().conflicts), tag)


def test_it_declares_what_it_is() -> None:
    reader = pypdf.PdfReader(BytesIO(english(full())))
    metadata = reader.root_object["/Metadata"].get_object().get_data().decode()  # type: ignore[union-attr]  # a stream
    for declared in (
        "<pdfaid:part>3</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
    ):
        assert declared in metadata
    assert reader.root_object["/Lang"] == "en-GB"
    assert reader.metadata is not None
    assert reader.metadata.title == "Milestone report NIFS-2025-017"
    assert reader.metadata.creation_date == AS_OF


def tags(node: Any) -> list[DictionaryObject]:
    """The structure elements below that one."""
    node = node.get_object()
    if isinstance(node, list):
        return [it for each in node for it in tags(each)]
    if not isinstance(node, DictionaryObject):
        return []
    return [node, *(tags(node["/K"]) if "/K" in node else [])]


def test_every_figure_can_be_read_out_and_tables_have_heads() -> None:
    root = pypdf.PdfReader(BytesIO(english(full()))).root_object
    found = tags(root["/StructTreeRoot"])
    alts = [str(it["/Alt"]) for it in found if it.get("/S") == "/Figure"]
    figures = full().figures
    assert len(alts) > len(figures)
    assert all(alts)
    assert sum("The target is at" in it for it in alts) == len(figures)
    kinds = {str(it.get("/S")) for it in found}
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/L"} <= kinds


def test_the_verdicts_come_back_out_of_it() -> None:
    assert attached_verdicts(english(full())) == full().verdicts_json


@pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        b"rubbish",
        b"%PDF-1.7\n",
        b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>",
    ],
)
def test_what_is_no_report_is_refused(rubbish: bytes) -> None:
    with pytest.raises(InputError, match="report"):
        attached_verdicts(rubbish)


def test_of_a_report_cut_or_spoilt_anywhere_bytes_come_back_or_a_sentence() -> None:
    pdf = english(full())
    for at in range(0, len(pdf), 4_001):
        for spoilt in (pdf[:at], pdf[:at] + b"\x00\xff<<[(" + pdf[at + 6 :]):
            try:
                found = attached_verdicts(spoilt)
            except InputError:
                continue
            assert isinstance(found, bytes)


def test_two_files_of_that_name_are_refused() -> None:
    writer = pypdf.PdfWriter(clone_from=BytesIO(english(full())))
    writer.add_attachment(VERDICTS_NAME, b"{}")
    out = BytesIO()
    writer.write(out)
    with pytest.raises(InputError, match="2 files named"):
        attached_verdicts(out.getvalue())


NASTY = (
    "*bold* _it_ `code` #panic() #sys.inputs @M1 <M1> $x^2$ = Head",
    "\"quoted\" 'single' \\ // comment /* more */ ~ -- ---",
    "[x] (y) {z} %(name)s {page} https://a.example/?b=c#d",
    "first line\nsecond line",
    "W" * 300,
    HEBREW,
    ARABIC,
    "x" * 4_000,
)


@pytest.mark.parametrize("text", NASTY)
def test_what_people_type_changes_nothing_but_itself(text: str) -> None:
    content = full_content(
        steps=[step(Step.SUBMIT, text[:200], 9, reason=text)],
        titles={"M1": {"en": text}},
        company=text,
        terms={**TERMS, "M7": OtherTerms(text[:60], {text[:60]: text})},
    )
    found = english(content)
    said = packed(text_of(found))
    if text in (HEBREW, ARABIC):
        assert text in said or text[::-1] in said
    else:
        assert said.count(packed(text)) >= 4
    assert "Howtocheckthisreport" in said
    assert attached_verdicts(found) == content.verdicts_json


def test_lines_are_kept_and_long_words_stay_on_the_page() -> None:
    reason = f"first line\nsecond line\n{'W' * 50}"
    said = text_of(english(full_content(steps=[step(Step.SUBMIT, "mei", 9, reason=reason)])))
    assert "first line\nsecond line\nWWW" in said
    assert "W" * 50 not in said
    assert "W" * 50 in packed(said)


def test_marks_of_direction_and_control_characters_are_shown_as_codes() -> None:
    wrong = "Wong\u202e\u2066 \x1b[0m\x07 \ue000 \ud800"
    content = full_content(steps=[step(Step.SUBMIT, wrong, 9)])
    assert packed("Wong\\x202e\\x2066 \\x1b[0m\\x07 \\xe000 \\xd800") in packed(
        text_of(english(content))
    )


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("done \U0001f44d", "done \\x1f44d"),
        ("banana\u1ab0 banana", "a\\x1ab0 banana"),  # a mark that no font has; the letter stays
        ("".join(map(chr, range(0x1200, 0x1240))), "\\x1200\\x1201"),
        ("rare \U00030edd", "rare \\x30edd"),  # Han, and in few fonts
    ],
)
def test_a_character_that_no_font_has_is_shown_as_its_code(typed: str, shown: str) -> None:
    content = full_content(steps=[step(Step.SUBMIT, "mei", 9, reason=typed)])
    said = packed(text_of(english(content)))
    assert packed(shown) in said
    assert "Milestonereport" in said, "the other texts stay as they are"


def test_words_of_hong_kong_have_their_characters() -> None:
    require(path=CHINESE_FONT)
    said = "乘𨋢到三樓睇吓部機，啲貨唔好㗎"
    content = full_content(steps=[step(Step.SUBMIT, "陳大文", 9, reason=said)])
    for tag in LANGUAGES:
        assert said in packed(text_of(report_pdf(content, tag)))


def test_without_a_font_for_chinese_it_names_the_package() -> None:
    for tag in ("zh-Hant", "zh-Hans"):
        with pytest.raises(InputError, match=FONT_PACKAGE):
            compiled(full(), language(tag), own_fonts())
    with pytest.raises(InputError, match="陳"):
        english(full_content(steps=[step(Step.SUBMIT, "陳大文", 9)]))


def test_another_language_is_refused() -> None:
    with pytest.raises(InputError, match="there is no language 'fr'"):
        report_pdf(full(), "fr")


def test_nothing_is_loaded_before_the_first_report_or_export() -> None:
    large = {
        "typst",
        "pypdf",
        "pyhanko",
        "asn1crypto",
        "lxml",
        "altair",
        "vl_convert",
        "xlsxwriter",
    }
    asked = (
        "import sys, lineproof.dossier.report.pdf, lineproof.dossier.report.signing, "
        f"api.http.exported; print({large} & set(sys.modules))"
    )
    found = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "set()"
