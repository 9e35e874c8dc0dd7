"""`agent`: codes that enrol agents, who is enrolled, revocation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lineproof import output
from lineproof.cli.commands.options import AsJson, NodeUrl, OptionalDataDir, Token

app = typer.Typer(
    help="Edge agents of a node: codes that enrol them, list, revocation.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_Name = Annotated[str, typer.Argument(metavar="NAME", help="The agent's name.")]
_PATH = "agents"


@app.command("code")
def code(
    name: _Name,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Make a code by which the agent NAME enrols itself once, within a day."""
    told = _asked(f"{name}/code", _code, name, data, url, token)
    if as_json:
        output.print_json(told)
        return
    output.say(told["code"])
    output.note(
        f"On the agent: lineproof edge enrol --config FILE --url https://… --code {told['code']}"
    )


@app.command("list")
def list_agents(
    data: OptionalDataDir = None, url: NodeUrl = None, token: Token = None, as_json: AsJson = False
) -> None:
    """Agents that are or were enrolled, with their keys."""
    from lineproof.access.figures import check_one_source
    from lineproof.access.node_client import node_client

    check_one_source(data, url)
    if url is not None:
        with node_client(url, token) as client:
            found = client.get(_PATH, {})
    else:
        assert data is not None
        found = _of_folder(data)
    if as_json:
        output.print_json(found)
        return
    output.print_table(
        "Agents",
        ("Agent", "Enrolled", "By", "Key", "Believed"),
        [
            (it["agent"], output.minute(it["enrolled_at"]), it["origin"], key["public_key"], said)
            for it in found
            for key in it["keys"]
            for said in [_believed(it, key)]
        ],
    )


@app.command("revoke")
def revoke(
    name: _Name, data: OptionalDataDir = None, url: NodeUrl = None, token: Token = None
) -> None:
    """Take nothing more from the agent NAME; what came in before stays."""
    told = _asked(f"{name}/revocation", _revoke, name, data, url, token)
    done = "is revoked from now on" if told["changed"] else "was revoked before"
    output.say(f"Agent {name} {done}.")


def _believed(agent: dict[str, Any], key: dict[str, Any]) -> str:
    if agent["revoked_at"]:
        return f"revoked {output.minute(agent['revoked_at'])}"
    return f"until {output.minute(key['until'])}" if key["until"] else "yes"


def _asked(
    path: str, here: Any, name: str, data: Path | None, url: str | None, token: str | None
) -> dict[str, Any]:
    """Of a running node by its route, of a folder by `here`."""
    from lineproof.access.figures import check_one_source
    from lineproof.access.node_client import node_client

    check_one_source(data, url)
    if url is not None:
        with node_client(url, token) as client:
            told: dict[str, Any] = client.post(f"{_PATH}/{path}", {})
        return told
    from lineproof.clock import utc_now
    from store.node.opening import open_stores

    assert data is not None
    with open_stores(data, must_exist=True) as stores:
        made: dict[str, Any] = here(stores.registry, name, utc_now(), data)
        return made


def _code(registry: Any, name: str, now: Any, data: Path) -> dict[str, Any]:
    from lineproof.agents import code_text
    from lineproof.tls.authority import authority_pem
    from store.registry.audit import command_line

    secret = registry.agent_codes.make(name, now, by=command_line())
    return {"agent": name, "code": code_text(secret, authority_pem(data))}


def _revoke(registry: Any, name: str, now: Any, _data: Path) -> dict[str, Any]:
    from store.registry.audit import command_line

    return {"agent": name, "changed": registry.agents.revoke(name, now, by=command_line())}


def _of_folder(data: Path) -> list[dict[str, Any]]:
    from lineproof.agents import agent_json
    from lineproof.clock import utc_now
    from store.node.opening import open_stores

    with open_stores(data, must_exist=True) as stores:
        return [agent_json(it, utc_now()) for it in stores.registry.agents.all()]
