"""The real provider of tests/peers/openid_provider.mjs, and a person who signs in at it."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from peers import NODE_PEERS, free_port, require, running, wait_until


@dataclass
class Provider:
    issuer: str
    process: subprocess.Popen[bytes]
    log: Path

    def new_keys(self) -> None:
        """Signs with other keys from now on, and forgets who was signed in."""
        before = self.log.read_text().count("new keys")
        self.process.send_signal(signal.SIGUSR2)
        wait_until(lambda: self.log.read_text().count("new keys") > before, "new keys")


@contextlib.contextmanager
def openid_provider(folder: Path, returned_to: str) -> Iterator[Provider]:
    node = require(program="node")
    require(path=NODE_PEERS / "node_modules" / "oidc-provider")
    port, log = free_port(), folder / "provider.log"
    command = [node, NODE_PEERS / "openid_provider.mjs", str(port), returned_to]
    ready = lambda: log.exists() and "ready" in log.read_text()  # noqa: E731  # short and used once
    with running(command, ready=ready, log=log, cwd=NODE_PEERS) as process:
        yield Provider(f"http://127.0.0.1:{port}", process, log)


def sign_in_at(browser: httpx.Client, address: str, login: str) -> str:
    """Goes through the provider's pages as a person does; the address that it sends back to."""
    for _ in range(10):
        answer = browser.get(address)
        while answer.is_redirect:
            address = str(httpx.URL(address).join(answer.headers["location"]))
            if "/sign-in/returned" in address:
                return address
            answer = browser.get(address)
        form = re.search(r'action="([^"]+)"', answer.text)
        assert form is not None, answer.text
        fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', answer.text))
        target = str(httpx.URL(address).join(form[1]))
        answer = browser.post(target, data={**fields, "login": login, "password": "any"})
        assert answer.is_redirect, answer.text
        address = str(httpx.URL(target).join(answer.headers["location"]))
        if "/sign-in/returned" in address:
            return address
    raise AssertionError(f"the provider does not come to an end: {address}")
