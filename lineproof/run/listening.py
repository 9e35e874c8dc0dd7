"""The beginning that every node has: port, then data folder, then how it may be reached.

Beyond loopback a node listens only with TLS and with an account at least; what is missing is said
before anything has changed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from socket import socket

from lineproof.clock import utc_now
from lineproof.run.settings import NodeSettings, remember_store
from lineproof.run.web_server import bind, own_url
from lineproof.tls.serving import Serving, check_has_account, serving
from store.node.opening import Stores, open_stores


@dataclass(frozen=True, slots=True)
class Listening:
    """A bound port, the stores behind it, and how the port is served."""

    bound: socket
    stores: Stores
    serving: Serving

    @property
    def url(self) -> str:
        """Where programs on this machine reach it."""
        return own_url(self.bound, self.serving.scheme)


@contextlib.contextmanager
def listening(listen: str, port: int, data: Path, settings: NodeSettings) -> Iterator[Listening]:
    """For the length of the block. Raises BusyError when port or folder is taken, InputError
    where the node must not listen so."""
    if not data.exists():
        check_has_account(listen, data, has_account=False)
    with (
        contextlib.closing(bind(listen, port)) as bound,
        open_stores(data, settings.store_settings) as stores,
    ):
        check_has_account(listen, data, has_account=stores.registry.accounts.any())
        how = serving(settings, listen, data, utc_now)
        remember_store(stores.folder.store_settings, settings.store_settings)
        yield Listening(bound, stores, how)
