"""The tables of the registry: plants, projects, agents, documents, corrections, frozen periods;
accounts, and how they sign in. What people do with milestones is in project_work.tables.

Rules: what was applied is never changed, a new version is a new row; instants are UTC; of a secret
only its hash is kept. The migrations make these tables, and a test holds the two together.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData()


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC; SQLite keeps no zone, so it is taken off and put back."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


# A plant's or project's file as it was applied; `owner` is its name.
plant_versions = Table(
    "plant_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("owner", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("applied_at", UtcDateTime, nullable=False),
    UniqueConstraint("owner", "number", name="one_row_a_plant_version"),
)

# Which plant a line belongs to now: a line's name is its own among all plants.
plant_lines = Table(
    "plant_lines",
    metadata,
    Column("line", String, primary_key=True),
    Column("plant", String, nullable=False),
)

project_versions = Table(
    "project_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("owner", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("applied_at", UtcDateTime, nullable=False),
    UniqueConstraint("owner", "number", name="one_row_a_project_version"),
)

# Each milestone's terms by digest; `project_version` says in whose text they are written.
terms_versions = Table(
    "terms_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project", String, nullable=False),
    Column("milestone", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("project_version", ForeignKey("project_versions.id"), nullable=False),
    Column("applied_at", UtcDateTime, nullable=False),
    UniqueConstraint("project", "milestone", "number", name="one_row_a_terms_version"),
)

agents = Table(
    "agents",
    metadata,
    Column("agent", String, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("origin", String, nullable=False),
    Column("enrolled_at", UtcDateTime, nullable=False),
)

# Codes by which an agent enrols itself, each for one name and one time.
agent_codes = Table(
    "agent_codes",
    metadata,
    Column("secret", String(64), primary_key=True),
    Column("agent", String, nullable=False),
    Column("made_by", String, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

# Keys that followed the one of `agents`; `signature`: of the key before.
agent_keys = Table(
    "agent_keys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("agent", ForeignKey("agents.agent"), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

agent_revocations = Table(
    "agent_revocations",
    metadata,
    Column("agent", ForeignKey("agents.agent"), primary_key=True),
    Column("revoked_by", String, nullable=False),
    Column("revoked_at", UtcDateTime, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project", String, nullable=False),
    Column("milestone", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("file_name", String, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("attached_at", UtcDateTime, nullable=False),
    Column("attached_by", String, nullable=False),
    Column("size", Integer),
    UniqueConstraint("project", "milestone", "kind", "sha256", name="one_row_a_document"),
)

# What people said beside what machines measured; rows are only ever added. `number` counts from
# 1 for each line, so of two writers at one moment the second is told to look again.
corrections = Table(
    "corrections",
    metadata,
    Column("id", String, primary_key=True),
    Column("line", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("start", UtcDateTime, nullable=False),
    Column("end", UtcDateTime, nullable=False),
    Column("author", String, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("reason", String),
    Column("element", String),
    Column("amount", Float),
    Column("withdraws", String),
    Column("comment", Text, nullable=False),
    Column("device", String, nullable=False, server_default=""),  # the shared tablet
    Column("needs_approval", Boolean, nullable=False, server_default=false()),
    Column("decides", String),  # of an approval or refusal: which correction
    Column("until_stop_ends", Boolean, nullable=False, server_default=false()),
    *(Column(name, String) for name in ("order", "product")),  # what is made from then on
    UniqueConstraint("line", "number", name="one_row_a_correction_number"),
)

# Exceptions of lines' calendars that were entered at the node, and their withdrawals (`reason` is
# then why); rows are only ever added. `number` is as that of `corrections`.
plan_changes = Table(
    "plan_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("identity", String, nullable=False, unique=True),
    Column("line", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("author", String, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("start", UtcDateTime),
    Column("end", UtcDateTime),
    Column("kind", String),
    Column("reason", Text, nullable=False),
    Column("withdraws", String),
    UniqueConstraint("line", "number", name="one_row_a_plan_change"),
)

# Up to which correction of a line its stored facts were computed.
corrected_facts = Table(
    "corrected_facts",
    metadata,
    Column("line", String, primary_key=True),
    Column("number", Integer, nullable=False),
)

# Periods whose figures an officer accepted; the facts themselves are bytes known by `digest`.
frozen = Table(
    "frozen",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("line", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("start", UtcDateTime, nullable=False),
    Column("end", UtcDateTime, nullable=False),
    Column("author", String, nullable=False),
    Column("frozen_at", UtcDateTime, nullable=False),
    Column("digest", String(64), nullable=False),
    UniqueConstraint("line", "number", name="one_row_a_frozen_number"),
)

# Who may sign in: people, and tablets that people share. Accounts are never removed: what they did
# has their name.
accounts = Table(
    "accounts",
    metadata,
    Column("name", String, primary_key=True),
    Column("full_name", String, nullable=False),
    Column("password", String),  # argon2id, with its parameters and salt; null until one is set
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("is_device", Boolean, nullable=False, server_default=false()),
)

# By what people sign on at a shared tablet: each as argon2id with its salt.
pins = Table(
    "pins",
    metadata,
    Column("account", ForeignKey("accounts.name"), primary_key=True),
    Column("hashed", String, nullable=False),
)

# All badges of a registry have one salt, so that a number is found by its hash.
badges = Table(
    "badges",
    metadata,
    Column("account", ForeignKey("accounts.name"), primary_key=True),
    Column("hashed", String(64), nullable=False, unique=True),
    Column("salt", String(32), nullable=False),
)

# Programs that may ask.
tokens = Table(
    "tokens",
    metadata,
    Column("label", String, primary_key=True),
    Column("secret", String(64), nullable=False, unique=True),
    Column("created_by", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

# Roles within scopes: `holder` is an account's name or a token's label, as `holder_kind` says.
assignments = Table(
    "assignments",
    metadata,
    Column("holder_kind", String, primary_key=True),
    Column("holder", String, primary_key=True),
    Column("assignment", String, primary_key=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("secret", String(64), primary_key=True),
    Column("account", ForeignKey("accounts.name"), nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=False),
)

# Who is signed on at a shared tablet, by the secret of the tablet's session.
sign_ons = Table(
    "sign_ons",
    metadata,
    Column("session", String(64), primary_key=True),
    Column("account", ForeignKey("accounts.name"), nullable=False),
    Column("used_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
)

# Codes that work once: the first administrator's, and those that set a password.
sign_in_codes = Table(
    "sign_in_codes",
    metadata,
    Column("secret", String(64), primary_key=True),
    Column("account", ForeignKey("accounts.name")),  # null: makes the first administrator
    Column("ends_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

# Whom an OpenID Connect provider says somebody is, and whose account that is.
identities = Table(
    "identities",
    metadata,
    Column("issuer", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("account", ForeignKey("accounts.name"), nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

# Tries to sign in that failed, by account name and by client address, each as a hash.
failed_tries = Table(
    "failed_tries",
    metadata,
    Column("kind", String, primary_key=True),
    Column("subject", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("waits_until", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False, index=True),
)

# Who did what, when and from where. Rows are only added; each has the digest of the one before.
audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("who", String, nullable=False),
    Column("address", String, nullable=False),
    Column("what", String, nullable=False),
    Column("place", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("count", Integer, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("salt", String(32)),  # null in rows of earlier versions, and where a name was erased
)

# Erasures of a person's name, by the row of the audit that tells it; `reference` took its place.
erasures = Table(
    "erasures",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("reference", String, nullable=False),
)

# The rows of the audit that each erasure changed, and the digest of what they are since.
erased_rows = Table(
    "erased_rows",
    metadata,
    Column("erasure", ForeignKey("erasures.number"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content", String(64), nullable=False),
)

# One row: the secret by which people's pseudonyms are made.
pseudonym_key = Table(
    "pseudonym_key",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", LargeBinary, nullable=False),
)

# One row: the last one of the audit, so that one that was cut off at its end is missed.
audit_end = Table(
    "audit_end",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
)

# The digest of every row that figures or evidence rest on (store.registry.record): `of` is its
# table, `key` its name there. Rows are only added; each has the digest of the one before. `salt`
# goes where a name was erased, so that nobody finds it out from the digest.
record = Table(
    "record",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("of", String, nullable=False),
    Column("key", String, nullable=False),
    Column("content", String(64), nullable=False),
    Column("salt", String(32)),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)

# One row: the last one of the record, so that one that was cut off at its end is missed.
record_end = Table(
    "record_end",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
)

# One row: key, size and root of the ledger after its last leaves, so that an older copy is noticed.
ledger_end = Table(
    "ledger_end",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("verifier_key", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("root", String(64), nullable=False),
)
