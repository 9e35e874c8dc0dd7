"""Who is reminded, and by which server: the key `reminders` of a node's settings file.

    reminders:
      mail:
        host: mail.example.hk
        sender: lineproof@example.hk
        user: lineproof
        password_file: mail-password
      people:
        - {who: company, address: lee@tko.example, scope: "plant:tko-foods", language: zh-Hant}
        - {who: officer, address: chan@office.example, scope: "scheme:NIFS"}
        - {who: escalation, address: head@office.example}
        - {who: alerts, address: shift@tko.example, scope: "line:filler-1", language: zh-Hant}
      webhooks:
        - {who: officer, url: "https://office.example/hooks", secret_file: hook-secret}

Paths are relative to the settings file. Secrets stand in files of their own.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from api.i18n import LANGUAGES
from domain.access import Scope
from domain.errors import InputError
from domain.reminders import Addressee

_ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9.-]{1,255}\Z", re.ASCII)
_SECRET_MIN = 24  # characters: the standard's 24 bytes
_Days = Annotated[int, Field(ge=0, le=366)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MailServer(_Model):
    """An SMTP server. `security`: `starttls` (RFC 3207), `tls` from the first byte (RFC 8314), or
    `off` on this machine alone. `authority`: a PEM file of whom to trust besides the system."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    sender: str
    security: Literal["starttls", "tls", "off"] = "starttls"
    user: str = ""
    password_file: Path | None = None
    authority: Path | None = None

    @field_validator("sender")
    @classmethod
    def _is_address(cls, sender: str) -> str:
        return _address(sender)

    @field_validator("security", mode="before")
    @classmethod
    def _off(cls, value: object) -> object:
        return "off" if value is False else value  # what YAML makes of an unquoted off

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if bool(self.user) != (self.password_file is not None):
            raise ValueError("'user' and 'password_file' belong together: give both")
        if self.security == "off" and not _is_here(self.host):
            raise ValueError("without TLS mail goes to a server on this machine alone")
        return self


ALERTS = "alerts"  # who is told of alerts of lines


class _Told(_Model):
    who: Addressee | Literal["alerts"]
    scope: str = "everything"
    language: str = "en"

    @field_validator("scope")
    @classmethod
    def _is_scope(cls, scope: str) -> str:
        try:
            return str(Scope.parse(scope))
        except InputError as error:
            raise ValueError(str(error)) from None

    @field_validator("language")
    @classmethod
    def _is_language(cls, language: str) -> str:
        if language not in LANGUAGES:
            raise ValueError(f"'{language}' is none of {', '.join(LANGUAGES)}")
        return language


class MailRecipient(_Told):
    """Whom mail goes to."""

    address: str

    @field_validator("address")
    @classmethod
    def _is_address(cls, address: str) -> str:
        return _address(address)


class Webhook(_Told):
    """A program that is told by HTTP; `secret_file`: what its messages are signed with."""

    url: str
    secret_file: Path
    authority: Path | None = None

    @field_validator("url")
    @classmethod
    def _is_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise ValueError("write an address as in https://office.example/hooks")
        if parts.scheme == "http" and not _is_here(parts.hostname):
            raise ValueError("beyond this machine a webhook's address begins with https")
        return url


class DaysGiven(_Model):
    """Other days than those of the scheme's rule."""

    before: _Days | None = None
    waiting: _Days | None = None
    escalate: _Days | None = None


class ReminderSettings(_Model):
    mail: MailServer | None = None
    people: tuple[MailRecipient, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    days: DaysGiven = DaysGiven()

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if bool(self.people) != (self.mail is not None):
            raise ValueError("'people' are told by 'mail': give both")
        return self

    @property
    def told(self) -> tuple[MailRecipient | Webhook, ...]:
        """Everybody whom it names."""
        return (*self.people, *self.webhooks)

    def within(self, folder: Path) -> ReminderSettings:
        """With its paths made absolute from that folder."""
        mail = None if self.mail is None else _absolute(self.mail, folder)
        webhooks = tuple(_absolute(it, folder) for it in self.webhooks)
        return self.model_copy(update={"mail": mail, "webhooks": webhooks})


def secret_of(file: Path, *, length_min: int = 1) -> str:
    """What stands in the file, without its line break. Raises InputError."""
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"the secret cannot be read ({type(error).__name__})",
            where=str(file),
            todo="See that the file is there, and that the node may read it.",
        ) from None
    if len(text) < length_min:
        raise InputError(
            f"the secret has {len(text)} characters",
            where=str(file),
            todo=f"Give at least {length_min}, as 'openssl rand -base64 32' makes them.",
        )
    return text


def webhook_secret(webhook: Webhook) -> bytes:
    """Raises InputError."""
    return secret_of(webhook.secret_file, length_min=_SECRET_MIN).encode()


def _absolute(it: MailServer | Webhook, folder: Path) -> MailServer | Webhook:
    names = ("password_file", "secret_file", "authority")
    given = {name: getattr(it, name, None) for name in names}
    return it.model_copy(update={name: folder / path for name, path in given.items() if path})


def _address(text: str) -> str:
    if not _ADDRESS.match(text):
        raise ValueError(f"'{text}' is no address of mail, as in lee@tko.example")
    return text


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
