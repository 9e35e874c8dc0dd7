"""Accounts and tokens of a data folder or a running node; both give the same documents."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from api.records import accounts as records
from api.records.personal_data import erase_person, personal_data_json
from lineproof.access.figures import check_one_source
from lineproof.access.records import Document
from lineproof.clock import utc_now
from store.node.opening import open_stores
from store.registry.audit import command_line
from store.registry.registry import Registry

if TYPE_CHECKING:
    from lineproof.access.node_client import NodeClient


class Accounts(Protocol):
    """The documents of the routes of the same names. Raises LineproofError with a sentence."""

    def users(self) -> list[Document]: ...

    def add_user(self, new: records.NewAccount) -> Document: ...

    def disable(self, name: str) -> Document: ...

    def enable(self, name: str) -> Document: ...

    def reset(self, name: str, password: str | None) -> Document: ...

    def roles(self, name: str, roles: Sequence[str]) -> Document: ...

    def pin(self, name: str, pin: str | None) -> Document: ...

    def badge(self, name: str, number: str | None) -> Document: ...

    def data(self, name: str) -> Document: ...

    def erase(self, name: str) -> Document: ...

    def tokens(self) -> list[Document]: ...

    def add_token(self, label: str, roles: Sequence[str], ends: str) -> Document: ...

    def revoke(self, label: str) -> Document: ...


class LocalAccounts:
    """Those of a data folder."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def users(self) -> list[Document]:
        return records.users_json(self._registry)

    def add_user(self, new: records.NewAccount) -> Document:
        return records.create_account(self._registry, new, utc_now())

    def disable(self, name: str) -> Document:
        return records.disable_account(self._registry, name, utc_now())

    def enable(self, name: str) -> Document:
        return records.enable_account(self._registry, name)

    def reset(self, name: str, password: str | None) -> Document:
        return records.reset_account(self._registry, name, utc_now(), password)

    def roles(self, name: str, roles: Sequence[str]) -> Document:
        return records.assign_roles(self._registry, name, roles)

    def pin(self, name: str, pin: str | None) -> Document:
        return records.give_pin(self._registry, name, pin)

    def badge(self, name: str, number: str | None) -> Document:
        return records.give_badge(self._registry, name, number)

    def data(self, name: str) -> Document:
        return personal_data_json(self._registry, name)

    def erase(self, name: str) -> Document:
        return erase_person(self._registry, name, utc_now())

    def tokens(self) -> list[Document]:
        return records.tokens_json(self._registry)

    def add_token(self, label: str, roles: Sequence[str], ends: str) -> Document:
        return records.create_token(self._registry, label, roles, ends, utc_now(), command_line())

    def revoke(self, label: str) -> Document:
        return records.withdraw_token(self._registry, label, utc_now())


class RemoteAccounts:
    """Those of a running node, by HTTP; links carry its address."""

    def __init__(self, client: NodeClient, url: str) -> None:
        self._client = client
        self._url = url.rstrip("/")

    def users(self) -> list[Document]:
        return self._client.rows("users", {})

    def add_user(self, new: records.NewAccount) -> Document:
        return self._linked(self._client.post("users", asdict(new)))

    def disable(self, name: str) -> Document:
        return self._change(name, "disable", {})

    def enable(self, name: str) -> Document:
        return self._change(name, "enable", {})

    def reset(self, name: str, password: str | None) -> Document:
        return self._linked(self._change(name, "reset", {"password": password}))

    def roles(self, name: str, roles: Sequence[str]) -> Document:
        return self._change(name, "roles", {"roles": list(roles)})

    def pin(self, name: str, pin: str | None) -> Document:
        return self._change(name, "pin", {"pin": pin})

    def badge(self, name: str, number: str | None) -> Document:
        return self._change(name, "badge", {"number": number})

    def data(self, name: str) -> Document:
        document: Document = self._client.get(f"users/{quote(name, safe='')}/data", {})
        return document

    def erase(self, name: str) -> Document:
        return self._change(name, "erase", {})

    def tokens(self) -> list[Document]:
        return self._client.rows("tokens", {})

    def add_token(self, label: str, roles: Sequence[str], ends: str) -> Document:
        given = {"label": label, "roles": list(roles), "ends": ends}
        document: Document = self._client.post("tokens", given)
        return document

    def revoke(self, label: str) -> Document:
        document: Document = self._client.post(f"tokens/{quote(label, safe='')}/revoke", {})
        return document

    def _change(self, name: str, what: str, given: Document) -> Document:
        document: Document = self._client.post(f"users/{quote(name, safe='')}/{what}", given)
        return document

    def _linked(self, document: Document) -> Document:
        link = document.get("link")
        return document | ({"link": self._url + link} if link else {})


@contextlib.contextmanager
def node_accounts(
    data: Path | None, url: str | None, token: str | None, *, must_exist: bool = True
) -> Iterator[Accounts]:
    """Of the one source that the user named. Raises InputError without or with both."""
    check_one_source(data, url)
    if url is not None:
        from lineproof.access.node_client import node_client  # loads an HTTP client

        with node_client(url, token) as client:
            yield RemoteAccounts(client, url)
        return
    assert data is not None
    with open_stores(data, must_exist=must_exist) as stores:
        yield LocalAccounts(stores.registry)


def check_first_account(data: Path | None, new: records.NewAccount) -> None:
    """Raises InputError for an account that a folder without a registry would not take, before the
    folder is made for it: it is tried on a registry that is thrown away."""
    if data is None or any(it.exists() for it in (data / "registry.sqlite", data / "archive")):
        return
    with tempfile.TemporaryDirectory() as folder:
        registry = Registry(Path(folder, "registry.sqlite"), Path(folder, "documents"))
        try:
            records.create_account(registry, new, utc_now())
        finally:
            registry.close()
