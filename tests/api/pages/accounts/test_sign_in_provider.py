"""Signing in through a real OpenID Connect provider (npm oidc-provider)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from browser import serving
from openid_provider import Provider, openid_provider, sign_in_at
from peers import PATIENCE_S, free_port
from web_plant import Clock, app_of, filled_queries, registry_of, store_of

from api.http.access.callers import SESSION_COOKIE
from api.http.access.open_id import OpenIdSettings
from api.pages.accounts.sign_in import FLOW_COOKIE, NEXT_COOKIE
from api.queries.lines import Queries
from domain.access import Assignment
from lineproof.clock import utc_now
from store.registry.registry import Registry

ROLES = {"operators": (Assignment.parse("operator@line:filler-1"),)}


class Node:
    """A node that a provider signs people in to, its clock and its address."""

    def __init__(self, queries: Queries, clock: Clock, url: str, provider: Provider) -> None:
        self.queries, self.clock, self.url, self.provider = queries, clock, url, provider

    @property
    def registry(self) -> Registry:
        return registry_of(self.queries)

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        with httpx.Client(headers={"accept": "text/html"}, timeout=PATIENCE_S) as client:
            yield client

    def begin(self, browser: httpx.Client, then: str = "/") -> str:
        """Where the sign-in leads to."""
        answer = browser.get(f"{self.url}/sign-in/provider", params={"next": then})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def sign_in(self, browser: httpx.Client, login: str, then: str = "/") -> httpx.Response:
        return browser.get(sign_in_at(browser, self.begin(browser, then), login))


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder: Path = tmp_path_factory.mktemp("provided")
    clock = Clock(utc_now())  # the provider has the clock of the wall
    queries = filled_queries(folder, clock)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with openid_provider(folder, f"{url}/sign-in/returned") as provider:
        settings = OpenIdSettings(provider.issuer, "lineproof", "a secret of the test", roles=ROLES)
        registry_of(queries).accounts.add(
            "boss", "", [Assignment.parse("administrator")], queries.now()
        )
        with serving(app_of(queries, version="1", open_id=settings), port=port):
            yield Node(queries, clock, url, provider)
    store_of(queries).close()
    registry_of(queries).close()


def test_who_has_roles_by_its_claims_gets_an_account_and_is_led_where_it_wanted(node: Node) -> None:
    with node.browser() as browser:
        answer = node.sign_in(browser, "chan.operators", "/lines/filler-1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/lines/filler-1")
        page = browser.get(f"{node.url}/lines/filler-1")
        assert page.status_code == 200
        assert '<a href="/account">chan</a>' in page.text
        assert browser.get(f"{node.url}/grants").status_code == 403
    account = node.registry.accounts.named("chan")
    assert (account.full_name, account.assignments) == ("CHAN", ROLES["operators"])


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example/", "https://evil.example/", "/\\evil.example"]
)
@pytest.mark.parametrize("by", ["a link", "a cookie"])
def test_after_the_provider_nobody_is_led_away(node: Node, by: str, elsewhere: str) -> None:
    with node.browser() as browser:
        begun = node.begin(browser, elsewhere if by == "a link" else "/")
        returned = sign_in_at(browser, begun, "chan.operators")
        if by == "a cookie":
            (kept,) = (it for it in browser.cookies.jar if it.name == NEXT_COOKIE)
            kept.value = quote(elsewhere)
        answer = browser.get(returned)
    assert (answer.status_code, answer.headers["location"]) == (303, "/floor")


def test_who_signs_out_may_leave_the_provider_too(node: Node) -> None:
    with node.browser() as browser:
        node.sign_in(browser, "chan.operators")
        page = browser.get(f"{node.url}/floor").text
        token = re.search(r'name="form_token" value="([^"]+)"', page)
        assert token is not None
        answer = browser.post(f"{node.url}/sign-out", data={"form_token": token[1]})
        assert answer.headers["location"] == "/sign-in?left=true"
        left = browser.get(f"{node.url}/sign-in?left=true").text
        link = re.search(rf'href="({node.provider.issuer}/[^"]+)"', left)
        assert link is not None
        asked = browser.get(unescape(link[1]))
        assert asked.status_code == 200
        assert "Do you want to sign-out" in asked.text


def test_who_has_no_roles_and_no_account_is_told_whom_to_ask(node: Node) -> None:
    with node.browser() as browser:
        answer = node.sign_in(browser, "stranger")
    assert answer.status_code == 403
    assert "there is no account for &#39;stranger&#39;" in answer.text
    assert SESSION_COOKIE not in answer.cookies


def test_an_account_that_was_made_for_it_is_its_own_and_one_with_a_password_is_not(
    node: Node,
) -> None:
    accounts, now = node.registry.accounts, node.queries.now()
    for name in ("made", "taken"):
        accounts.add(name, "", [Assignment.parse("officer")], now)
    accounts.set_password("taken", "plover plinth plenty")
    with node.browser() as browser:
        assert node.sign_in(browser, "made").status_code == 303
    with node.browser() as browser:
        answer = node.sign_in(browser, "taken")
    assert answer.status_code == 403
    assert "not this person&#39;s" in answer.text
    # The same name of another identity, later.
    with node.browser() as browser:
        assert "not this person&#39;s" in node.sign_in(browser, "made.operators").text


def test_a_disabled_account_is_not_signed_in_by_its_provider(node: Node) -> None:
    with node.browser() as browser:
        assert node.sign_in(browser, "leung.operators").status_code == 303
        node.registry.accounts.disable("leung", node.queries.now())
        assert browser.get(f"{node.url}/floor").status_code == 303
        answer = node.sign_in(browser, "leung.operators")
    assert answer.status_code == 403
    assert "is disabled" in answer.text


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(node: Node) -> None:
    """Somebody is led to an address with the code of an attacker's own sign-in."""
    with node.browser() as attacker, node.browser() as victim:
        address = sign_in_at(attacker, node.begin(attacker), "chan.operators")
        assert victim.get(address).status_code == 401
        node.begin(victim)
        answer = victim.get(address)
    assert answer.status_code == 401
    assert "was not begun in this browser" in answer.text
    assert SESSION_COOKIE not in answer.cookies


def test_an_id_token_of_another_sign_in_is_refused(node: Node) -> None:
    """The nonce is that of the flow, whatever state and code say."""
    with node.browser() as browser:
        address = sign_in_at(browser, node.begin(browser), "chan.operators")
        state, _, verifier = browser.cookies[FLOW_COOKIE].split(".")
        browser.cookies.clear()
        browser.cookies.set(FLOW_COOKIE, f"{state}.another-nonce.{verifier}", domain="127.0.0.1")
        answer = browser.get(address)
    assert answer.status_code == 401
    assert "ID token cannot be believed" in answer.text


def test_a_code_without_its_verifier_is_worth_nothing(node: Node) -> None:
    with node.browser() as browser:
        address = sign_in_at(browser, node.begin(browser), "chan.operators")
        state, nonce, _ = browser.cookies[FLOW_COOKIE].split(".")
        browser.cookies.clear()
        browser.cookies.set(FLOW_COOKIE, f"{state}.{nonce}.{'x' * 43}", domain="127.0.0.1")
        answer = browser.get(address)
    assert answer.status_code == 401
    assert "the provider refused with 400 (invalid_grant)" in answer.text


def test_an_address_is_good_once(node: Node) -> None:
    with node.browser() as browser:
        address = sign_in_at(browser, node.begin(browser), "chan.operators")
        kept = browser.cookies[FLOW_COOKIE]
        assert browser.get(address).status_code == 303
        browser.cookies.set(FLOW_COOKIE, kept, domain="127.0.0.1")
        assert browser.get(address).status_code == 401


def test_an_id_token_that_has_ended_is_refused(node: Node) -> None:
    with node.browser() as browser:
        address = sign_in_at(browser, node.begin(browser), "chan.operators")
        node.clock.now += timedelta(days=1)
        try:
            answer = browser.get(address)
        finally:
            node.clock.now -= timedelta(days=1)
    assert answer.status_code == 401
    assert "ID token cannot be believed" in answer.text


def test_new_keys_of_the_provider_are_taken_up(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.http.access.open_id._KEYS_AGAIN_S", 0.0)
    with node.browser() as browser:
        assert node.sign_in(browser, "chan.operators").status_code == 303
    node.provider.new_keys()
    with node.browser() as browser:
        assert node.sign_in(browser, "chan.operators").status_code == 303


def test_a_refusal_of_the_provider_is_told(node: Node) -> None:
    with node.browser() as browser:
        node.begin(browser)
        state = browser.cookies[FLOW_COOKIE].split(".")[0]
        query = {"state": state, "error": "access_denied\x1b[31m"}
        answer = browser.get(f"{node.url}/sign-in/returned", params=query)
    assert answer.status_code == 401
    assert "did not sign in anybody (access_denied[31m)" in answer.text


def test_a_provider_that_does_not_answer_is_told(own_plant: tuple[Queries, Clock]) -> None:
    settings = OpenIdSettings(f"http://127.0.0.1:{free_port()}", "lineproof")
    with (
        serving(app_of(own_plant[0], version="1", open_id=settings)) as url,
        httpx.Client(headers={"accept": "text/html"}, timeout=PATIENCE_S) as browser,
    ):
        answer = browser.get(f"{url}/sign-in/provider")
    assert answer.status_code == 401
    assert "the provider does not answer" in answer.text
