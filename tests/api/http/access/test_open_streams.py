"""Streams that are open end when who opened them may not see them any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import islice

import httpx
import pytest
from browser import serving
from peers import PATIENCE_S
from signing_in import PASSWORD, with_accounts
from web_plant import PLANT, Clock, app_of

from api.http.access import open_streams
from api.http.access.callers import SESSION_COOKIE
from api.queries.lines import Queries
from domain.access import Assignment
from store.files.plant import read_plant
from store.registry.accounts.sessions import IDLE_MAX
from store.registry.registry import Registry

PATHS = (
    "/floor/events",
    "/lines/filler-1/events",
    "/api/v1/lines/filler-1/live",
    "/events?of=/floor/events&of=/lines/filler-1/events",
)
MANY = 100  # events, in which a stream that is to end has ended
Change = Callable[[Registry, Clock, str], None]
CHANGES: dict[str, Change] = {
    "sign-out": lambda registry, clock, secret: registry.sessions.end(secret),
    "sign-out everywhere": lambda registry, clock, secret: registry.sessions.end_all("chan"),
    "disabled": lambda registry, clock, secret: registry.accounts.disable("chan", clock()),
    "new password": lambda registry, clock, secret: registry.accounts.set_password(
        "chan", PASSWORD + " again"
    ),
    "other roles": lambda registry, clock, secret: registry.accounts.set_assignments(
        "chan", [Assignment.parse("operator@line:packer-1")]
    ),
    "another role for the same line": lambda registry, clock, secret: (
        registry.accounts.set_assignments("chan", [Assignment.parse("auditor@line:filler-1")])
    ),
    "idle": lambda registry, clock, secret: setattr(
        clock, "now", clock.now + IDLE_MAX + timedelta(minutes=1)
    ),
}


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_streams, "RECHECK_S", 0.05)


@pytest.fixture
def url(own_plant: tuple[Queries, Clock]) -> Iterator[str]:
    with serving(app_of(own_plant[0], version="1", live_interval_s=0.05)) as found:
        yield found


@pytest.fixture
def registry(own_plant: tuple[Queries, Clock]) -> Registry:
    return with_accounts(own_plant[0])


def after_change(url: str, headers: dict[str, str], change: Callable[[], None]) -> list[str]:
    """The kinds of the events that came to the end of the stream, which a change ended."""
    with httpx.stream("GET", url, headers=headers, timeout=PATIENCE_S) as answer:
        assert answer.status_code == 200
        rows = answer.iter_lines()
        first = next(it for it in rows if it.startswith("event:"))
        assert first in ("event: part", "event: beat", "event: live", "event: of")
        change()
        return list(islice((it for it in rows if it.startswith("event:")), MANY))


@pytest.mark.parametrize("change", CHANGES)
def test_a_stream_ends_with_what_opened_it(
    url: str, registry: Registry, own_plant: tuple[Queries, Clock], change: str
) -> None:
    _, clock = own_plant
    for path in PATHS if change == "sign-out" else PATHS[:1]:
        secret = registry.sessions.begin("chan", clock())
        kinds = after_change(
            url + path,
            {"cookie": f"{SESSION_COOKIE}={secret}"},
            partial(CHANGES[change], registry, clock, secret),
        )
        assert kinds[-1] == "event: ended"


def test_a_token_that_is_revoked_ends_its_stream_and_is_no_wrong_try(
    url: str, registry: Registry, own_plant: tuple[Queries, Clock]
) -> None:
    now = own_plant[1]()
    for number in range(3):
        label = f"board-{number}"
        roles = [Assignment.parse("operator@line:filler-1")]
        token = registry.tokens.add(label, roles, now + timedelta(days=1), now, by="boss")
        kinds = after_change(
            url + PATHS[2],
            {"authorization": f"Bearer {token}"},
            partial(registry.tokens.revoke, label, now),
        )
        assert kinds[-1] == "event: ended"


def test_a_stream_of_an_open_node_ends_when_the_first_account_closes_it(
    url: str, own_plant: tuple[Queries, Clock]
) -> None:
    kinds = after_change(url + PATHS[1], {}, lambda: with_accounts(own_plant[0]) and None)
    assert kinds[-1] == "event: ended"


@pytest.mark.parametrize("path", PATHS)
def test_a_stream_ends_when_more_is_withheld_than_it_shows(
    url: str, registry: Registry, own_plant: tuple[Queries, Clock], path: str
) -> None:
    now = own_plant[1]()
    roles = [Assignment.parse("officer")]
    token = registry.tokens.add("ho", roles, now + timedelta(days=1), now, by="boss")
    text = PLANT + "confidential: [reasons]\n"
    kinds = after_change(
        url + path,
        {"authorization": f"Bearer {token}"},
        lambda: registry.apply.plant(text, read_plant(text, "plant.yaml"), now) and None,
    )
    assert kinds[-1] == "event: ended"


def test_that_a_page_is_open_is_no_use_of_its_session(
    url: str, registry: Registry, own_plant: tuple[Queries, Clock]
) -> None:
    """Asked again and again meanwhile, it ends all the same when nobody used it for so long."""
    clock = own_plant[1]
    secret = registry.sessions.begin("chan", clock())
    headers = {"cookie": f"{SESSION_COOKIE}={secret}"}
    with httpx.stream("GET", url + PATHS[2], headers=headers, timeout=PATIENCE_S) as answer:
        events = (it for it in answer.iter_lines() if it.startswith("event:"))
        for _ in range(3):
            assert [next(events) for _ in range(6)] == ["event: live"] * 6
            clock.now += IDLE_MAX / 3 + timedelta(seconds=1)
        assert "event: ended" in islice(events, MANY)
