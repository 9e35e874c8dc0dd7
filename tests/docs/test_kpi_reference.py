"""The KPI reference is fresh, complete in three languages, and its worked examples are true."""

from __future__ import annotations

import doctest
import re

import pytest

from analytics.kpi.evaluation import KPIS
from analytics.kpi.inputs import INPUTS
from lineproof.reference.__main__ import FOLDER, pages
from lineproof.reference.kpi_pages import LANGUAGES, page
from lineproof.reference.kpi_words import MEANINGS, NAMES


def test_the_published_pages_are_fresh() -> None:
    published = {path: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert published == pages(), "stale: run python -m lineproof.reference"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_worked_example_is_true(language: str) -> None:
    """Run as a doctest: by the functions that compute every row."""
    text = (FOLDER / f"{language}.md").read_text(encoding="utf-8")
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kpi_and_input_has_its_words(language: str) -> None:
    assert set(NAMES) == set(MEANINGS) == set(KPIS)
    words = [texts[name][language] for texts in (NAMES, MEANINGS) for name in KPIS]
    words += [each.text[language] for each in INPUTS.values()]
    assert all(words)
    used = {name for kpi in KPIS.values() for name in kpi.inputs}
    assert used == set(INPUTS)
    for name, kpi in KPIS.items():
        assert f"`{name}`" in page(language)
        assert kpi.formula
        assert kpi.unit


def test_scripts_are_not_mixed() -> None:
    """Characters that are only simplified never stand in the traditional page, or back."""
    pairs = (
        "線线|產产|設设|備备|標标|達达|數数|計计|劃划|時时|間间|項项|實实|際际|報报|廢废|樣样|總总"
    )
    for language, wrong in (("zh-Hant", 1), ("zh-Hans", 0)):
        mixed = {pair[wrong] for pair in pairs.split("|")} & set(page(language))
        assert mixed == set(), language


def test_chinese_pages_are_chinese() -> None:
    """No English sentence was left standing in them."""
    for language in LANGUAGES[1:]:
        prose = re.sub(r"```.*?```|`[^`]*`|<[^>]*>|\([^)]*\)", "", page(language), flags=re.DOTALL)
        left = set(re.findall(r"[a-z]{5,}", prose))
        assert left == set(), language
