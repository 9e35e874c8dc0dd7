"""The settings files of a node and of its parts: YAML, checked when read.

    store: influxdb
    influxdb:
      url: http://influxdb.example:8086
      organisation: tko-foods
      bucket: lineproof
      token: …

is all that is needed to keep telemetry in InfluxDB; without it, DuckDB keeps it in the data folder.
What is chosen here is remembered in the data folder, for commands that name only the folder.
"""

from __future__ import annotations

import base64
import binascii
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from api.http.access.open_id import OpenIdSettings
from device_profiles.files.yaml_file import yaml_file_text
from domain.access import Assignment
from domain.errors import MAYBE_LATER, FileError, InputError
from domain.yaml_text import UNKNOWN_KEY, validate
from edge.config import BatchLimits
from lineproof.machine_networks import Network, network
from lineproof.reminders.settings import ReminderSettings
from lineproof.run.web_server import LOOPBACK
from lineproof.tls.certificates import CertificateFiles
from store.archive.blobs import storage_errors
from store.node.archive_place import check_place
from store.node.opening import StoreSettings

Port = Annotated[int, Field(ge=1, le=65535)]
_KEY_BYTES = 32  # of a raw Ed25519 public key


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InfluxSettings(_Model):
    """Where and as whom telemetry is written."""

    url: str
    bucket: str
    organisation: str = ""
    token: SecretStr = SecretStr("")


class ArchiveSettings(_Model):
    """Where on an S3-compatible object store sealed batches are kept; `endpoint` empty: at
    Amazon's."""

    url: str
    endpoint: str = ""
    region: str = ""
    key_id: str = ""
    secret: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _is_a_place(self) -> Self:
        if not self.url:
            raise ValueError("'url' must be as in s3://bucket/prefix")
        check_place(self.url, self.endpoint)
        return self


class ProviderSettings(_Model):
    """An OpenID Connect provider through which people sign in. `roles`: what a value of the claim
    `roles_claim` gives here, as in `operator@plant:tko`."""

    issuer: str
    client_id: str
    client_secret: SecretStr = SecretStr("")
    name_claim: str = ""
    roles_claim: str = "roles"
    roles: dict[str, tuple[str, ...]] = {}

    @field_validator("roles")
    @classmethod
    def _are_roles(cls, roles: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for texts in roles.values():
            for text in texts:
                try:
                    Assignment.parse(text)
                except InputError as error:
                    raise ValueError(str(error)) from None
        return roles

    @property
    def open_id(self) -> OpenIdSettings:
        return OpenIdSettings(
            self.issuer,
            self.client_id,
            self.client_secret.get_secret_value(),
            self.name_claim,
            self.roles_claim,
            {it: tuple(map(Assignment.parse, texts)) for it, texts in self.roles.items()},
        )


class GivenCertificate(_Model):
    """A certificate and its key, relative to the settings' file."""

    certificate: Path
    key: Path


class NodeSettings(_Model):
    """What every node can be set to. `hosts`: names besides loopback that it answers for;
    `openid`: who signs people in besides passwords.

    `store` None: as the data folder says, which is DuckDB unless another one was chosen;
    `registry`: the URL of a PostgreSQL database, empty: likewise, a SQLite file. `database`: where
    `store: postgresql` keeps telemetry; empty: in the registry's database.
    `tls`: `own` (a certificate of the node's own authority), a given one, `off`; None: `own`
    beyond loopback. `trusted_proxies`: addresses whose word on who asks is believed.
    `reminders`: who is reminded, and how. `seal_after_s`: how old the newest data may become before
    the node's own agents seal them; what lines do now is shown at once. `machine_networks`: where
    people who connect machines may look for them on the page; none: nowhere.
    """

    store: Literal["duckdb", "influxdb", "postgresql"] | None = None
    registry: SecretStr = SecretStr("")
    database: SecretStr = SecretStr("")
    influxdb: InfluxSettings | None = None
    archive: ArchiveSettings | None = None
    hosts: tuple[str, ...] = ()
    openid: ProviderSettings | None = None
    tls: Literal["own", "off"] | GivenCertificate | None = None
    trusted_proxies: tuple[str, ...] = ()
    reminders: ReminderSettings | None = None
    machine_networks: tuple[str, ...] = ()
    seal_after_s: float = Field(default=BatchLimits().max_age_live_s, ge=0, le=3600)

    @field_validator("tls", mode="before")
    @classmethod
    def _off(cls, value: object) -> object:
        return "off" if value is False else value  # what YAML makes of an unquoted off

    @field_validator("trusted_proxies")
    @classmethod
    def _are_addresses(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for it in proxies:
            try:
                ip_address(it)
            except ValueError:
                raise ValueError(f"'{it}' is no address as in 192.0.2.7") from None
        return proxies

    @field_validator("machine_networks")
    @classmethod
    def _are_networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for it in networks:
            network(it)
        return networks

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if (self.store == "influxdb") != (self.influxdb is not None):
            raise ValueError("'store: influxdb' and the key 'influxdb' belong together: give both")
        database, registry = (it.get_secret_value() for it in (self.database, self.registry))
        if self.store != "postgresql" and database:
            raise ValueError("'database' is for 'store: postgresql': give both")
        if self.store == "postgresql" and not (database or registry):
            raise ValueError("'store: postgresql' needs 'registry' or 'database': the URL of one")
        return self

    @property
    def open_id(self) -> OpenIdSettings | None:
        """As the application takes it."""
        return None if self.openid is None else self.openid.open_id

    @property
    def networks(self) -> tuple[Network, ...]:
        """`machine_networks` as who looks takes them."""
        return tuple(map(network, self.machine_networks))

    @property
    def serves(self) -> str | CertificateFiles | None:
        """`tls` as the server takes it."""
        given = self.tls
        if isinstance(given, GivenCertificate):
            return CertificateFiles(given.certificate, given.key)
        return given

    @property
    def store_settings(self) -> StoreSettings | None:
        """As the stores take it; None: the data folder says."""
        registry = self.registry
        if self.store is None and self.archive is None and not registry.get_secret_value():
            return None
        named = {} if self.archive is None else self.archive.model_dump()
        archive = {f"archive_{name}": value for name, value in named.items()}
        if self.influxdb is None:
            kind = self.store or "duckdb"
            return StoreSettings(kind=kind, registry=registry, database=self.database, **archive)
        given = self.influxdb
        return StoreSettings(
            kind="influxdb",
            url=given.url,
            org=given.organisation,
            bucket=given.bucket,
            token=given.token,
            registry=registry,
            **archive,
        )


class PartSettings(NodeSettings):
    """Collector or API on its own. `data` is relative to the file."""

    data: Path
    port: Port = 8080
    listen: str = LOOPBACK


class CollectorSettings(PartSettings):
    """`agents`: the public key (base64, as the agent prints it) of each agent that may send."""

    agents: dict[str, str] = {}

    @field_validator("agents")
    @classmethod
    def _are_keys(cls, agents: dict[str, str]) -> dict[str, str]:
        for name, text in agents.items():
            try:
                size = len(base64.b64decode(text, validate=True))
            except binascii.Error:
                size = 0
            if size != _KEY_BYTES:
                raise ValueError(
                    f"the key of agent '{name}' is no Ed25519 public key in base64: copy what "
                    "the agent prints when it starts"
                )
        return agents

    @property
    def keys(self) -> dict[str, bytes]:
        return {name: base64.b64decode(text) for name, text in self.agents.items()}


class _HostsAlone(BaseModel):
    model_config = ConfigDict(extra="ignore")

    hosts: tuple[str, ...] = ()


class ApiSettings(PartSettings):
    """API and pages on their own."""


_Settings = TypeVar("_Settings", bound=NodeSettings)


def load_node_settings(path: Path | None) -> NodeSettings:
    """The settings of a node; the defaults without a file. Raises InputError."""
    if path is None:
        return NodeSettings()
    return _from(path, _checked(NodeSettings, path))


def load_collector_settings(path: Path) -> CollectorSettings:
    """The settings of a collector. Raises InputError."""
    return _from(path, _checked(CollectorSettings, path))


def load_api_settings(path: Path) -> ApiSettings:
    """The settings of an API. Raises InputError."""
    return _from(path, _checked(ApiSettings, path))


def _checked(model: type[_Settings], path: Path) -> _Settings:
    try:
        return validate(model, _text(path), str(path))
    except FileError as error:
        if error.message != UNKNOWN_KEY:
            raise
        raise FileError(
            MAYBE_LATER,
            file=error.file,
            line=error.line,
            field=error.field,
            todo=error.todo,
            others=error.others,
        ) from None


def load_hosts(path: Path | None) -> tuple[str, ...] | None:
    """`hosts` of a settings file of any kind; None without a file. Raises InputError."""
    return None if path is None else validate(_HostsAlone, _text(path), str(path)).hosts


def _from(path: Path, settings: _Settings) -> _Settings:
    """Relative paths in it made absolute from the file's folder."""
    folder = path.resolve().parent
    changed: dict[str, object] = {}
    if isinstance(settings, PartSettings):
        changed["data"] = folder / settings.data
    if isinstance(settings.tls, GivenCertificate):
        changed["tls"] = GivenCertificate(
            certificate=folder / settings.tls.certificate, key=folder / settings.tls.key
        )
    if settings.reminders is not None:
        changed["reminders"] = settings.reminders.within(folder)
    return settings.model_copy(update=changed)


def remember_store(path: Path, settings: StoreSettings | None) -> None:
    """Write the choice into the data folder's own file (readable by its owner alone, for it
    holds the token), so that every later command on the folder asks the same store."""
    if settings is None:
        return
    names = ("token", "registry", "database", "archive_secret")
    secrets: dict[str, SecretStr] = {name: getattr(settings, name) for name in names}
    values = settings.model_dump(exclude=set(secrets), exclude_defaults=True)
    values |= {"kind": settings.kind}
    values |= {name: it.get_secret_value() for name, it in secrets.items() if it.get_secret_value()}
    with storage_errors(path):
        path.touch(mode=0o600, exist_ok=True)
        path.chmod(0o600)
        path.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")


def _text(path: Path) -> str:
    return yaml_file_text(path, "the settings")
