"""One look at a time for each person, few together, and what each saw last."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.queries.connecting.looker import Looker, Trial
from api.queries.connecting.looks import LOOKS_MAX, Looks
from api.queries.prices import ComeAgainError
from domain.errors import NotAllowedError
from lineproof.machine_networks import network
from lineproof.node_looker import NodeLooker

NOW = datetime(2026, 3, 25, tzinfo=UTC)


@pytest.fixture
def looker(tmp_path_factory: pytest.TempPathFactory) -> Looker:
    return NodeLooker(tmp_path_factory.mktemp("looking"), [network("127.0.0.0/8")])


def trial(end: datetime) -> Trial:
    return Trial("packml/opcua", {}, (), (), (), (), end, end)


def test_one_look_of_each_person_and_few_of_all(looker: Looker) -> None:
    looks = Looks(looker)
    with ExitStack() as stack:
        stack.enter_context(looks.one_of("ann"))
        with pytest.raises(ComeAgainError, match="already"):
            stack.enter_context(looks.one_of("ann"))
        for number in range(LOOKS_MAX - 1):
            stack.enter_context(looks.one_of(f"p{number}"))
        with pytest.raises(ComeAgainError, match="Others"):
            stack.enter_context(looks.one_of("late"))
    with looks.one_of("ann") as found:
        assert found is looker


def test_one_that_failed_is_over(looker: Looker) -> None:
    looks = Looks(looker)
    with pytest.raises(ValueError, match="x"), looks.one_of("ann"):
        raise ValueError("x")
    with looks.one_of("ann"):
        pass


def test_a_node_that_may_look_nowhere(looker: Looker, tmp_path: Path) -> None:
    nowhere = NodeLooker(tmp_path, [])
    for looks in (Looks(), Looks(nowhere)):
        assert looks.networks == ()
        with pytest.raises(NotAllowedError, match="machine_networks"), looks.one_of("ann"):
            pass
    assert Looks(looker).networks == ("127.0.0.0/8",)


def test_the_last_trial_is_kept_for_a_while_and_for_few() -> None:
    looks = Looks()
    looks.keep("ann", trial(NOW))
    later = trial(NOW + timedelta(minutes=1))
    looks.keep("ann", later)
    assert looks.last_trial("ann", later.end) is later
    assert looks.last_trial("bob", later.end) is None
    assert looks.last_trial("ann", later.end + timedelta(minutes=31)) is None
    for number in range(20):
        looks.keep(f"p{number}", later)
    assert looks.last_trial("ann", later.end) is None
