"""Faults of machines' sources, from what an agent told to the words that people read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from telemetry import batch
from web_plant import NOW, ZONE, Clock, app_of, sample_frame, store_of

from api.documents.source_faults import fault_words
from api.i18n import LANGUAGES, language
from api.queries.lines import Queries
from domain.signals import FAULTS
from domain.source_faults import Cause, FaultCode, SourceFault, to_text

NOT_SERVED = SourceFault(
    FaultCode.ADDRESS_NOT_SERVED,
    None,
    "/{urn:v}Totl",
    "no such node (BadNoMatch)",
    "BadNoMatch",
    ("Total", "State"),
)
REJECTED = SourceFault(FaultCode.VALUES_REJECTED, NOW, "unknown code '7'", count=1234)
AHEAD = SourceFault(FaultCode.CLOCK_AHEAD, amount_s=8 * 3600.0 + 2)


def words(fault: SourceFault, tag: str = "en") -> tuple[str, str]:
    found = fault_words("filler", fault, language(tag), ZONE)
    return found.what, found.todo


@pytest.mark.parametrize("code", FaultCode)
def test_every_fault_is_said_in_every_language(code: FaultCode) -> None:
    fault = SourceFault(code, NOW, "a/b", "its own word", "", ("c",), 3, 90.0)
    said = {tag: words(fault, tag) for tag in LANGUAGES}
    assert len({what for what, _ in said.values()}) == len(LANGUAGES)
    assert len({todo for _, todo in said.values()}) == len(LANGUAGES)
    assert all("filler" in what and "%(" not in what for what, _ in said.values())


def test_the_words_name_what_is_there_how_much_and_what_to_do() -> None:
    assert words(NOT_SERVED) == (
        "filler does not serve /{urn:v}Totl: the server has no such node (BadNoMatch). "
        "There is: Total, State.",
        "Correct the address in the profile, or its parameters in the plant file.",
    )
    assert words(REJECTED)[0] == "1,234 values of filler could not be used: unknown code '7'"
    assert words(AHEAD)[0] == "The clock of filler is 8 hrs ahead."
    assert "wrong time zone" in words(AHEAD)[1]
    behind = SourceFault(FaultCode.CLOCK_BEHIND, amount_s=-5.5 * 3600 + 3)
    assert words(behind)[0] == "The clock of filler is 5 hrs 30 mins behind."
    assert "wrong time zone" in words(behind)[1]
    slow = SourceFault(FaultCode.CLOCK_BEHIND, amount_s=-605.0)
    assert words(slow) == (
        "The clock of filler is 10 mins 5 secs behind.",
        "Set the machine's clock, best by NTP; or write 'time: receipt' in the profile.",
    )


URL = "opc.tcp://10.0.0.9:4840"
REFUSED = SourceFault(
    FaultCode.SIGN_IN_REFUSED, NOW, URL, f"the server at {URL} refused us", "BadUserAccessDenied"
)


def test_a_known_status_is_said_in_plain_words_with_the_address_of_the_peer() -> None:
    english, traditional, simplified = (words(REFUSED, tag)[0] for tag in LANGUAGES)
    assert english.endswith(f": {URL}: the user may not do this (BadUserAccessDenied)")
    assert traditional.endswith(f"{URL}: 用戶無權這樣做（BadUserAccessDenied）")
    assert simplified.endswith(f"{URL}: 用户无权这样做（BadUserAccessDenied）")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_an_unknown_status_leaves_the_agents_own_sentence(tag: str) -> None:
    said, _ = words(replace(REFUSED, status="BadOfTheVendor"), tag)
    assert said.endswith(f"the server at {URL} refused us")


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("BadSensorFailure", "is bad: the sensor has failed (BadSensorFailure)"),
        ("BadNoCommunication", "is bad: the server has no connection with the machine behind it"),
        ("BadOfTheVendor", "is bad: BadOfTheVendor"),
        ("Bad", "is bad: the server gives no reason (Bad)"),
        ("", "its value of Total is bad."),
    ],
)
def test_a_bad_value_is_told_with_the_status_that_the_server_gives(status: str, says: str) -> None:
    fault = SourceFault(FaultCode.BAD_QUALITY, NOW, "Total", status=status)
    assert says in words(fault)[0]
    for tag in LANGUAGES:
        assert status in words(fault, tag)[0]
    assert len({words(fault, tag)[0] for tag in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize(
    "cause", [Cause.CERTIFICATE_UNREADABLE, Cause.NO_APPLICATION_URI, Cause.SOURCE_FAILED]
)
def test_why_a_machine_is_not_read_is_said_in_every_language(cause: Cause) -> None:
    fault = SourceFault(FaultCode.MISCONFIGURED, NOW, "k.pem", "an English sentence", cause)
    said = {tag: words(fault, tag)[0] for tag in LANGUAGES}
    assert len(set(said.values())) == len(LANGUAGES)
    for text in said.values():
        assert "k.pem: " in text
        assert "English" not in text


@pytest.mark.parametrize(
    ("minutes", "what"), [(2, "as much later"), (4.9, "as much later"), (6, "shown as unknown")]
)
def test_what_an_agents_clock_that_is_ahead_means_is_told(minutes: float, what: str) -> None:
    said, _ = words(SourceFault(FaultCode.AGENT_CLOCK_AHEAD, amount_s=minutes * 60))
    assert what in said


def test_a_percent_sign_or_a_tag_in_a_detail_is_text() -> None:
    fault = SourceFault(FaultCode.MISCONFIGURED, NOW, detail="100%s <b>%(x)s</b>")
    assert words(fault)[0] == "filler is not read: 100%s <b>%(x)s</b>"


async def test_what_an_agent_tells_is_on_pages_in_health_in_metrics_and_in_the_live_document(
    own_plant: tuple[Queries, Clock],
) -> None:
    queries, clock = own_plant
    evil = SourceFault(FaultCode.ADDRESS_NOT_SERVED, None, "<script>", "gone")
    text = to_text([evil, REJECTED, AHEAD])
    told = {"signal": FAULTS, "time": NOW + timedelta(seconds=1), "text": text}
    store_of(queries).append(
        [batch(1, sample_frame("filler-1", "filler", [told]), agent="agent-source")]
    )
    clock.now = NOW + timedelta(seconds=2)
    app = app_of(queries, version="1")
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        line = (await client.get("/lines/filler-1")).text
        assert "Bottle filler does not serve &lt;script&gt;: gone" in line
        assert "1,234 values of Bottle filler could not be used" in line
        assert "The clock of Bottle filler is 8 hrs ahead." in line
        assert "樽裝灌裝機 沒有提供" in (await client.get("/lines/filler-1?lang=zh-Hant")).text
        floor = (await client.get("/floor?lang=en")).text
        assert "Bottle filler does not serve &lt;script&gt;: gone" in floor
        assert "And 2 more." in floor
        assert "瓶装灌装机 没有提供" in (await client.get("/floor?lang=zh-Hans")).text
        live = (await client.get("/api/v1/lines/filler-1")).json()
        codes = ["address_not_served", "values_rejected", "clock_ahead"]
        assert [it["code"] for it in live["faults"]] == codes
        assert live["faults"][1]["count"] == 1234
        ready = (await client.get("/api/v1/health/ready")).json()
        assert [it["code"] for it in ready["faults"] if it["line"] == "filler-1"] == codes
        metrics = (await client.get("/metrics")).text
    await app.state.services.close()
    labels = 'line="filler-1",machine="filler"'
    assert f'lineproof_source_faults{{code="values_rejected",{labels}}} 1.0' in metrics
    assert f"lineproof_machine_clock_ahead_seconds{{{labels}}} 28802.0" in metrics
    assert "script" not in metrics
