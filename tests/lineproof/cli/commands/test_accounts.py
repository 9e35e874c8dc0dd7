"""Accounts and tokens by the command line: on a folder, then on the node that runs on it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command_line import answer, lineproof, node, refused
from peers import PATIENCE_S, ROOT, local_get

PLANT = ROOT / "docs" / "examples" / "plant.yaml"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an administrator."""
    folder = tmp_path_factory.mktemp("accounts") / "node"
    lineproof("user", "add", "boss", "--role", "administrator", "--data", folder)
    return folder


def test_a_folder_and_its_node_are_managed_alike(data: Path) -> None:
    of = ("--data", data)
    secret = lineproof(
        "token", "add", "first", "--role", "administrator", "--ends", _in_a_month(), *of
    ).output.strip()
    assert re.fullmatch(r"lineproof_[\w-]{43}", secret)
    with node(data, PLANT) as running:
        at = ("--url", running.url)
        by = (*at, "--token", secret)
        assert "nobody is signed in" in refused("user", "list", *at)
        assert [it["name"] for it in answer("user", "list", *by)] == ["boss"]
        added = answer("user", "add", "chan", "--role", "operator@line:press-1", *by)
        assert added["link"].startswith(f"{running.url}/sign-in?code=")
        assert local_get(added["link"]).is_success
        assert answer("user", "disable", "chan", *by)["disabled_at"]
        assert answer("user", "enable", "chan", *by)["disabled_at"] is None
        changed = answer("user", "roles", "chan", "--role", "auditor", *by)
        assert changed["roles"] == ["auditor@everything"]
        assert "link" in answer("user", "reset", "chan", *by)
        assert "Did you mean 'chan'" in refused("user", "reset", "chen", *by)
        assert "nobody could manage" in refused("user", "disable", "boss", *by)
        answer("user", "add", "lee", "--role", "operator", *by)
        assert "may still sign in" in refused("user", "erase", "lee", "--yes", *by)
        assert answer("user", "data", "lee", *by)["names"] == ["lee"]
        answer("user", "disable", "lee", *by)
        assert answer("user", "erase", "lee", "--yes", *by)["reference"].startswith("erased-")
        assert "nothing is held of 'lee'" in refused("user", "data", "lee", *by)
        ends = ("--ends", _in_a_month())
        reading = answer("token", "add", "ci", "--role", "auditor", *ends, *by)
        assert reading["created_by"] == "token:first"
        environment = {"LINEPROOF_TOKEN": reading["secret"]}
        assert "may not manage accounts" in refused("user", "list", *at, environment=environment)
        assert answer("token", "revoke", "ci", *by)["revoked_at"]
        assert "this token is none" in refused("user", "list", *at, environment=environment)
        assert "sign-in?code=" not in running.log.read_text()
    assert {it["label"] for it in answer("token", "list", *of)} == {"first", "ci"}
    assert "chan" in lineproof("user", "list", *of).output
    assert secret not in lineproof("token", "list", *of).output


def test_a_shared_tablet_and_by_what_people_sign_on_there(data: Path) -> None:
    of = ("--data", data)
    tablet = answer("user", "add", "tablet", "--device", "--role", "operator@line:press-1", *of)
    assert (tablet["device"], tablet["has_password"]) == (True, False)
    assert tablet["link"].startswith("/sign-in?code=")
    assert "for work at a line" in refused("user", "roles", "tablet", "--role", "officer", *of)
    lineproof("user", "add", "wong", "--role", "operator", *of)
    for what, number in (("pin", "4711"), ("badge", "0004711")):
        given = subprocess.run(
            [sys.executable, "-m", "lineproof", "user", what, "wong", *of, "--json"],
            input=f"{number}\n", capture_output=True, text=True, check=True, timeout=PATIENCE_S,
        )  # fmt: skip
        assert json.loads(given.stdout)[f"has_{what}"]
        assert number not in given.stdout + given.stderr
    found = {it["name"]: it for it in answer("user", "list", *of)}
    assert [found["wong"][it] for it in ("has_pin", "has_badge")] == [True, True]
    without = answer("user", "badge", "wong", "--remove", *of)
    assert [without[it] for it in ("has_pin", "has_badge")] == [True, False]


def test_the_first_start_tells_the_first_administrators_link(tmp_path: Path) -> None:
    with node(tmp_path / "open", PLANT) as running:
        (link,) = re.findall(r"http://\S+/sign-in\?code=\S+", running.log.read_text())
        assert link.startswith(running.url)
        assert "everybody who reaches this node may do everything" in running.log.read_text()
        page = local_get(link)
        assert page.is_success
        assert "The first administrator" in page.text


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (("user", "add", "chan", "--role", "admin"), "there is no role 'admin'"),
        (("user", "add", "boss", "--role", "operator"), "there is an account 'boss' already"),
        (("user", "disable", "boss"), "nobody could manage accounts"),
        (("token", "add", "x", "--role", "auditor", "--ends", "2001-01-01"), "ends in the future"),
        (("token", "revoke", "x"), "there is no token 'x'"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    data: Path, command: tuple[str, ...], sentence: str
) -> None:
    assert sentence in refused(*command, "--data", data)


def _in_a_month() -> str:
    return (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


def test_a_refused_first_account_leaves_no_folder(tmp_path: Path) -> None:
    data = tmp_path / "node"
    told = refused("user", "add", "chan", "--role", "officer", "--data", data)
    assert "the first account is an administrator" in told
    assert not data.exists()
