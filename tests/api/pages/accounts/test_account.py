"""`/account`: an own PIN, with and without a password. Passwords: test_users.py."""

from __future__ import annotations

from signing_in import PASSWORD, asking, send, sign_in, with_accounts
from web_plant import Clock, app_of

from api.http.access.callers import SESSION_COOKIE
from api.queries.lines import Queries
from domain.access import Assignment


async def test_a_pin_of_the_own_takes_the_password_and_none_takes_it_away(
    own_plant: tuple[Queries, Clock],
) -> None:
    registry = with_accounts(own_plant[0])
    means = registry.pins_and_badges
    async with asking(app_of(own_plant[0], version="1")) as client:
        await sign_in(client, "chan")
        own = {"action": "pin", "old": PASSWORD}
        wrong = await send(client, "/account", "/account", **own | {"old": "x"}, pin="4711")
        assert (wrong.status_code, means.means().pins) == (403, set())
        easy = await send(client, "/account", "/account", **own, pin="1234")
        assert (easy.status_code, means.means().pins) == (422, set())
        assert "easy to guess" in easy.text
        done = await send(client, "/account", "/account", **own, pin="4711")
        assert done.headers["location"] == "/account?pin=true"
        page = (await client.get("/account?pin=true")).text
        assert "Your PIN is changed." in page
        assert "You have one." in page
        assert means.with_pin("chan", "4711") == registry.accounts.named("chan")
        assert (await client.get("/floor")).status_code == 200, "it stays signed in"
        await send(client, "/account", "/account", **own, pin="")
        assert means.means().pins == set()


async def test_who_has_no_password_here_chooses_a_pin_and_no_password(
    own_plant: tuple[Queries, Clock],
) -> None:
    """As of who signs in through a provider."""
    queries, _ = own_plant
    registry = with_accounts(queries)
    registry.accounts.add("wong", "", [Assignment.parse("operator")], queries.now())
    async with asking(app_of(queries, version="1")) as client:
        client.cookies.set(SESSION_COOKIE, registry.sessions.begin("wong", queries.now()))
        assert (
            'type="password" autocomplete="current-password"'
            not in (await client.get("/account")).text
        )
        await send(client, "/account", "/account", action="pin", pin="4711")
        assert registry.pins_and_badges.with_pin("wong", "4711") is not None
        fields = {"password": PASSWORD, "again": PASSWORD}
        assert (await send(client, "/account", "/account", **fields)).status_code == 404
        assert not registry.accounts.named("wong").has_password
