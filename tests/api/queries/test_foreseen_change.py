"""What a plant file would change: lines and machines that come, go or are called otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from web_plant import GRANT, PLANT, Clock, filled_queries, registry_of, store_of

from api.queries.foreseen_change import ForeseenChange, foreseen
from api.queries.lines import Queries
from store.files.grant import read_grant
from store.files.plant import read_plant


@pytest.fixture(scope="module")
def queries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queries]:
    found = filled_queries(tmp_path_factory.mktemp("node"), Clock())
    yield found
    store_of(found).close()
    registry_of(found).close()


def change(queries: Queries, *replaced: tuple[str, str], more: str = "") -> ForeseenChange:
    text = PLANT
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    before, after = (read_plant(it, "p.yaml") for it in (PLANT, text + more))
    return foreseen(queries, before, after, queries.projects())


def test_a_line_with_another_name_is_told_as_renamed(queries: Queries) -> None:
    found = change(queries, ("  press-1:\n", "  press-2:\n"))
    assert (found.lines.renamed, found.lines.added, found.lines.removed) == (
        [("press-1", "press-2")], [], [],
    )  # fmt: skip
    assert found.machines.added == found.machines.removed == found.machines.renamed == []
    found = change(queries, ("  press-1:\n", "  press-2:\n"), ("s: 2.0", "s: 3.0"))
    assert (found.lines.added, found.lines.removed) == (["press-2"], ["press-1"])


def test_a_new_text_of_a_name_touches_no_figure_and_no_milestone(queries: Queries) -> None:
    found = change(queries, ("en: Filling line 1", "en: Filler"))
    assert (found.anew, found.milestones, found.accepted) == ([], [], 0)
    assert found.says == ["line filler-1: name changed"]


def test_milestones_that_rest_on_a_line_are_named(queries: Queries) -> None:
    project = read_grant(GRANT, "grant.yaml")
    found = change(queries, ("ideal_cycle_time_s: 0.5\n    machines:\n      filler:",
                             "ideal_cycle_time_s: 0.6\n    machines:\n      filler:"))  # fmt: skip
    assert found.anew == ["filler-1"]
    assert found.milestones == [(project.reference, [it.id for it in project.milestones])]
    assert change(queries, ("s: 2.0", "s: 3.0")).milestones == []


def test_machines_that_come_and_go(queries: Queries) -> None:
    found = change(queries, ("      meter: {profile: import}\n", ""), (", energy: meter", ""))
    assert found.machines.removed == ["filler-1/meter"]
    oven = "  oven-1: {machines: {oven: {profile: import}}, roles: {state: oven}}\n"
    assert change(queries, more=oven).lines.added == ["oven-1"]
