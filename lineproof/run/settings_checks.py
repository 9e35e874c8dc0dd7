"""What `doctor --config` finds in a settings file before anything is started with it: each key,
and whether the files, addresses and ports that it names can be used.

Nothing is opened for writing, made or asked over the network; a port is bound for a moment. No
secret is told: of a field that holds one, not even the value that is wrong.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from device_profiles.files.yaml_file import yaml_file_text
from domain.errors import BusyError, FileError, InputError, LineproofError
from domain.yaml_text import all_wrong, load_yaml
from edge.config import AgentConfig, load_config
from lineproof.agent_status.settings import status_password
from lineproof.reminders.settings import ReminderSettings, secret_of, webhook_secret
from lineproof.run.settings import (
    CollectorSettings,
    NodeSettings,
    PartSettings,
    load_collector_settings,
    load_node_settings,
)
from lineproof.run.web_server import bind
from lineproof.tls.certificates import CertificateFiles, read_certificate
from lineproof.tls.serving import serving
from lineproof.upkeep.findings import Finding

ENDS_SOON = timedelta(days=30)
_SUBJECT = "settings"
_SECRETS = ("token", "registry", "database", "client_secret", "password", "secret")
_OF_AGENTS = {"collector", "machines"}  # keys that only the file of an agent has
_OF_PARTS = {"data", "listen", "agents"}  # of a collector or an API of its own
_Check = Callable[[], Iterable[Finding] | None]


def examine_settings(
    file: Path, now: datetime, *, listen: str = "", port: int | None = None
) -> list[Finding]:
    """All that is wrong in the settings of a node, collector, API or agent. `listen`, `port`: as
    `lineproof up` gets them, where that is to be checked; the other parts' stand in their files."""
    try:
        value, lines = load_yaml(yaml_file_text(file, "the settings"), str(file))
    except InputError as error:
        return [_problem(error)]
    keys = set(value) if isinstance(value, dict) else set()
    model = _model(keys)
    wrong = [_problem(it) for it in all_wrong(model, value, lines)]
    if wrong:
        return wrong
    if model is AgentConfig:
        found = _found([lambda: _agent(file, now)])
    elif model is CollectorSettings:
        part = load_collector_settings(file)
        found = _found(_node_checks(part, now, part.listen, part.port))
    else:
        node = load_node_settings(file)
        found = _found(_node_checks(node, now, listen, port))
    what = {AgentConfig: "an agent", CollectorSettings: "a collector or API"}.get(model, "a node")
    if any(it.status == "problem" for it in found):
        return found
    return [Finding(_SUBJECT, "ok", f"{file} can be used, as the settings of {what}"), *found]


def _model(keys: set[str]) -> type[BaseModel]:
    if keys & _OF_AGENTS:
        return AgentConfig
    return CollectorSettings if keys & _OF_PARTS else NodeSettings


def _problem(error: LineproofError) -> Finding:
    what = error.what
    if isinstance(error, FileError) and error.field.rpartition(".")[2] in _SECRETS:
        what = f"field '{error.field}': this value cannot be used"
    return Finding(
        _SUBJECT, "problem", f"{error.where}: {what}" if error.where else what, error.todo
    )


def _found(checks: Iterable[_Check]) -> list[Finding]:
    """What each finds; its error is a finding, and keeps no other from being made."""
    found: list[Finding] = []
    for check in checks:
        try:
            found += check() or ()
        except LineproofError as error:
            found.append(_problem(error))
    return found


def _node_checks(
    settings: NodeSettings, now: datetime, listen: str, port: int | None
) -> Iterator[_Check]:
    yield lambda: _hosts(settings.hosts)
    yield lambda: _tls(settings, now, listen)
    if port is not None:
        yield lambda: _port(listen or "127.0.0.1", port)
    if isinstance(settings, PartSettings):
        yield lambda: _data(settings.data)
    yield lambda: _servers(settings)
    if settings.reminders is not None:
        yield from _reminder_checks(settings.reminders)


def _hosts(hosts: tuple[str, ...]) -> Iterator[Finding]:
    for it in hosts:
        bare = it[1:-1] if it.startswith("[") and it.endswith("]") else it
        is_name = it == "*" or (bare and not set(bare) & set("/@ \t") and "://" not in bare)
        if not is_name or (bare == it and it.count(":") == 1):
            yield Finding(
                _SUBJECT,
                "problem",
                f"hosts: '{it}' is no name of a machine",
                "Write the name or address alone, as in node.factory: no https://, no port.",
            )


def _tls(settings: NodeSettings, now: datetime, listen: str) -> Iterator[Finding]:
    given = settings.serves
    if isinstance(given, CertificateFiles):
        yield from _certificate(given, now)
    elif given == "off" and listen:
        serving(settings, listen, Path(), lambda: now)  # makes nothing with 'tls: off'


def _certificate(files: CertificateFiles, now: datetime) -> Iterator[Finding]:
    given = NodeSettings.model_validate(
        {"tls": {"certificate": files.certificate, "key": files.key}}
    )
    serving(given, "127.0.0.1", Path(), lambda: now)  # makes nothing with a given one
    ends = read_certificate(files.certificate).not_valid_after_utc
    if ends - now < ENDS_SOON:
        yield Finding(
            "certificate",
            "warning",
            f"{files.certificate} ends on {ends:%Y-%m-%d}",
            "Put the next one in its place before that day.",
        )
    else:
        yield Finding("certificate", "ok", f"{files.certificate} is valid until {ends:%Y-%m-%d}")
    if files.key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) & ~stat.S_IXGRP & ~stat.S_IXOTH:
        yield Finding(
            "certificate",
            "warning",
            f"{files.key} can be read or changed by others than its owner",
            f"Give it to the node's user alone: chmod 600 {files.key}.",
        )


def _port(listen: str, port: int) -> Iterator[Finding]:
    try:
        bind(listen, port).close()
    except BusyError as error:
        yield Finding(
            "port", "warning", error.what, f"Well, if that is this one, running. {error.todo}"
        )
    else:
        yield Finding("port", "ok", f"port {port} on {listen} is free")


def _data(folder: Path) -> Iterator[Finding]:
    if folder.exists() and not folder.is_dir():
        todo = "Name a folder."
        yield Finding(_SUBJECT, "problem", f"data: {folder} is a file, not a folder", todo)
    elif not folder.exists():
        yield Finding(
            _SUBJECT,
            "warning",
            f"data: {folder} is not there yet: it will be made, empty",
            "Correct the path if there is a data folder already.",
        )


def _servers(settings: NodeSettings) -> Iterator[Finding]:
    if settings.influxdb is not None:
        yield from _url("influxdb.url", settings.influxdb.url, ("http", "https"))
    if settings.openid is not None:
        yield from _url("openid.issuer", settings.openid.issuer, ("https", "http"))
    archive = settings.archive
    if archive is not None and not (archive.key_id and archive.secret.get_secret_value()):
        yield Finding(
            _SUBJECT,
            "warning",
            "archive: the key id or the secret for the object store is not in the file",
            "Well, if the node gets it from its environment; else add key_id and secret.",
        )
    for name in ("registry", "database"):
        text = getattr(settings, name).get_secret_value()
        if text and not _is_postgresql(text):
            yield Finding(
                _SUBJECT,
                "problem",
                f"field '{name}': this is not the URL of a PostgreSQL database",
                "Write it as in postgresql://user@host/name.",
            )


def _is_postgresql(text: str) -> bool:
    try:
        return make_url(text).get_backend_name() == "postgresql"
    except (ArgumentError, ValueError):
        return False


def _url(field: str, url: str, schemes: tuple[str, ...]) -> Iterator[Finding]:
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_good = False
    if not is_good:
        yield Finding(
            _SUBJECT,
            "problem",
            f"field '{field}': this is no address of a server",
            f"Write it as in {schemes[0]}://server.example:8086.",
        )


def _reminder_checks(reminders: ReminderSettings) -> Iterator[_Check]:
    mail = reminders.mail
    files = [] if mail is None else [mail.authority]
    if mail is not None and mail.password_file is not None:
        yield partial(_read, partial(secret_of, mail.password_file))
    for it in reminders.webhooks:
        yield partial(_read, partial(webhook_secret, it))
        files.append(it.authority)
    for file in filter(None, files):
        yield partial(_read, partial(read_certificate, file))


def _read(read: Callable[[], object]) -> tuple[Finding, ...]:
    """Nothing, where it can be read. Raises what keeps it from being read."""
    read()
    return ()


def _agent(file: Path, now: datetime) -> Iterator[Finding]:
    config = load_config(file)  # with the profiles of its machines
    yield from _found(_agent_checks(config, now))


def _agent_checks(config: AgentConfig, now: datetime) -> Iterator[_Check]:
    yield lambda: _url("collector", config.collector, ("https", "http"))
    if config.authority is not None:
        yield partial(_read, partial(read_certificate, config.authority))
    page = config.status
    if page is not None:
        yield partial(_read, partial(status_password, page))
        if page.certificate is not None and page.key is not None:
            files = CertificateFiles(page.certificate, page.key)
            yield partial(_certificate, files, now)
        yield partial(_port, page.listen, page.port)
