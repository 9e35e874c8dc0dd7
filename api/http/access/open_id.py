"""Signing in through an OpenID Connect provider: authorisation code with PKCE.

    browser ── /sign-in/provider ──▶ provider (its own sign-in) ── /sign-in/returned ──▶ us
    us ── code, verifier ──▶ provider ── ID token ──▶ us

What the browser brings back is believed only if it goes with what was asked: `state` belongs to
this browser (a cookie has it), `nonce` to this sign-in, `verifier` proves to the provider that
whoever asked for the code has it. The ID token is signed by a key of the provider, for us, and has
not ended.

Sources: OpenID Connect Core 1.0 3.1; RFC 7636 (PKCE); RFC 9700 (security of OAuth 2.0).
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from domain.access import Assignment
from domain.errors import LineproofError
from store.registry.accounts.identities import Identity

_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")  # none that takes a secret, and not "none"
_LEEWAY_S = 60
_TIMEOUT_S = 10.0
_KEYS_AGAIN_S = 10.0  # how soon unknown keys are asked for again
_DESCRIPTION_LASTS_S = 3600.0
_NAME_CLAIMS = ("preferred_username", "email")


class ProviderError(LineproofError):
    """The sign-in at the provider, or what came back from there, cannot be used."""

    http_status = 401


@dataclass(frozen=True, slots=True)
class OpenIdSettings:
    """`issuer`: the provider's address, as its ID tokens say it. `roles`: by a value of the claim
    `roles_claim` the roles that it gives; empty: roles are given here alone."""

    issuer: str
    client_id: str
    client_secret: str = ""
    name_claim: str = ""
    roles_claim: str = "roles"
    roles: Mapping[str, tuple[Assignment, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignInFlow:
    """What a browser keeps while its person signs in at the provider."""

    state: str
    nonce: str
    verifier: str

    def as_text(self) -> str:
        return ".".join((self.state, self.nonce, self.verifier))

    @classmethod
    def parse(cls, text: str) -> SignInFlow | None:
        parts = text.split(".")
        return cls(*parts) if len(parts) == 3 and all(parts) else None


class OpenId:
    """A provider, for one event loop. Its addresses and keys are asked for when they are needed."""

    def __init__(self, settings: OpenIdSettings) -> None:
        self.settings = settings
        self._description: dict[str, Any] = {}
        self._described_s = 0.0
        self._keys: KeySet | None = None
        self._keys_s = 0.0
        self._asking = asyncio.Lock()

    async def begin(self, returned_to: str) -> tuple[str, SignInFlow]:
        """Where the browser goes, and what it keeps meanwhile. Raises ProviderError."""
        description = await self._describe()
        flow = SignInFlow(*(secrets.token_urlsafe(32) for _ in range(3)))
        query = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": returned_to,
            "scope": "openid profile email",
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": create_s256_code_challenge(flow.verifier),
            "code_challenge_method": "S256",
        }
        return f"{description['authorization_endpoint']}?{urlencode(query)}", flow

    async def finish(
        self, flow: SignInFlow | None, query: Mapping[str, str], returned_to: str, now: datetime
    ) -> Identity:
        """Who signed in. Raises ProviderError."""
        state = query.get("state", "")
        if flow is None or not secrets.compare_digest(state.encode(), flow.state.encode()):
            raise ProviderError(
                "this sign-in was not begun in this browser, or long ago", todo="Sign in again."
            )
        if "error" in query or not query.get("code"):
            raise ProviderError(
                "the provider did not sign in anybody "
                f"({_printable(query.get('error', 'no code'))})",
                todo="Sign in again, or ask who runs the provider.",
            )
        if query.get("iss", self.settings.issuer) != self.settings.issuer:
            raise ProviderError("another provider answered (RFC 9207)", todo="Sign in again.")
        tokens = await self._exchange(query["code"], flow, returned_to)
        claims = await self._claims(str(tokens.get("id_token", "")), flow, now)
        return self._identity(claims)

    async def sign_out_address(self, returned_to: str) -> str | None:
        """Where the browser signs out of the provider, too, if that has such a place."""
        try:
            end = (await self._describe()).get("end_session_endpoint")
        except ProviderError:
            return None
        query = {"client_id": self.settings.client_id, "post_logout_redirect_uri": returned_to}
        return f"{end}?{urlencode(query)}" if end else None

    async def _exchange(self, code: str, flow: SignInFlow, returned_to: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": returned_to,
            "client_id": self.settings.client_id,
            "code_verifier": flow.verifier,
        }
        secret = self.settings.client_secret
        endpoint = str((await self._describe())["token_endpoint"])
        basic = httpx.BasicAuth(self.settings.client_id, secret) if secret else None
        return await self._ask("POST", endpoint, data=form, auth=basic)

    async def _claims(self, token: str, flow: SignInFlow, now: datetime) -> CodeIDToken:
        try:
            try:
                decoded = jwt.decode(token, await self._key_set(), algorithms=_ALGORITHMS)
            except (JoseError, ValueError):  # the provider may have new keys
                decoded = jwt.decode(token, await self._key_set(anew=True), algorithms=_ALGORITHMS)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                options={
                    "iss": {"essential": True, "value": self.settings.issuer},
                    "aud": {"essential": True, "value": self.settings.client_id},
                },
                params={"nonce": flow.nonce, "client_id": self.settings.client_id},
            )
            claims.validate(now=int(now.timestamp()), leeway=_LEEWAY_S)
        except (JoseError, ValueError) as error:
            raise ProviderError(
                f"the provider's ID token cannot be believed ({_printable(str(error))})",
                todo="Sign in again; if it stays so, compare issuer, client and clocks.",
            ) from None
        return claims

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        wanted = self.settings.name_claim
        names = (str(claims.get(it) or "") for it in ([wanted] if wanted else _NAME_CLAIMS))
        name = next((it for it in names if it), str(claims["sub"])).strip().lower()
        said = claims.get(self.settings.roles_claim)
        values = said if isinstance(said, list) else [said]
        roles = [role for value in values for role in self.settings.roles.get(str(value), ())]
        full_name = str(claims.get("name") or name)
        return Identity(
            self.settings.issuer, str(claims["sub"]), name, full_name, tuple(dict.fromkeys(roles))
        )

    async def _describe(self) -> dict[str, Any]:
        async with self._asking:
            if time.monotonic() - self._described_s > _DESCRIPTION_LASTS_S or not self._description:
                address = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
                found = await self._ask("GET", address)
                lacking = [
                    it
                    for it in ("authorization_endpoint", "token_endpoint", "jwks_uri")
                    if not isinstance(found.get(it), str)
                ]
                if found.get("issuer") != self.settings.issuer or lacking:
                    raise ProviderError(
                        f"{address} does not describe the provider '{self.settings.issuer}'",
                        todo="Set the issuer as the provider writes it.",
                    )
                self._description, self._described_s = found, time.monotonic()
            return self._description

    async def _key_set(self, *, anew: bool = False) -> KeySet:
        description = await self._describe()
        async with self._asking:
            old = time.monotonic() - self._keys_s > _KEYS_AGAIN_S
            if self._keys is None or (anew and old):
                found = await self._ask("GET", str(description["jwks_uri"]))
                self._keys = KeySet.import_key_set(found)  # type: ignore[arg-type]  # JSON as told
                self._keys_s = time.monotonic()
            return self._keys

    async def _ask(self, method: str, address: str, **content: Any) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_S) as client:
                answer = await client.request(method, address, **content)
            found = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise ProviderError(
                f"the provider does not answer ({_printable(str(error)) or type(error).__name__})",
                todo="Try again in a while, or ask who runs the provider.",
            ) from None
        if answer.is_error or not isinstance(found, dict):
            said = found.get("error", "") if isinstance(found, dict) else ""
            raise ProviderError(
                f"the provider refused with {answer.status_code} ({_printable(str(said))})",
                todo="Sign in again; if it stays so, compare client, secret and addresses.",
            )
        return found


def _printable(text: str) -> str:
    """What others wrote, as far as it can stand in a sentence."""
    return "".join(it for it in text[:200] if it.isprintable())
