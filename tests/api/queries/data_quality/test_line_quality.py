"""What is known of a morning in which everything was wrong, and what of it is no raw sample."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from odd_press import TODAY, TOPIC, at, odd_morning
from web_plant import NOW, Clock, filled_queries, registry_of, store_of

from api.queries.data_quality.line_quality import line_quality, quality_without, rejected_by_line
from api.queries.lines import Queries
from domain.plant import Confidential
from domain.signals import FAULTS, SOURCE_IDENTITY
from domain.source_faults import FaultCode
from domain.time import Window


@pytest.fixture(scope="module")
def queries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queries]:
    found = filled_queries(tmp_path_factory.mktemp("odd"), Clock())
    odd_morning(found)
    yield found
    store_of(found).close()
    registry_of(found).close()


def test_what_is_known_of_the_morning(queries: Queries) -> None:
    found = line_quality(queries, "press-1", TODAY)
    assert found.window == Window(TODAY.start, NOW)
    (press,) = found.machines
    first, second = [it for it in press.unknown if it.window.start in (at(9), at(11))]
    assert [it.code for it in first.causes] == [FaultCode.CONNECTION_LOST]
    assert second.causes == ()
    (speed,) = [it for it in press.signals if it.signal == "speed"]
    assert (speed.values, speed.uncertain, speed.bad) == (3, 1, 1)
    assert {it.signal for it in press.signals}.isdisjoint({FAULTS, SOURCE_IDENTITY})
    assert {it.code for it in press.faults} == {FaultCode.CLOCK_AHEAD, FaultCode.CONNECTION_LOST}
    (unused,) = press.rejected
    assert (unused.address, unused.reason, unused.count) == (TOPIC, "no number", 3)
    (late,) = found.late
    assert (late.agent, late.batches, late.most) == ("agent-7", 1, timedelta(days=2))
    assert rejected_by_line(queries, TODAY) == {"press-1": 3}


def test_figures_are_no_raw_samples(queries: Queries) -> None:
    """What is kept from who asks is nowhere in what is left; how much is missing is."""
    whole = line_quality(queries, "press-1", TODAY)
    kept = quality_without(whole, frozenset({Confidential.RAW_SAMPLES}))
    said = repr(kept)
    for word in (TOPIC, "no number", "<b>", "no route", "clock_ahead", "speed"):
        assert word in repr(whole)
        assert word not in said
    assert kept.machines[0].unknown_time == whole.machines[0].unknown_time
    assert kept.machines[0].rejected[0].count == 3
    assert quality_without(whole, frozenset({Confidential.NAMES})).machines == whole.machines
