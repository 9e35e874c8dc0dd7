"""`user`, `token`: who may sign in to a node, and by what programs ask it."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from lineproof import output
from lineproof.cli.commands.options import AsJson, NodeUrl, OptionalDataDir, Token

users = typer.Typer(
    help="Accounts of people and shared tablets.", no_args_is_help=True, rich_markup_mode=None
)
tokens = typer.Typer(help="Tokens of programs.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")]
Label = Annotated[str, typer.Argument(metavar="LABEL", help="The token's label.")]
Roles = Annotated[
    list[str],
    typer.Option(
        "--role",
        metavar="ROLE[@SCOPE]",
        help="As in officer@scheme:NIFS; without scope: everywhere. May be repeated.",
    ),
]
Remove = Annotated[bool, typer.Option("--remove", help="Take it away; nothing is asked.")]
PasswordStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from standard input; no link."),
]


@users.command("add")
def add_user(
    name: Name,
    role: Roles,
    full_name: Annotated[str, typer.Option("--name", help="As people know it.")] = "",
    password_stdin: PasswordStdin = False,
    device: Annotated[
        bool,
        typer.Option("--device", help="A tablet that people share; its link signs it in."),
    ] = False,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Add an account; prints a link that sets its password, once. The first closes the node."""
    from api.records.accounts import NewAccount
    from lineproof.access.accounts import check_first_account, node_accounts

    new = NewAccount(name, role, full_name, _password(password_stdin), device)
    if url is None:
        check_first_account(data, new)
    with node_accounts(data, url, token, must_exist=False) as accounts:
        _say_user(accounts.add_user(new), "added", as_json)


@users.command()
def disable(
    name: Name,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Disable an account: it is signed out everywhere; what it did keeps its name."""
    from lineproof.access.accounts import node_accounts

    with node_accounts(data, url, token) as accounts:
        _say_user(accounts.disable(name), "disabled", as_json)


@users.command()
def enable(
    name: Name,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Enable an account again."""
    from lineproof.access.accounts import node_accounts

    with node_accounts(data, url, token) as accounts:
        _say_user(accounts.enable(name), "enabled", as_json)


@users.command()
def reset(
    name: Name,
    password_stdin: PasswordStdin = False,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Print a link that sets another password; the one before works until then."""
    from lineproof.access.accounts import node_accounts

    password = _password(password_stdin)
    with node_accounts(data, url, token) as accounts:
        _say_user(accounts.reset(name, password), "reset", as_json)


@users.command()
def roles(
    name: Name,
    role: Roles,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Give an account these roles, instead of those that it had."""
    from lineproof.access.accounts import node_accounts

    with node_accounts(data, url, token) as accounts:
        _say_user(accounts.roles(name, role), "changed", as_json)


@users.command()
def pin(
    name: Name,
    remove: Remove = False,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Give a person the PIN (4 to 8 digits) by which it signs on at shared tablets."""
    from lineproof.access.accounts import node_accounts

    given = None if remove else _typed("PIN")
    with node_accounts(data, url, token) as accounts:
        _say_user(accounts.pin(name, given), "has no PIN" if remove else "has a PIN", as_json)


@users.command()
def badge(
    name: Name,
    remove: Remove = False,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Give a person the badge by which it signs on at shared tablets: type or read its number."""
    from lineproof.access.accounts import node_accounts

    given = None if remove else _typed("Number of the badge")
    with node_accounts(data, url, token) as accounts:
        _say_user(accounts.badge(name, given), "has no badge" if remove else "has a badge", as_json)


@users.command("list")
def list_users(
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """List the accounts."""
    from lineproof.access.accounts import node_accounts

    with node_accounts(data, url, token) as accounts:
        found = accounts.users()
    if as_json:
        output.print_json(found)
        return
    columns = ("Account", "Name", "Roles", "Signs in by", "At tablets", "Disabled (UTC)")
    rows = [
        (
            it["name"],
            it["full_name"],
            ", ".join(it["roles"]),
            _signs_in_by(it),
            ", ".join(word for word in ("PIN", "badge") if it[f"has_{word.lower()}"])
            or output.NOTHING,
            output.minute(it["disabled_at"] or output.NOTHING),
        )
        for it in found
    ]
    output.print_table("Accounts", columns, rows)


@tokens.command("add")
def add_token(
    label: Label,
    role: Roles,
    ends: Annotated[
        str,
        typer.Option("--ends", metavar="TIME", help="When it ends; a day: its start, in UTC."),
    ],
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Make a token and print its secret, which nobody can read again."""
    from lineproof.access.accounts import node_accounts

    with node_accounts(data, url, token) as accounts:
        made = accounts.add_token(label, role, ends)
    if as_json:
        output.print_json(made)
        return
    output.note(f"Token {label} until {output.minute(made['ends_at'])} UTC; its secret, this once:")
    output.say(made["secret"])


@tokens.command("revoke")
def revoke_token(
    label: Label,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Revoke a token: from now on it is none."""
    from lineproof.access.accounts import node_accounts

    with node_accounts(data, url, token) as accounts:
        document = accounts.revoke(label)
    if as_json:
        output.print_json(document)
    else:
        output.say(f"Token {document['label']} revoked.")


@tokens.command("list")
def list_tokens(
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """List the tokens, those that ended too."""
    from lineproof.access.accounts import node_accounts

    with node_accounts(data, url, token) as accounts:
        found = accounts.tokens()
    if as_json:
        output.print_json(found)
        return
    columns = ("Token", "Roles", "Made by", "Ends (UTC)", "Revoked (UTC)")
    rows = [
        (
            it["label"],
            ", ".join(it["roles"]),
            it["created_by"],
            output.minute(it["ends_at"]),
            output.minute(it["revoked_at"] or output.NOTHING),
        )
        for it in found
    ]
    output.print_table("Tokens", columns, rows)


def _signs_in_by(account: dict[str, Any]) -> str:
    if account["device"]:
        return "link, as a shared tablet"
    return "password" if account["has_password"] else output.NOTHING


def _typed(what: str) -> str:
    """Typed unseen, or the first line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True)).strip()
    return sys.stdin.readline().strip()


def _password(from_stdin: bool) -> str | None:
    """The first line of standard input, where it is asked for; never of the command line, which
    other people of this machine can read."""
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else None


def _say_user(document: dict[str, Any], what: str, as_json: bool) -> None:
    if as_json:
        output.print_json(document)
        return
    output.say(f"Account {document['name']} {what}: {', '.join(document['roles'])}.")
    if "link" in document:
        does = "It signs the tablet in" if document["device"] else "It sets its password"
        output.say(f"{does}, once and within three days, at {document['link']}")
