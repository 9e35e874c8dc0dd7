"""Refusals and errors on Chinese pages: in Chinese, with the exact wording to open."""

from __future__ import annotations

import re
from datetime import date

import httpx
import pytest
from web_plant import NOW

from api.i18n import language_named
from api.pages.officer.refused_steps import words_of_refusal
from domain.errors import InputError, LineproofError
from domain.milestone_states import Persons, Step, StepTaken, check_step

CHINESE = language_named("zh-Hant")


def refusal(*steps: tuple[Step, str, str]) -> LineproofError:
    """Of the last of these steps (step, author, reason)."""
    taken = [StepTaken("P", "M3", step, who, NOW, why) for step, who, why in steps]
    with pytest.raises(LineproofError) as caught:
        check_step(taken[-1], Persons(taken[:-1], (), two_decide=True), date(2026, 3, 14))
    return caught.value


def test_what_is_often_met_has_a_sentence_of_its_own() -> None:
    before = ((Step.SUBMIT, "lee", ""), (Step.TAKE, "chan", ""))
    recommended = (*before, (Step.RECOMMEND, "chan", "seen"))
    for steps, words in (
        ((*before, (Step.QUERY, "chan", "")), "此步驟必須填寫理由"),
        ((*recommended, (Step.EXTEND, "wong", "a flood")), "延期須填寫新的到期日"),
        ((*recommended, (Step.ACCEPT, "chan", "fine")), "此項須由兩人決定"),
        ((*before, (Step.ACCEPT, "wong", "fine")), "目前的狀態為「"),
    ):
        error = refusal(*steps)
        assert words in words_of_refusal(error, CHINESE), error
        assert words_of_refusal(error, language_named("en")) == ""
    assert words_of_refusal(InputError("another one"), CHINESE) == ""


async def test_no_english_sentence_stands_on_a_chinese_error_page(
    client: httpx.AsyncClient,
) -> None:
    """Only behind what one opens to read the exact wording."""
    for path in ("/grants/NIFS-2025-017/M99", "/grants/NIFS-2025-017?until=soon", "/lines/nope"):
        answer = await client.get(path, headers={"accept": "text/html", "accept-language": "zh-HK"})
        main = answer.text.partition("<main")[2].partition("</main>")[0]
        shown = re.sub(r"<details>.*?</details>|<[^>]*>", "", main, flags=re.DOTALL)
        assert not re.search(r"[A-Za-z]{3,} [a-z]{2,}", shown), shown
        assert '<p lang="en">' in main
