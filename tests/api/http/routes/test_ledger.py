"""The ledger over HTTP: what it gives is what a stranger needs to check it."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from running_server import running_server
from web_plant import Clock, app_of, registry_of, store_of

from api.http.routes.ledger import ledger_router
from api.queries.lines import Queries
from domain.ledger.checkpoints import Checkpoint, parse_checkpoint
from domain.ledger.leaves import RecordLeaf
from domain.ledger.policies import parse_policy
from domain.ledger.signed_notes import parse_note, verified_keys
from domain.ledger.tlog_proofs import parse_proof, verified_checkpoint
from domain.ledger.tree import is_consistent, leaf_hash
from lineproof.run.web_server import LOOPBACK, bind
from store.ledger.keys import verify_ed25519
from store.ledger.ledger import Ledger
from store.node.ledger_keeper import LedgerKeeper

AT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "ledger")
    yield made
    made.close()


@pytest.fixture
def client(
    own_plant: tuple[Queries, Clock], ledger: Ledger, tmp_path: Path
) -> Iterator[httpx.Client]:
    routes = ledger_router(ledger, registry_of(own_plant[0]), tmp_path / "witnesses.policy")
    app = app_of(own_plant[0], version="1", extra_routers=[routes])
    with (
        bind(LOOPBACK, 0) as bound,
        running_server(app, bound) as server,
        httpx.Client(base_url=f"http://{LOOPBACK}:{server.port}", trust_env=False) as asking,
    ):
        yield asking


def grow(ledger: Ledger, *numbers: int) -> Checkpoint:
    ledger.begin("tko-foods")
    digest = "0f" * 32
    return ledger.append([RecordLeaf(AT, it, "terms_versions", digest, digest) for it in numbers])


def text(client: httpx.Client, path: str) -> str:
    answer = client.get(f"/api/v1/ledger/{path}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    return answer.text


def test_a_stranger_checks_every_leaf_by_what_the_node_gives(
    client: httpx.Client, ledger: Ledger
) -> None:
    grow(ledger, *range(1, 8))
    known = parse_policy(text(client, "policy")).logs
    verified_keys(parse_note(text(client, "checkpoint")), known, verify_ed25519)
    rows = client.get("/api/v1/ledger/leaves").json()
    assert [it["index"] for it in rows] == list(range(7))
    for it in rows:
        proof = parse_proof(text(client, f"proof?leaf={it['index']}"))
        checkpoint = verified_checkpoint(proof, it["leaf"].encode(), known, verify_ed25519)
        assert checkpoint.size == 7


def test_that_it_only_grew_is_proved(client: httpx.Client, ledger: Ledger) -> None:
    grow(ledger, 1, 2, 3)
    old = parse_checkpoint(parse_note(text(client, "checkpoint")).text)
    new = grow(ledger, *range(4, 12))
    hashes = client.get("/api/v1/ledger/consistency", params={"first": 3, "second": 11}).json()
    proof = [b64decode(it) for it in hashes]
    assert is_consistent(old.size, new.size, proof, old.root, new.root)


def test_leaves_come_in_pages(client: httpx.Client, ledger: Ledger) -> None:
    grow(ledger, *range(1, 8))
    rows, url = [], httpx.URL("/api/v1/ledger/leaves?limit=3&start=1")
    while url:
        answer = client.get(url)
        rows += [it["index"] for it in answer.json()]
        link = re.match(r"<([^>]+)>", answer.headers.get("link", ""))
        url = link and httpx.URL(link.group(1))
    assert rows == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "path", ["checkpoint", "policy", "proof?leaf=0", "consistency?first=1&second=1"]
)
def test_where_nothing_was_told_yet_it_says_so(client: httpx.Client, path: str) -> None:
    answer = client.get(f"/api/v1/ledger/{path}")
    assert answer.status_code == 404
    assert "no leaf yet" in answer.json()["detail"]
    assert client.get("/api/v1/ledger/leaves").json() == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("proof?leaf=7", 404),
        ("proof?leaf=-1", 422),
        ("proof?leaf=x", 422),
        ("proof?leaf=99999999999999999999", 422),
        ("proof", 422),
        ("consistency?first=0&second=7", 404),
        ("consistency?first=7&second=3", 404),
        ("consistency?first=3&second=8", 404),
        ("leaves?start=-1", 422),
        ("leaves?cursor=x", 422),
        ("leaves?cursor=WyJhIl0", 422),
    ],
)
def test_what_it_does_not_have_is_said(
    client: httpx.Client, ledger: Ledger, path: str, status: int
) -> None:
    grow(ledger, *range(1, 8))
    answer = client.get(f"/api/v1/ledger/{path}")
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_since_when_it_has_a_projects_terms(
    own_plant: tuple[Queries, Clock], client: httpx.Client, ledger: Ledger
) -> None:
    queries, _ = own_plant
    registry = registry_of(queries)
    project = registry.projects.all()[0]
    path = f"/api/v1/projects/{project.reference}/terms"
    early = client.get(path).json()
    assert [it["milestone"] for it in early] == [it.id for it in project.milestones]
    assert {(it["leaf"], it["in_ledger_since"]) for it in early} == {(None, None)}
    LedgerKeeper(ledger, registry, store_of(queries), lambda: AT).refresh()
    for it, milestone in zip(client.get(path).json(), project.milestones, strict=True):
        assert it["terms_digest"] == milestone.terms_digest
        assert it["in_ledger_since"] == "2026-03-02T08:00:00+08:00"
        ((_, leaf),) = ledger.leaves(it["leaf"], 1)
        assert json.loads(leaf)["of"] == "terms_versions"
    assert client.get("/api/v1/projects/none/terms").status_code == 404


def test_it_is_a_log_of_tiles_for_mirrors(client: httpx.Client, ledger: Ledger) -> None:
    grow(ledger, *range(1, 301))

    def tile(path: str) -> bytes:
        answer = client.get(f"/api/v1/ledger/tile/{path}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/octet-stream"
        return answer.content

    leaves = [leaf for _, leaf in ledger.leaves(0, 300)]
    hashes = b"".join(map(leaf_hash, leaves))
    assert tile("0/000") == hashes[: 256 * 32]
    assert tile("0/001.p/44") == hashes[256 * 32 :]
    assert tile("0/001.p/7") == hashes[256 * 32 : 263 * 32]
    assert len(tile("1/000.p/1")) == 32
    first = tile("entries/001.p/44")
    assert first.startswith(len(leaves[256]).to_bytes(2, "big") + leaves[256])
    assert sum(2 + len(it) for it in leaves[256:]) == len(first)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("0/001", 404), ("0/001.p/45", 404), ("1/000.p/2", 404), ("2/000.p/1", 404),
        ("0/x999/999", 404), ("entries/001", 404), ("0/1", 422), ("64/000", 422),
        ("0/000.p/0", 422), ("entries/x", 422), ("x/000", 422),
    ],
)  # fmt: skip
def test_a_tile_that_it_has_not_is_said(
    client: httpx.Client, ledger: Ledger, path: str, status: int
) -> None:
    grow(ledger, *range(1, 301))
    assert client.get(f"/api/v1/ledger/tile/{path}").status_code == status
