"""Documents on the page of a milestone: the list, its links, and the form that attaches one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from browser import chromium, serving, visit
from office_files import PDF, office_xml
from playwright.sync_api import Browser, Page, expect
from signing_in import PASSWORD, asking, sign_in
from web_plant import Clock, app_of, on_board, registry_of

from api.queries.lines import Queries
from domain.access import Assignment
from domain.document_acts import ActOnDocument, DocumentAct
from domain.grants import AttachedDocument
from store.registry.audit import AuditFilter

REF = "NIFS-2025-017"
PAGE = f"/grants/{REF}/M3"
FORM = f"{PAGE}/attachments"


@pytest.fixture
def queries(own_plant: tuple[Queries, Clock]) -> Queries:
    """Lee is the company's supervisor, Chan an officer, Aud an auditor."""
    found = own_plant[0]
    accounts = registry_of(found).accounts
    for name, role in (
        ("boss", "administrator"), ("lee", "supervisor@line:filler-1"), ("aud", "auditor"),
        ("chan", "officer@scheme:NIFS"),
    ):  # fmt: skip
        accounts.add(name, name.title(), [Assignment.parse(role)], found.now())
        accounts.set_password(name, PASSWORD)
    return found


@pytest.fixture
async def client(queries: Queries) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(app_of(on_board(queries), version="1")) as client:
        yield client


async def send(
    client: httpx.AsyncClient, name: str = "a.pdf", data: bytes = PDF, **fields: str
) -> httpx.Response:
    html = (await client.get(PAGE)).text
    found = re.search(r'name="form_token" value="([^"]+)"', html)
    assert found is not None
    given = {"form_token": found[1], "kind": ""} | fields
    return await client.post(FORM, data=given, files={"file": (name, data)})


def attached(queries: Queries) -> list[AttachedDocument]:
    return queries.documents(REF)


async def test_who_may_attaches_and_everybody_sees_it(
    client: httpx.AsyncClient, queries: Queries
) -> None:
    for name, kind in (("lee", "報告"), ("chan", "")):
        await sign_in(client, name)
        answer = await send(client, f"{name} <帳目>.pdf".replace("<", "(").replace(">", ")"),
                            PDF + name.encode(), kind=kind)  # fmt: skip
        assert (answer.status_code, answer.headers["location"]) == (303, PAGE), answer.text
    one, two = attached(queries)
    assert (one.milestone, one.kind, one.attached_by) == ("M3", "報告", "lee")
    assert (two.file_name, two.kind) == ("chan (帳目).pdf", "document")
    await sign_in(client, "aud")
    page = (await client.get(PAGE)).text
    for it in (one, two):
        assert f'<a href="/api/v1/projects/{REF}/attachments/{it.sha256}" download>' in page
        assert it.file_name in page
    assert 'type="file"' not in page
    assert "None is attached yet" in (await client.get(f"/grants/{REF}/M1")).text
    told = registry_of(queries).audit.page(AuditFilter(who="lee", what="change"))
    assert [it.event.place for it in told] == [f"milestone M3 of {REF}: document {one.sha256}"]


async def test_forms_from_elsewhere_and_of_who_only_reads_attach_nothing(
    client: httpx.AsyncClient, queries: Queries, tmp_path: Path
) -> None:
    await sign_in(client, "lee")
    for token in ({}, {"form_token": "guessed"}):
        answer = await client.post(FORM, data=token, files={"file": ("a.pdf", PDF)})
        assert answer.status_code == 403
        assert "this form was not sent from a page of this server" in answer.text
    # The token behind the file is too late: by then its bytes would be there.
    html = (await client.get(PAGE)).text
    token = re.search(r'name="form_token" value="([^"]+)"', html)
    assert token is not None
    late = [("file", ("a.pdf", PDF)), ("form_token", (None, token[1].encode()))]
    assert (await client.post(FORM, files=late)).status_code == 403
    client.headers["origin"] = "https://evil.example"
    assert (await send(client)).status_code == 403
    del client.headers["origin"]
    await sign_in(client, "aud")
    assert (await send(client)).status_code == 403
    assert attached(queries) == []
    assert not list(tmp_path.rglob(".*.tmp"))


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("", b"", "no file was chosen"),
        ("a.html", b"<script>alert(1)</script>", "are not taken"),
        ("a.pdf", b"<script>alert(1)</script>", "its name says PDF"),
        ("a.docx", office_xml("docx", {"word/vbaProject.bin": b"x"}), "it has macros"),
        ("../a.pdf", PDF, "is no name for a document"),
    ],
)
async def test_what_is_refused_is_told_on_the_page(
    client: httpx.AsyncClient, queries: Queries, name: str, data: bytes, says: str
) -> None:
    await sign_in(client, "lee")
    answer = await send(client, name, data)
    assert answer.status_code == 422
    assert says in answer.text
    assert 'type="file"' in answer.text
    assert "<script>alert" not in answer.text
    assert attached(queries) == []


async def test_what_is_no_form_with_a_file_is_told(client: httpx.AsyncClient) -> None:
    await sign_in(client, "lee")
    answer = await client.post(FORM, data={"kind": "x"})
    assert answer.status_code == 422
    assert "no form with a file" in answer.text
    assert (await client.post(f"/grants/{REF}/M99/attachments", data={})).status_code == 404


async def test_a_name_is_shown_as_text(client: httpx.AsyncClient, queries: Queries) -> None:
    await sign_in(client, "lee")
    assert (await send(client, "a&b 'c'.pdf", kind="<i>x</i>")).status_code == 303
    page = (await client.get(PAGE)).text
    assert "a&amp;b &#39;c&#39;.pdf" in page
    assert "<i>x</i>" not in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("kept until", "On legal hold by Ho since", "Its bytes were removed on", "Attach")),
        ("zh-Hant", ("保存至", "起作出法律保留：審計", "在保存期滿後移除", "附上後不能收回")),
        ("zh-Hans", ("保存至", "起依法保留：審計", "在保存期满后移除", "附上后不能收回")),
    ],
)
async def test_holds_and_removals_are_read_in_three_languages(
    client: httpx.AsyncClient, queries: Queries, language: str, words: tuple[str, ...]
) -> None:
    await sign_in(client, "lee")
    registry, now = registry_of(queries), queries.now()
    for data in (PDF, PDF + b"x"):
        await send(client, data=data)
    gone, held = (it.sha256 for it in attached(queries))
    registry.retain.put(ActOnDocument(REF, held, DocumentAct.HOLD, "Ho", now, "審計"))
    registry.retain.remove_expired(
        now + timedelta(days=366 * 12), author="Ho", agree=lambda _due: True, only=(REF, gone)
    )
    page = (await client.get(PAGE, params={"lang": language})).text
    for word in words:
        assert word in page
    assert len(re.findall(r"/attachments/\w+\" download>", page)) == 1


async def test_where_a_plant_keeps_names_confidential_they_are_told_by_codes(
    client: httpx.AsyncClient, queries: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.http.access.callers import Seen
    from domain.plant import Confidential

    await sign_in(client, "lee")
    await send(client)
    withheld = frozenset({Confidential.NAMES})
    monkeypatch.setattr(Seen, "withheld_of_project", lambda _seen, _project: withheld)
    listed = (await client.get(f"/api/v1/projects/{REF}/attachments")).json()
    assert re.fullmatch(r"Person \w{6}", listed[0]["attached_by"])
    assert listed[0]["attached_by"] in (await client.get(PAGE)).text


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def signed_in(page: Page, url: str, name: str) -> None:
    page.goto(f"{url}/sign-in?lang=en")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)
    page.goto(url + PAGE)


def test_a_document_goes_in_and_comes_out_in_a_browser(
    queries: Queries, browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "帳目 2026.pdf"
    file.write_bytes(PDF)
    app = app_of(on_board(queries), version="1")
    with serving(app) as url, visit(browser, viewport={"width": 1024, "height": 768}) as seen:
        page = seen.page
        signed_in(page, url, "lee")
        page.get_by_text("Attach a document").click()
        page.get_by_label("File", exact=True).set_input_files(file)
        page.get_by_role("button", name="Attach", exact=True).click()
        link = page.get_by_role("link", name=file.name)
        expect(link).to_be_visible()
        with page.expect_download() as download:
            link.click()
        assert download.value.suggested_filename == file.name
        assert Path(download.value.path()).read_bytes() == PDF
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert not seen.complaints
        # Asked for as a page, it is a download all the same.
        with page.expect_download() as download:
            page.evaluate("address => { location.href = address }", link.get_attribute("href"))
        assert Path(download.value.path()).read_bytes() == PDF
