"""`users`, `tokens`: who may sign in and by what programs ask; for administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.http.dependencies import CallerDep, Services, ServicesDep
from api.http.paging import PageDep, json_answer
from api.http.routes import PREFIX
from api.records import accounts as records
from store.registry.accounts.secrets import PASSWORD_MAX

router = APIRouter(prefix=PREFIX, tags=["accounts"])
_Role = Annotated[str, Field(max_length=200)]
_Roles = Annotated[
    list[_Role],
    Field(max_length=50, description="Each a role and its scope, as in officer@scheme:NIFS"),
]
# What is too long for a password is told so by its own sentence, up to here.
_Password = Annotated[str | None, Field(max_length=10 * PASSWORD_MAX)]
_Text = Annotated[str, Field(max_length=200)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewUser(_Given):
    """An account to add; without a password it gets a link that sets one. `device`: a tablet that
    people share; its link signs it in."""

    name: _Text
    roles: _Roles
    full_name: _Text = ""
    password: _Password = None
    device: bool = False


class NewPassword(_Given):
    """Another password; left out: a link that sets one."""

    password: _Password = None


class NewRoles(_Given):
    """Roles instead of those that the account had."""

    roles: _Roles


class NewPin(_Given):
    """By which a person signs on at shared tablets, 4 to 8 digits; null: none any more."""

    pin: Annotated[str | None, Field(max_length=200)]


class NewBadge(_Given):
    """The badge's number, as a reader tells it; null: none any more."""

    number: Annotated[str | None, Field(max_length=200)]


class NewToken(_Given):
    """A token to make."""

    label: _Text
    roles: _Roles
    ends: Annotated[_Text, Field(description="ISO 8601; without offset in UTC; a day: its start")]


async def _done(
    services: Services, work: Callable[[], dict[str, Any]], status: int = 200
) -> Response:
    answer = json_answer(await services.lanes.quick.run(work))
    answer.status_code = status
    answer.headers["cache-control"] = "no-store"  # links and secrets are told once
    return answer


@router.get("/users", summary="Accounts by name")
def users(services: ServicesDep, page: PageDep) -> Response:
    return page.of(records.users_json(services.registry))


@router.post("/users", status_code=201, summary="Add an account")
async def add_user(given: NewUser, services: ServicesDep) -> Response:
    """The first one is an administrator: it closes the node."""
    new, now = records.NewAccount(**given.model_dump()), services.queries.now()
    return await _done(services, lambda: records.create_account(services.registry, new, now), 201)


@router.post("/users/{name}/disable", summary="Disable an account")
async def disable_user(name: str, services: ServicesDep) -> Response:
    """It is signed out everywhere at once; its name stays with what it did."""
    now = services.queries.now()
    return await _done(services, lambda: records.disable_account(services.registry, name, now))


@router.post("/users/{name}/enable", summary="Enable an account again")
async def enable_user(name: str, services: ServicesDep) -> Response:
    return await _done(services, lambda: records.enable_account(services.registry, name))


@router.post("/users/{name}/reset", summary="Another password, or a link that sets one")
async def reset_user(name: str, given: NewPassword, services: ServicesDep) -> Response:
    now, password = services.queries.now(), given.password
    return await _done(
        services, lambda: records.reset_account(services.registry, name, now, password)
    )


@router.post("/users/{name}/roles", summary="Other roles of an account")
async def set_roles(name: str, given: NewRoles, services: ServicesDep) -> Response:
    return await _done(services, lambda: records.assign_roles(services.registry, name, given.roles))


@router.post("/users/{name}/pin", summary="Another PIN of an account, or none")
async def set_pin(name: str, given: NewPin, services: ServicesDep) -> Response:
    return await _done(services, lambda: records.give_pin(services.registry, name, given.pin))


@router.post("/users/{name}/badge", summary="Another badge of an account, or none")
async def set_badge(name: str, given: NewBadge, services: ServicesDep) -> Response:
    return await _done(services, lambda: records.give_badge(services.registry, name, given.number))


@router.get("/tokens", summary="Tokens by label, those that ended too")
def tokens(services: ServicesDep, page: PageDep) -> Response:
    return page.of(records.tokens_json(services.registry))


@router.post("/tokens", status_code=201, summary="Make a token")
async def add_token(given: NewToken, services: ServicesDep, caller: CallerDep) -> Response:
    """Its secret is in this answer and nowhere else."""
    now, it, registry = services.queries.now(), given, services.registry

    def made() -> dict[str, Any]:
        return records.create_token(registry, it.label, it.roles, it.ends, now, caller.name)

    return await _done(services, made, 201)


@router.post("/tokens/{label}/revoke", summary="Revoke a token")
async def revoke_token(label: str, services: ServicesDep) -> Response:
    now = services.queries.now()
    return await _done(services, lambda: records.withdraw_token(services.registry, label, now))
