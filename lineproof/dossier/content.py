"""What a project's dossier is made of: its verdicts, its agents, and the rows of the record that
tell of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from api.queries.lines import Queries
from api.queries.verdicts import ProjectVerdicts
from collector.intake.payload import PayloadError, decode
from collector.replay.index import HEAD_LINES, HEAD_MAX_BYTES, Entry, ReplayIndex
from domain.batches import parse_batch
from domain.grants import Project
from domain.plant import Confidential, Plant, Withheld
from store.archive.protocol import BatchArchive
from store.node.opening import Stores
from store.registry.opened_rows import OpenedRow, RowsWanted

# Rows that tell people's reasons and names; what a plant keeps confidential of them.
ROWS_BY_PEOPLE = frozenset({"corrections", "plan_changes", "plant_saves"})
TOLD_BY_PEOPLE = frozenset({Confidential.REASONS, Confidential.NAMES})


@dataclass(frozen=True, slots=True)
class Content:
    """`agents`: those that ever sent something of the project's lines, by name; `rows`: what the
    record tells of the project, in its order; `count`: how many rows the whole record has;
    `withheld`: what the dossier leaves out."""

    stores: Stores
    queries: Queries
    found: ProjectVerdicts
    agents: Sequence[str]
    rows: Sequence[OpenedRow]
    count: int
    withheld: Withheld

    @property
    def plant(self) -> Plant:
        return self.found.plant

    @property
    def project(self) -> Project:
        return self.found.project

    @property
    def keeps_samples(self) -> bool:
        """They stay at the plant: only digests of them are handed out."""
        return Confidential.RAW_SAMPLES in self.withheld

    def said(self, of: str) -> Iterator[Mapping[str, Any]]:
        """What the rows of that table say."""
        return (orjson.loads(row.text) for row in self.rows if row.of == of)


def content_of(
    stores: Stores,
    queries: Queries,
    found: ProjectVerdicts,
    index: ReplayIndex,
    withheld: Withheld,
) -> Content:
    plant, project = found.plant, found.project
    agents = _agents_of(stores.archive, index, project.lines)
    company = queries.projects_of_companies()[plant.id]
    wanted = RowsWanted(
        project.reference,
        project.lines,
        agents,
        {plant.id, *(it.plant for it in company)},
        {it.reference for it in company},
    )
    rows = list(stores.registry.opened.read(wanted))
    if withheld & TOLD_BY_PEOPLE:
        rows = [it for it in rows if it.of not in ROWS_BY_PEOPLE]
    count = stores.registry.recorded.count()
    return Content(stores, queries, found, agents, rows, count, withheld)


def _agents_of(archive: BatchArchive, index: ReplayIndex, lines: Sequence[str]) -> list[str]:
    found: set[str] = set()
    for place in index.places():
        if place.meant.agent not in found and _is_of(archive, place.meant, lines):
            found.add(place.meant.agent)
    return sorted(found)


def _is_of(archive: BatchArchive, entry: Entry, lines: Sequence[str]) -> bool:
    """Whether the batch has anything of these lines. Most headers say of which machines it is."""
    header = parse_batch(archive.first_lines(entry.digest, HEAD_LINES, HEAD_MAX_BYTES)).header
    told = {it.partition("/")[0] for it in header.profiles} | {it[0] for it in header.spans}
    if told:
        return not told.isdisjoint(lines)
    try:
        content = decode(parse_batch(archive.get(entry.digest)))
    except PayloadError:
        return False
    named = {*content.samples["line"].unique(), *content.rejections["line"].unique()}
    return not named.isdisjoint(lines)
