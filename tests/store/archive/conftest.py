"""Object stores, each started once for a test process when the first test asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from object_stores import ObjectServer, object_server

GivenServer = Callable[[str], ObjectServer]


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GivenServer]:
    """Gives the server of a kind."""
    servers: dict[str, ObjectServer] = {}
    with ExitStack() as running:

        def given(kind: str) -> ObjectServer:
            if kind not in servers:
                scratch = tmp_path_factory.mktemp(kind) / "objects"
                servers[kind] = running.enter_context(object_server(kind, scratch))
            return servers[kind]

        yield given
