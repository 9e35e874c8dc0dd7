"""English sentences about one of something."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from babel.messages.pofile import read_po

from api.i18n import LOCALE_FOLDER, language

ONE_OR_MORE = [
    ("%(count)s stops have no reason yet.", {"count": "1"}, "1 stop has no reason yet."),
    ("%(count)s stops have no reason yet.", {"count": "2"}, "2 stops have no reason yet."),
    ("%(count)s stops have no reason yet.", {"count": "21"}, "21 stops have no reason yet."),
    ("And %(count)s more are not drawn.", {"count": 1}, "And 1 more is not drawn."),
    ("%(left)s production days to come", {"left": 1}, "1 production day to come"),
    ("%(batches)s batches, %(days)s days late", {"batches": 1, "days": 3}, "1 batch, 3 days late"),
    ("%(batches)s batches, %(days)s days late", {"batches": 4, "days": 1}, "4 batches, 1 day late"),
    (
        "%(count)s of %(all)s lines are heard",
        {"count": 1, "all": 5},
        "1 of 5 lines are heard",
    ),
    ("%(count)s of %(all)s lines are heard", {"count": 1, "all": 1}, "1 of 1 line is heard"),
    ("%(machine)s values nothing", {"machine": "1"}, "1 value nothing"),  # as a count would be
    ("%(machine)s is off for %(times)s", {"machine": "1", "times": "1"}, "1 is off for 1"),
    (
        "in %(share)s %% of the %(count)s hours",
        {"share": "1", "count": "1"},
        "in 1 % of the 1 hour",
    ),
]


@pytest.mark.parametrize(("sentence", "values", "said"), ONE_OR_MORE)
def test_the_noun_and_its_verb_are_singular_where_their_count_is_one(
    sentence: str, values: dict[str, object], said: str
) -> None:
    assert language("en").text(sentence, **values) == said


def test_what_is_translated_stays_as_it_is() -> None:
    sentence = "%(count)s stops have no reason yet. Begin with the one at %(time)s."
    one = language("zh-Hant").text(sentence, count=1, time="9")
    assert one == language("zh-Hant").text(sentence, count="2", time="9").replace("2", "1")


def test_every_sentence_of_the_catalogue_is_right_for_one() -> None:
    """So a new noun behind a count is not forgotten."""
    counts = (
        "ahead|batches|connects|count|days|ended|hours|left|minutes|readings|rows|samples|seconds"
    )
    counted = re.compile(rf"%\((?:{counts})\)s(?: (?!on |of )[a-z]+)? [a-z]+s\b")
    path = LOCALE_FOLDER / "zh_Hant" / "LC_MESSAGES" / "lineproof.po"
    sentences = [str(it.id) for it in read_po(BytesIO(path.read_bytes())) if it.id]
    found = [(plural, it) for it in sentences for plural in counted.findall(it)]
    assert len(found) > 30

    def said(text: str) -> str:
        return language("en").text(text, **dict.fromkeys(re.findall(r"%\((\w+)\)s", text), "1"))

    assert [text for it, text in found if re.sub(r"%\(\w+\)s", "1", it) in said(text)] == []
