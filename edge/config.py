"""The file of an edge agent: which machines it reads, where it keeps and sends their samples.

    name: filler-agent
    data: ./agent-data                 # relative to this file
    collector: https://collector.example:8443
    machines:
      - {line: filler-1, machine: filler, profile: packml/opcua,
         connection: {url: "opc.tcp://10.0.0.5:4840", security: none}}

Checked when read, without connecting to anything. What a connection or a profile's
parameters must hold is known by the source and the profile, which say so themselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from device_profiles.files.yaml_file import yaml_file_text
from domain.access import is_bearer_token
from domain.plant import DEFAULT_STALE_AFTER_S, FILES_OF_CONNECTIONS
from domain.yaml_text import validate

_PATH_START = "."  # a profile given as a path begins so, or with a slash
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]


class _Model(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, str_max_length=2_000, allow_inf_nan=False
    )


class MachineConfig(_Model):
    """A machine and how to reach it. `profile`: a name of the catalogue, or a path."""

    model_config = ConfigDict(coerce_numbers_to_str=True)  # a topic or an id may be a number

    line: Id
    machine: Id
    profile: str
    connection: dict[str, str] = {}
    parameters: dict[str, str] = {}
    stale_after_s: float = Field(default=DEFAULT_STALE_AFTER_S, gt=0, le=366 * 86_400)


class BatchLimits(_Model):
    """A batch is sealed when it has so many samples, or its oldest is so old: `max_age_s`, and
    `max_age_live_s` while the collector shows what is told before it is sealed."""

    max_samples: int = Field(default=10_000, ge=1, le=50_000)
    max_age_s: float = Field(default=1.0, gt=0, le=3600)
    max_age_live_s: float = Field(default=60.0, ge=0, le=3600)


class SpoolLimits(_Model):
    """How much of the disk may be used while the collector is out of reach: by itself as much as
    1,000 samples a second take in 72 hours, and half as much again. `keep_bytes`: how much of what
    was handed over is kept beside it, so that a collector that was put back from a backup gets it
    again: by itself what an ordinary line tells in two months, and 1,000 samples a second in a day.
    """

    max_bytes: int = Field(default=4 << 30, ge=16 << 20, le=1 << 50)
    keep_bytes: int = Field(default=512 << 20, ge=0, le=1 << 50)


class StatusPage(_Model):
    """The page and the metrics that an agent shows of itself: on `port` of this machine alone, or
    where `listen` says. Beyond this machine it needs `hosts` (the names by which others reach it)
    and a password, and speaks TLS: by `certificate` and `key`, or by a certificate of its own.
    `timezone`: in which its times are shown."""

    port: int = Field(ge=1, le=65535)
    listen: str = "127.0.0.1"
    hosts: tuple[str, ...] = ()
    password_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    timezone: str = "Asia/Hong_Kong"

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"'{name}' is no time zone as in Asia/Hong_Kong") from None
        return name

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("'certificate' and 'key' belong together: give both")
        return self

    def with_paths_from(self, folder: Path) -> StatusPage:
        """Relative paths made absolute from the folder."""
        files = {
            name: folder / given
            for name in ("password_file", "certificate", "key")
            if (given := getattr(self, name)) is not None
        }
        return self.model_copy(update=files)


class AgentConfig(_Model):
    """One agent. `name` is what the collector knows it by; `data` is its own folder.

    `authority`: a file of the certificates that the collector's must go back to; none: that of
    the enrolment, if there was one, else those of the system. `collector_name`: whose
    certificate it is, where that is not the address. `status` None: it shows no page.
    """

    name: Id
    data: Path
    collector: str
    authority: Path | None = None
    collector_name: str | None = None
    token: SecretStr | None = None
    machines: tuple[MachineConfig, ...]
    batch: BatchLimits = BatchLimits()
    spool: SpoolLimits = SpoolLimits()
    status: StatusPage | None = None

    @field_validator("collector")
    @classmethod
    def _is_http(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"'{url}' must begin with https:// or http://")
        return url

    @field_validator("token")
    @classmethod
    def _can_be_sent(cls, token: SecretStr | None) -> SecretStr | None:
        if token and not is_bearer_token(token.get_secret_value()):
            raise ValueError("it has characters that no token has: copy it again, whole and alone")
        return token

    @model_validator(mode="after")
    def _machines_differ(self) -> Self:
        # Not by `min_length`: that also complains when an item is wrong, and hides why.
        if not self.machines:
            raise ValueError("there is no machine: add at least one under 'machines'")
        seen = set()
        for it in self.machines:
            if (it.line, it.machine) in seen:
                raise ValueError(f"the machine '{it.machine}' of line '{it.line}' is there twice")
            seen.add((it.line, it.machine))
        return self


def load_config(file: Path) -> AgentConfig:
    """The configuration in that file, its relative paths made absolute from the file's folder.

    Raises InputError with file, line and field.
    """
    text = yaml_file_text(file, "the agent's configuration")
    config = validate(AgentConfig, text, str(file))
    folder = file.resolve().parent
    machines = tuple(
        _with_profile_from(folder, with_paths_from(folder, it)) for it in config.machines
    )
    changed = {
        "data": folder / config.data,
        "machines": machines,
        "authority": config.authority and folder / config.authority,
        "status": config.status and config.status.with_paths_from(folder),
    }
    return config.model_copy(update=changed)


def with_paths_from(folder: Path, machine: MachineConfig) -> MachineConfig:
    """The machine, with the relative paths of its connection made absolute from the folder."""
    connection = {
        name: str(folder / value) if name in FILES_OF_CONNECTIONS else value
        for name, value in machine.connection.items()
    }
    return machine.model_copy(update={"connection": connection})


def _with_profile_from(folder: Path, machine: MachineConfig) -> MachineConfig:
    if not machine.profile.startswith(_PATH_START):
        return machine
    return machine.model_copy(update={"profile": str(folder / machine.profile)})
