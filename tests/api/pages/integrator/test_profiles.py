"""`/profiles` shows what the profiles' files say, packaged ones and the node's own."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import httpx
import pytest
import yaml
from own_profiles import rewrite
from web_plant import PLANT, app_of

from api.i18n import language
from api.pages.integrator.connection_settings import SETTINGS
from api.queries.lines import Queries
from device_profiles.files.catalogue import PACKAGED, names, read
from edge.sources.mqtt.settings import MQTT_KEYS
from edge.sources.opcua.settings import OPCUA_KEYS
from edge.sources.sparkplug.settings import SPARKPLUG_KEYS
from store.files.plant import read_plant

KEYS = {"opcua": OPCUA_KEYS, "mqtt-json": MQTT_KEYS, "sparkplug-b": SPARKPLUG_KEYS}


@pytest.fixture
async def at_a_node(filled: Queries, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Whose own profile contradicts its panel, beside one that cannot be read."""
    own = Path(shutil.copytree(PACKAGED / "packml/opcua", tmp_path / "acme" / "press"))
    rewrite(own / "profile.yaml", "name: packml/opcua", "name: acme/press")
    rewrite(own / "profile.yaml", "caveats:", "caveats:\n  - 100 %s of it %(is)s ours, 我們的.", 1)
    rewrite(own / "profile.yaml", "packml:UnitModeCurrent", "packml:UnitModeNow")
    rewrite(own / "panel.yaml", "total_count: 25", "total_count: 26", 1)
    (tmp_path / "acme" / "torn").mkdir()
    (tmp_path / "acme" / "torn" / "profile.yaml").write_text("name: <b>acme")
    app = app_of(filled, version="1", own_profiles=tmp_path)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    await app.state.services.close()


async def test_the_catalogue_has_every_profile_and_what_the_api_has(
    at_a_node: httpx.AsyncClient,
) -> None:
    page = (await at_a_node.get("/profiles")).text
    rows = (await at_a_node.get("/api/v1/profiles")).json()
    assert {it["profile"] for it in rows if not it["is_own"]} == set(names())
    assert {it.get("level") for it in rows if it["is_own"]} == {"draft", None}
    for it in rows:
        if "level" in it:
            assert f'href="/profiles/{it["profile"]}' in page
    assert "This profile cannot be read" in page
    assert "<b>acme" not in page
    chinese = (await at_a_node.get("/profiles?lang=zh-Hant")).text
    assert "<li>100 %s of it %(is)s ours, 我們的.</li>" in chinese, "as it is written"
    why = chinese.partition(language("zh-Hant").text("This profile cannot be read:"))[2]
    assert re.match(r"\s*\S+torn/profile.yaml 第 1 行", why), why[:200]


@pytest.mark.parametrize("name", names())
async def test_what_is_to_be_copied_loads(client: httpx.AsyncClient, name: str) -> None:
    page = (await client.get(f"/profiles/{name}")).text
    entry, whole = (
        unescape(re.search(f'<code id="{it}">(.*?)</code>', page, re.DOTALL)[1])  # type: ignore[index]  # it is there
        for it in ("entry-yaml", "profile-yaml")
    )
    assert whole == (PACKAGED / name / "profile.yaml").read_text(encoding="utf-8")
    text = yaml.safe_load(PLANT)
    text["lines"]["filler-1"]["machines"] |= yaml.safe_load(entry)
    machine = read_plant(yaml.safe_dump(text), "plant.yaml").lines["filler-1"].machines["machine-1"]
    assert machine.profile == name
    profile = read(name)
    for parameter in profile.parameters:
        assert parameter in page
    chinese = unescape((await client.get(f"/profiles/{name}?lang=zh-Hant")).text)
    for text, _ in profile.linked_caveats:
        assert f"<li>{text}" in unescape(page)
        assert f"<li>{language('zh-Hant').text(text)}" in chinese


async def test_a_panel_that_contradicts_is_shown_where_it_does(
    at_a_node: httpx.AsyncClient,
) -> None:
    catalogue = (await at_a_node.get("/profiles")).text
    place = re.search(r'href="(/profiles/acme/press\?own=\w+)"', catalogue)
    assert place
    page = (await at_a_node.get(place[1])).text
    assert "What the machine&#39;s panel showed contradicts the recording." in page
    assert re.search(r"<td>26</td><td>.*?</svg> 25</td>", page, re.DOTALL)
    assert "<details open>" in page
    chinese = (await at_a_node.get(place[1] + "&lang=zh-Hant")).text
    assert "機器面板所示與記錄檔不符。" in chinese
    assert re.search(r"Wrong: input &#39;mode&#39; never gave a value", page)
    assert re.search(r"錯誤：\s*輸入項「mode」從未", chinese)


async def test_one_that_is_not_there(client: httpx.AsyncClient) -> None:
    answer = await client.get("/profiles/packml/opcux")
    assert answer.status_code == 404
    assert "packml/opcua" in answer.text
    assert (await client.get("/profiles/packml/opcua?own=12345678")).status_code == 404


@pytest.mark.parametrize("protocol", KEYS)
def test_settings_are_those_that_the_agent_takes(protocol: str) -> None:
    assert {it.name for it in SETTINGS[protocol]} <= set(KEYS[protocol])
