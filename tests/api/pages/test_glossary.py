"""`/glossary`: every word explained once, in three languages, where the pages lead to it."""

from __future__ import annotations

import re

import httpx
import pytest
from peers import ROOT

from api.i18n import LANGUAGES, language_named
from api.pages import labels
from api.pages.glossary_terms import BY_ANCHOR, GROUPS
from api.pages.templates import TEMPLATES

TERMS = [term for group in GROUPS for term in group.terms]


@pytest.mark.parametrize("tag", LANGUAGES)
async def test_every_word_has_a_sentence_in_the_readers_language(
    client: httpx.AsyncClient, tag: str
) -> None:
    language = language_named(tag)
    answer = await client.get("/glossary", params={"lang": tag})
    shown = re.findall(r'<div id="([\w-]+)"[^>]*><dt>(.*?)</dt><dd>(.*?)</dd>', answer.text)
    assert [anchor for anchor, _, _ in shown] == [term.anchor for term in TERMS]
    for term, (_, word, meaning) in zip(TERMS, shown, strict=True):
        assert word, term
        assert meaning.endswith((".", "。")), meaning
        assert tag == "en" or language.text(term.meaning) != term.meaning, term
    assert len(BY_ANCHOR) == len(TERMS), "each word once"
    assert answer.text.count('href="/glossary"') == 1, "every page leads there"


def test_words_are_those_of_the_developers_glossary() -> None:
    """Where both explain one, they call it the same."""
    rows = re.findall(
        r"^\| [^|]+ \| ([^|]+) \| ([^|]+) \| ([^|]+) \|",
        (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    developers = {english: (traditional, simplified) for english, traditional, simplified in rows}
    both = [term for term in TERMS if term.word in developers]
    assert len(both) > 25
    for term in both:
        said = tuple(language_named(it).text(term.word) for it in ("zh-Hant", "zh-Hans"))
        assert said == developers[term.word], term.word


def test_links_lead_to_words_that_are_there() -> None:
    texts = "".join(it.read_text(encoding="utf-8") for it in TEMPLATES.glob("*.html"))
    fixed = re.findall(r'/glossary#([\w-]+)"', texts)
    listed = re.findall(r'"([\w-]+)"', "".join(re.findall(r"explained\((\[.*?\])\)", texts)))
    assert len(listed) > 10
    assert {*fixed, *listed} <= set(BY_ANCHOR)
    assert {f"flag-{it}" for it in labels.FLAGS} <= set(BY_ANCHOR)
