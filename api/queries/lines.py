"""Questions about lines: which there are, what they did, what people said of them.

Every figure comes from the same facts by the same functions of the analytics, so no two screens can
disagree. Where a live board is kept, what it has of a line is taken from it, and answers hold as
of the entry's instant (`at`); elsewhere, and for a line of which something was recorded or stored
facts were replaced since, everything is computed as of now. Reads only. KPIs, live states, verdicts
and what came in are asked in the modules beside this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from analytics.corrections import accepted_periods
from analytics.facts.line_digest import line_digest
from analytics.timeline.state_intervals import needed_until, state_intervals
from api.queries.board import Board, LineNow
from api.queries.board_ages import AGE_SILENT_MAX
from api.queries.board_keeper import BoardKeeper
from api.queries.facts import changed_since, facts_of
from api.queries.intake import Intake
from api.queries.kept_facts import KeptFacts
from api.queries.recorded import Recorded
from domain.alerts import Alert
from domain.attested_figures import AttestedFigure
from domain.change_requests import ChangeRequest
from domain.corrections import Correction, LineCorrections
from domain.errors import InputError
from domain.frames import LineHistory
from domain.grants import AttachedDocument, Project
from domain.milestone_states import ConflictOfInterest, StepTaken
from domain.plant import Line, Plant
from domain.site_visits import SiteVisit
from domain.terms_changes import TermsVersion, terms_versions
from domain.time import PLANT_YEARS, Window
from store.archive.protocol import BatchArchive
from store.history.line_history import line_history
from store.node.covering import CoveringCheckpoints
from store.registry.line_records import LineRecords
from store.registry.project_work.accepted_periods import FrozenPeriod
from store.registry.registry import RegistryReader
from store.registry.versions import Version
from store.telemetry.as_known import KnownTelemetry
from store.telemetry.protocol import BatchRecord, CalendarPeriod, TelemetryReader

# An entry that is older is believed no more: whoever keeps the board does not.
BOARD_LATE_MAX = AGE_SILENT_MAX + timedelta(seconds=60)
_NOTHING = LineCorrections()


@dataclass(frozen=True, slots=True)
class Shared:
    """What the views of the same stores share: `looker` looks at a line that is on no board."""

    looker: BoardKeeper
    recorded: Recorded
    kept: KeptFacts
    intake: Intake


class Queries:
    """`now` gives the present instant (aware). `board`: somebody keeps it up to date."""

    def __init__(
        self,
        telemetry: TelemetryReader,
        registry: RegistryReader,
        now: Callable[[], datetime],
        archive: BatchArchive | None = None,
        board: Board | None = None,
        shared: Shared | None = None,
        checkpoints: CoveringCheckpoints | None = None,
    ) -> None:
        self._telemetry = telemetry
        self._registry = registry
        self._basis = registry.facts_basis
        self._clock = now
        self._board = board
        self._checkpoints = checkpoints
        self._shared = shared or Shared(
            BoardKeeper(telemetry, registry.facts_basis, Board(), self.now),
            Recorded(registry),
            KeptFacts(),
            Intake(telemetry, archive),
        )
        self._recorded = self._shared.recorded
        self.intake = self._shared.intake

    def still(self) -> Queries:
        """The same with the board as it is now: whatever one answer asks is as of one instant."""
        if self._board is None:
            return self
        board = self._board.still()
        return type(self)(
            self._telemetry,
            self._registry,
            self._clock,
            board=board,
            shared=self._shared,
            checkpoints=self._checkpoints,
        )

    def now(self) -> datetime:
        """The present instant in UTC."""
        return self._clock().astimezone(UTC)

    def as_known_at(self, at: datetime) -> Queries:
        """The same questions as they would have been answered then: by the batches received
        and the files, corrections and periods recorded up to that instant. Raises InputError
        for a time to come."""
        now = self.now()
        if at > now:
            raise InputError(
                f"nobody knows yet what will be known at {at.isoformat()}",
                where="as_known_at",
                todo="Give a time that has passed.",
            )
        telemetry = KnownTelemetry(self._telemetry, at)
        return Queries(telemetry, self._registry.as_known_at(at), lambda: at)

    @property
    def version(self) -> int:
        """Grows whenever anything was recorded."""
        return self._registry.version

    def checkpoint_covering(self, until: datetime | None) -> str | None:
        """The ledger's checkpoint that covers what is known of the time before `until`, as
        `store.node.covering` says; None where nobody asked for one. Raises StorageError."""
        return self._checkpoints.covering(until) if self._checkpoints else None

    # plants, lines and projects

    def lines(self) -> list[tuple[Plant, Line]]:
        """Every line with its plant, in the order of the plants' files."""
        return list(self._recorded.lines().values())

    def line(self, line_id: str) -> tuple[Plant, Line]:
        """The line and its plant. Raises NotFoundError with the names that exist."""
        return self._recorded.line(line_id)

    def projects(self) -> list[Project]:
        """Every project, in the order in which they were first applied."""
        return self._recorded.projects()

    def projects_of_companies(self) -> dict[str, list[Project]]:
        """By plant, the projects of all plants of its company, known by the business
        registration."""
        company = {plant.id: plant.business_registration for plant, _ in self.lines()}
        found: dict[str, list[Project]] = {it: [] for it in company.values()}
        for project in self.projects():
            found[company[project.plant]].append(project)
        return {plant: found[it] for plant, it in company.items()}

    def plant_versions(self, plant: str) -> list[tuple[Version, Plant]]:
        """Every version of the plant's file, with the plant that it describes."""
        return self._recorded.plant_versions(plant)

    def project(self, ref: str) -> tuple[Plant, Project]:
        """The project and its plant. Raises NotFoundError with the references that exist."""
        project = self._registry.projects.by_reference(ref)
        return self.line(project.lines[0])[0], project

    def project_zone(self, ref: str) -> ZoneInfo:
        """The zone in which the project's days are days. Raises NotFoundError."""
        return self.project(ref)[0].zone

    def documents(self, ref: str) -> list[AttachedDocument]:
        """What is attached to the project's milestones."""
        return self._registry.attachments.of_project(ref)

    def steps(self, ref: str) -> list[StepTaken]:
        """What people did with the project's milestones, in the order of taking."""
        return self._registry.milestone_steps.of_project(ref)

    def conflicts(self, ref: str) -> list[ConflictOfInterest]:
        """The conflicts of interest with the project that were declared."""
        return self._registry.milestone_steps.conflicts(ref)

    def site_visits(self, ref: str) -> list[SiteVisit]:
        """The site visits of the project, with what was read at them."""
        return self._registry.site_visits.of_project(ref)

    def change_requests(self, ref: str) -> list[ChangeRequest]:
        """The changes of the project that were asked for, with their decisions."""
        return self._registry.change_requests.of_project(ref)

    def versions_of_changes(self, ref: str) -> dict[int, Version]:
        """By the number of each change request that is carried out, the first version of the grant
        file that names it."""
        return self._registry.projects.versions_of_changes(ref)

    def terms_versions(self, ref: str) -> dict[str, list[TermsVersion]]:
        """By milestone, every version of its terms."""
        return terms_versions(self._registry.projects.files(ref), self.change_requests(ref))

    def attested(self, ref: str) -> list[AttestedFigure]:
        """The figures that people attested of the project."""
        return self._registry.attested.of_project(ref)

    def open_alerts(self) -> dict[str, list[Alert]]:
        """The alerts that stand, by line, the oldest first."""
        found: dict[str, list[Alert]] = {}
        for it in self._registry.alerts.open():
            found.setdefault(it.cause.line, []).append(it)
        return found

    # what people said

    @property
    def records(self) -> LineRecords:
        """What people recorded of lines."""
        return self._registry.records

    def corrections(self, line_id: str) -> Sequence[Correction]:
        """Every correction of the line, withdrawals too, in the order of recording."""
        return self._recorded.corrections(line_id)

    def frozen_periods(self, line_id: str) -> Sequence[FrozenPeriod]:
        """The line's frozen periods, by start."""
        return self._recorded.frozen(line_id)

    def frozen(self, line_id: str, window: Window) -> list[accepted_periods.FrozenFacts]:
        """The accepted facts of the line's frozen periods that touch the window."""
        return [
            accepted_periods.FrozenFacts(it.window, it.frozen_at, self.records.frozen_facts(it))
            for it in self.frozen_periods(line_id)
            if it.start < window.end and window.start < it.end
        ]

    # the present

    def at(self, line_id: str) -> datetime:
        """The instant as of which the line's figures are: of the board, or now."""
        entry = self._entry(line_id)
        return self.now() if entry is None else entry.at

    def line_now(self, line_id: str) -> LineNow:
        """What the line does: as the board has it, or as of now. Raises NotFoundError."""
        self.line(line_id)
        return self._entry(line_id) or self._shared.looker.look_at(line_id)

    def seen(self, line_id: str) -> LineNow | None:
        """The line's entry on the board, if nothing at all was recorded since and somebody keeps
        it: costs nothing."""
        entry = self._board.line(line_id) if self._board is not None else None
        if entry is None or entry.registry != self._registry.version:
            return None
        return entry if abs(self.now() - entry.at) < BOARD_LATE_MAX else None

    def watch(self, line_id: str) -> None:
        """Somebody looks at this very line: the board has it before others."""
        if self._board is not None:
            self._board.watch(line_id)

    def _entry(self, line_id: str) -> LineNow | None:
        """Of the board, unless something was recorded of this line since."""
        entry = self._board.line(line_id) if self._board is not None else None
        if entry is None or abs(self.now() - entry.at) >= BOARD_LATE_MAX:
            return None
        if entry.registry == self._registry.version:
            return entry
        same = (
            line_id in self._recorded.lines()
            and self.line(line_id)[0] is entry.plant
            and self._basis.line_corrections(line_id).last == entry.corrections.last
        )
        return entry if same else None

    # figures

    def facts(self, line_id: str, window: Window) -> pl.DataFrame:
        """FACTS of the line for the window: where it is frozen, as they were accepted."""
        frozen = self.frozen(line_id, window)
        present = self.present_facts(line_id, window)
        return accepted_periods.accepted(present, frozen) if frozen else present

    def present_facts(
        self, line_id: str, window: Window, besides: Sequence[Correction] = ()
    ) -> pl.DataFrame:
        """FACTS of the line for the window as all that is known now tells them, and corrections
        that nobody has recorded yet."""
        plant, _ = self.line(line_id)
        entry = None if besides else self._entry(line_id)
        now = self.now()
        if entry is not None and window.start < entry.at:
            kept = self._shared.kept
            return facts_of(
                self._telemetry, plant, line_id, window, now, entry.corrections, entry, kept
            )
        said = self._basis.line_corrections(line_id).joined(besides)
        return facts_of(self._telemetry, plant, line_id, window, now, said)

    def stored_sums(
        self, lines: Mapping[str, Plant], window: Window, period: CalendarPeriod
    ) -> tuple[pl.DataFrame, dict[str, list[Window]]]:
        """FACT_SUMS of the lines over what is stored, and of each where that does not hold any
        more."""
        said = self._recorded.lines_with_records()
        changed = {}
        for line, plant in lines.items():
            entry = self._entry(line)
            if entry is not None:
                changed[line] = [*entry.pending, entry.open]
                continue
            corrections = self._basis.line_corrections(line) if line in said else _NOTHING
            marks = self._telemetry.dirty(line)
            changed[line] = changed_since(self._telemetry, plant, line, marks, corrections)
        specs = {line: line_digest(plant, line) for line, plant in lines.items()}
        # Last, because marks are cleared when facts follow them.
        sums = self._telemetry.fact_sums(specs, window.start, window.end, period)
        return sums, changed

    def states(self, line_id: str, window: Window) -> pl.DataFrame:
        """STATE_INTERVALS (analytics.timeline) that partition the window."""
        plant, _ = self.line(line_id)
        history = self.history(line_id, window)
        now = self.at(line_id)
        return state_intervals(plant, line_id, history, window.start, window.end, now)

    def history(self, line_id: str, window: Window) -> LineHistory:
        """All that is needed to tell what the line did in the window, with the corrections in
        force that touch it."""
        _, line = self.line(line_id)
        until = needed_until(line, window.end, self.at(line_id))
        said = self._basis.line_corrections(line_id).in_force
        return line_history(self._telemetry, line_id, window.start, until, said)

    def measured(
        self, line_id: str, window: Window, known_at: datetime | None = None
    ) -> LineHistory:
        """The history of the window as machines told it; with `known_at` of what had come in by
        then. Raises StorageError where an earlier view is not kept."""
        telemetry = self._telemetry
        if known_at is not None:
            telemetry = KnownTelemetry(telemetry, known_at)
        return line_history(telemetry, line_id, window.start, window.end)

    def told_around(
        self, line_id: str, window: Window, known_at: datetime | None = None
    ) -> LineHistory:
        """The samples of the window and those next to it, which may say nothing; for less than
        `measured`, with `known_at` and errors as there."""
        return self._telemetry.history(line_id, window.start, window.end, known_at)

    def late_batches(
        self, agent: str, window: Window, late: timedelta, limit: int
    ) -> list[BatchRecord]:
        """As the telemetry's: what of the agent's samples of the window came so late."""
        return self._telemetry.late_batches(agent, window.start, window.end, late, limit)

    def texts_told(
        self, line_id: str, machine: str, signal: str, until: datetime
    ) -> list[tuple[datetime, str]]:
        """All that a signal of text ever told before then, each with its time, in order."""
        begin = datetime(PLANT_YEARS[0], 1, 1, tzinfo=UTC)
        said = self._telemetry.said(line_id, machine, signal, begin, until)
        return said.filter(pl.col("text").is_not_null()).select("time", "text").rows()

    def sample_count(self, line_id: str, window: Window) -> int:
        """How many samples the line has in the window: what it takes to read them."""
        return self._telemetry.sample_count(line_id, window.start, window.end)
