"""The one list of KPI names: complete, each name once."""

from __future__ import annotations

import pytest

from analytics.kpi.evaluation import KPIS
from analytics.kpi.words import KPI_WORDS, metric_name


def test_every_kpi_has_its_words_and_no_name_stands_for_two() -> None:
    assert list(KPI_WORDS) == list(KPIS)
    assert len({words.name for words in KPI_WORDS.values()}) == len(KPIS)
    for words in KPI_WORDS.values():
        assert words.name[0].isupper()
        assert words.meaning.endswith(".")


def test_the_name_of_what_terms_measure() -> None:
    assert metric_name("oee") == "OEE"
    assert metric_name("mean_time_to_repair_s") == "Mean time to repair"
    assert metric_name("good_count") == "Good units"
    with pytest.raises(KeyError):
        metric_name("no_such_metric")
