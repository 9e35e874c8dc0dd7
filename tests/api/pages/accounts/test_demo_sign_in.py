"""The demo: everything is open until somebody clicks to be one of its people; nowhere else."""

from __future__ import annotations

import httpx
from signing_in import asking, send, with_accounts
from web_plant import Clock, app_of

from api.http.dependencies import DemoPerson
from api.queries.lines import Queries
from domain.access import Role

PEOPLE = [
    DemoPerson("chan", Role.OPERATOR, "/lines/filler-1"),
    DemoPerson("boss", Role.INTEGRATOR, "/floor"),
]


async def be(client: httpx.AsyncClient, name: str) -> httpx.Response:
    return await send(client, "/floor", "/sign-in/demo", name=name)


async def test_a_click_signs_in_and_signing_out_opens_everything_again(
    own_plant: tuple[Queries, Clock],
) -> None:
    with_accounts(own_plant[0])
    async with asking(app_of(own_plant[0], version="1", demo_people=PEOPLE)) as client:
        page = await client.get("/grants")
        assert page.status_code == 200, "it is open"
        assert "This is a demo: its plant, its figures and its accounts are made up" in page.text
        assert "There is no sign-in yet" not in page.text
        assert "這是示範" in (await client.get("/floor?lang=zh-Hant")).text
        assert "这是演示" in (await client.get("/floor?lang=zh-Hans")).text
        answer = await be(client, "chan")
        assert (answer.status_code, answer.headers["location"]) == (303, "/lines/filler-1")
        assert (await client.get("/grants")).status_code == 403
        assert (await client.get("/account")).status_code == 200
        assert (await be(client, "boss")).headers["location"] == "/floor"
        assert (await client.get("/users")).status_code == 200
        out = await send(client, "/floor", "/sign-out")
        signing_in = (await client.get(out.headers["location"])).text
        assert 'type="password"' not in signing_in, "there is nothing to type"
        assert (await client.get("/grants")).status_code == 200
        assert (await be(client, "nobody")).status_code == 404
        unasked = await client.post("/sign-in/demo", data={"name": "boss"})
        assert unasked.status_code == 403, "a form of another site"


async def test_a_click_signs_nobody_in_elsewhere(own_plant: tuple[Queries, Clock]) -> None:
    with_accounts(own_plant[0])
    async with asking(app_of(own_plant[0], version="1")) as node:
        assert "This is a demo" not in (await node.get("/sign-in")).text
        answer = await send(node, "/sign-in", "/sign-in/demo", name="boss")
        assert answer.status_code == 404
        assert (await node.get("/floor")).status_code == 303
    demo = app_of(own_plant[0], version="1", demo_people=PEOPLE)
    async with asking(demo, address="192.0.2.7") as another_machine:
        assert (await be(another_machine, "boss")).status_code == 404
