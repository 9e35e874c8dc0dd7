"""The KPI reference is fresh, complete in three languages, and its worked examples are true."""

from __future__ import annotations

import doctest
import re

import pytest

from analytics.kpi.evaluation import KPIS
from analytics.kpi.formulas.inputs import INPUTS
from analytics.kpi.words import KPI_WORDS
from api.i18n import LANGUAGES, language
from lineproof.reference.kpi_pages import FOLDER, page, pages


def test_the_published_pages_are_fresh() -> None:
    published = {path: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert published == pages(), "stale: run python -m lineproof.reference"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_worked_example_is_true(tag: str) -> None:
    """Run as a doctest: by the functions that compute every row."""
    text = (FOLDER / f"{tag}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```pycon\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) == len(KPIS)
    for name, block in zip(KPIS, blocks, strict=True):
        test = doctest.DocTestParser().get_doctest(block, {}, name, None, None)
        told: list[str] = []
        outcome = doctest.DocTestRunner(verbose=False).run(test, out=told.append)
        assert outcome.attempted >= 3
        assert outcome.failed == 0, "".join(told)


def test_the_34_kpis_of_iso_22400_2_are_there_once() -> None:
    numbers = [kpi.number for kpi in KPIS.values() if kpi.number is not None]
    assert sorted(numbers) == list(range(1, 35))
    others = {name for name, kpi in KPIS.items() if kpi.number is None}
    assert others == {
        "teep",
        "ooe",
        "utilisation",
        "energy_per_good_unit",
        "process_performance_index",
        "critical_process_performance_index",
    }


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_kpi_and_input_has_its_words(tag: str) -> None:
    assert set(KPI_WORDS) == set(KPIS)
    assert len({words.name for words in KPI_WORDS.values()}) == len(KPIS), "a name stands for two"
    texts = [text for words in KPI_WORDS.values() for text in (words.name, words.meaning)]
    texts += [each.text for each in INPUTS.values()]
    for text in texts:
        assert text
        assert (language(tag).text(text) != text) == (tag != "en"), f"not translated: {text}"
    used = {name for kpi in KPIS.values() for name in kpi.inputs}
    assert used == set(INPUTS)
    for name, kpi in KPIS.items():
        assert f"`{name}`" in page(tag)
        assert kpi.formula
        assert kpi.unit


def test_scripts_are_not_mixed() -> None:
    """Characters that are only simplified never stand in the traditional page, or back."""
    pairs = (
        "線线|產产|設设|備备|標标|達达|數数|計计|劃划|時时|間间|項项|實实|際际|報报|廢废|樣样|總总"
    )
    for tag, wrong in (("zh-Hant", 1), ("zh-Hans", 0)):
        mixed = {pair[wrong] for pair in pairs.split("|")} & set(page(tag))
        assert mixed == set(), tag


def test_chinese_pages_are_chinese() -> None:
    """No English sentence was left standing in them."""
    for tag in LANGUAGES[1:]:
        prose = re.sub(r"```.*?```|`[^`]*`|<[^>]*>|\([^)]*\)", "", page(tag), flags=re.DOTALL)
        left = set(re.findall(r"[a-z]{5,}", prose))
        assert left == set(), tag
