"""The registry of a node: its parts, put together over one database and one folder of bytes.

Each part answers one question. `plants`, `projects`, `attachments`, `attested`, `records`,
`milestone_steps`, `site_visits`, `change_requests` and `facts_basis` read; `apply`, `attach`,
`retain`, `attest`, `record`, `take`, `visit` and `ask` write.
Their rows are only ever added, so the registry of an earlier time can be read as well: it has the
parts that read and no other. Who may send and ask (`agents`, `accounts` and what goes with them) is
of the present alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from domain.grants import Project
from domain.plant import Plant
from store.archive.blobs import Blobs
from store.files.grant import read_grant
from store.files.plant import read_plant
from store.registry.accounts.accounts import Accounts
from store.registry.accounts.codes import SignInCodes
from store.registry.accounts.failed_tries import FailedTries
from store.registry.accounts.identities import Identities
from store.registry.accounts.pins_and_badges import PinsAndBadges
from store.registry.accounts.sessions import Sessions
from store.registry.accounts.sign_ons import SignOns
from store.registry.accounts.tokens import Tokens
from store.registry.agent_codes import AgentCodes
from store.registry.agents import Agents
from store.registry.applying import Applying
from store.registry.audit import Audit
from store.registry.correction_rows import CorrectionRows
from store.registry.database import RegistryDatabase
from store.registry.derived_rows import DerivedRows
from store.registry.erasing import People
from store.registry.facts_basis import EarlierFactsBasis, FactsBasis, StoredFactsBasis
from store.registry.ledger_ends import LedgerEnds
from store.registry.line_records import LineRecords, Recording
from store.registry.line_work.alerts import Alerts, KeepingAlerts
from store.registry.line_work.handovers import Handovers
from store.registry.opened_rows import OpenedRows
from store.registry.plant_saves import PlantSaves
from store.registry.plants import Plants
from store.registry.project_work.attachments import Attaching, Attachments
from store.registry.project_work.attested_figures import AttestedFigures, Attesting
from store.registry.project_work.audit_samples import AuditSamples
from store.registry.project_work.change_requests import AskingChanges, ChangeRequests
from store.registry.project_work.milestone_steps import MilestoneSteps, TakingSteps
from store.registry.project_work.outbox import Outbox
from store.registry.project_work.retaining import RetainingDocuments
from store.registry.project_work.site_visits import EnteringVisits, SiteVisits
from store.registry.projects import Projects
from store.registry.pseudonyms import Pseudonyms
from store.registry.record import Record
from store.registry.versions import ReadOnce


class RegistryReader(Protocol):
    """What is registered, to read: a Registry, or an EarlierRegistry."""

    @property
    def version(self) -> int:
        """A number that grows whenever anything was recorded, and by nothing else: while it is
        the same, so are all answers."""
        ...

    @property
    def plants(self) -> Plants: ...

    @property
    def projects(self) -> Projects: ...

    @property
    def attachments(self) -> Attachments: ...

    @property
    def attested(self) -> AttestedFigures: ...

    @property
    def records(self) -> LineRecords: ...

    @property
    def milestone_steps(self) -> MilestoneSteps: ...

    @property
    def site_visits(self) -> SiteVisits: ...

    @property
    def change_requests(self) -> ChangeRequests: ...

    @property
    def alerts(self) -> Alerts: ...

    @property
    def facts_basis(self) -> FactsBasis: ...

    def as_known_at(self, at: datetime) -> RegistryReader:
        """As it stood then: what was applied or recorded later is not there. Of a plant or
        project applied first after `at` it has that first version."""
        ...


@dataclass(frozen=True, slots=True)
class RegistryContent:
    """Where a registry lies, and what was read of it so far: earlier views share that."""

    database: RegistryDatabase
    blobs: Blobs
    plant_texts: ReadOnce[Plant]
    grant_texts: ReadOnce[Project]
    corrections: CorrectionRows


class Registry:
    """The registry at a path (SQLite) or URL; bytes (documents, frozen facts) go to
    `documents_folder`."""

    def __init__(self, path_or_url: Path | str, documents_folder: Path) -> None:
        database = RegistryDatabase(path_or_url)
        blobs = Blobs(documents_folder, "")
        plant_texts = ReadOnce(lambda text: read_plant(text, "the plant file that was applied"))
        grant_texts = ReadOnce(lambda text: read_grant(text, "the grant file that was applied"))
        corrections = CorrectionRows()
        self._database = database
        self._content = RegistryContent(database, blobs, plant_texts, grant_texts, corrections)
        self.plants = Plants(database, plant_texts)
        self.plant_saves = PlantSaves(database)
        self.milestone_steps = MilestoneSteps(database)
        self.projects = Projects(database, grant_texts, self.milestone_steps)
        self.apply = Applying(database, self.plants, self.projects)
        self.agents = Agents(database)
        self.agent_codes = AgentCodes(database, self.agents)
        self.accounts = Accounts(database)
        self.audit = Audit(database)
        self.recorded = Record(database)
        self.recorded.begin()
        self.ledger_ends = LedgerEnds(database)
        self.sessions = Sessions(database)
        self.pins_and_badges = PinsAndBadges(database, self.accounts)
        self.sign_ons = SignOns(database)
        self.sign_in_codes = SignInCodes(database, self.accounts)
        self.tokens = Tokens(database)
        self.failed_tries = FailedTries(database)
        self.identities = Identities(database, self.accounts)
        self.pseudonyms = Pseudonyms(database)
        self.people = People(database)
        self.attachments = Attachments(database, blobs, self.plants, self.projects)
        self.attach = Attaching(database, blobs, self.projects, self.attachments)
        self.retain = RetainingDocuments(database, blobs, self.attachments)
        self.attested = AttestedFigures(database)
        self.attest = Attesting(database, blobs, self.plants, self.projects)
        self.records = LineRecords(database, blobs, corrections)
        self.record = Recording(database, blobs, corrections)
        self.take = TakingSteps(database, blobs)
        self.site_visits = SiteVisits(database)
        self.visit = EnteringVisits(database)
        self.change_requests = ChangeRequests(database)
        self.ask = AskingChanges(database)
        self.audit_samples = AuditSamples(database)
        self.handovers = Handovers(database)
        self.alerts = Alerts(database)
        self.keep_alerts = KeepingAlerts(database)
        self.outbox = Outbox(database)
        self.facts_basis = StoredFactsBasis(database, self.plants, corrections)
        self.derived = DerivedRows(database, self.plants)
        self.opened = OpenedRows(database, self.plants)

    @property
    def version(self) -> int:
        """As a RegistryReader's."""
        return self._database.version

    @property
    def tables_version(self) -> str:
        """Which migration its tables have. Raises StorageError."""
        return self._database.tables_version

    def as_known_at(self, at: datetime) -> EarlierRegistry:
        """As a RegistryReader's."""
        return EarlierRegistry(self._content, at)

    def close(self) -> None:
        self._database.close()


class EarlierRegistry:
    """The registry as it stood at `at`: a RegistryReader. Nothing in it writes."""

    def __init__(self, content: RegistryContent, at: datetime) -> None:
        database, blobs = content.database, content.blobs
        self._content = content
        self.plants = Plants(database, content.plant_texts, at)
        self.milestone_steps = MilestoneSteps(database, at)
        self.projects = Projects(database, content.grant_texts, self.milestone_steps, at)
        self.attachments = Attachments(database, blobs, self.plants, self.projects, at)
        self.attested = AttestedFigures(database, at)
        self.site_visits = SiteVisits(database, at)
        self.change_requests = ChangeRequests(database, at)
        self.alerts = Alerts(database, at)
        self.records = LineRecords(database, blobs, content.corrections, at)
        self.facts_basis = EarlierFactsBasis(database, self.plants, self.records)

    @property
    def version(self) -> int:
        """As a RegistryReader's: it is that of the whole registry."""
        return self._content.database.version

    def as_known_at(self, at: datetime) -> EarlierRegistry:
        """As a RegistryReader's."""
        return EarlierRegistry(self._content, at)
