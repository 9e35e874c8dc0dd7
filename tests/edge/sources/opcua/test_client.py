"""Security of the OPC UA source against node-opcua: the named policy or a refusal."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from certificates import Certificate, make_certificate
from node_machine import NodeMachine, node_machine, packml
from opcua_server import opcua_server
from peers import PATIENCE_S
from recording_sink import RecordingSink, running_source, until, utc_now

from api.documents.status_words import WORDS
from domain.source_faults import Cause, FaultCode
from edge.config import MachineConfig
from edge.sources.base import MisconfiguredError, Source
from edge.sources.factory import make_source

TOTAL = packml("Admin", "ProdProcessedCount")
POLICIES = ["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"]
Offering = tuple[str, NodeMachine]
with_the_first = pytest.mark.parametrize("offering", POLICIES[:1], indirect=True)


@pytest.fixture(scope="module", params=POLICIES)
def offering(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Offering]:
    """A policy, and a machine that offers that one and nothing else."""
    folder = tmp_path_factory.mktemp("machine")
    with node_machine(folder, secure_only=request.param, initial={"total": 5}) as running:
        yield request.param, running


def source_of(*, folder: Path = Path("unused"), **connection: Any) -> Source:
    texts = {name: str(value) for name, value in connection.items()}
    machine = MachineConfig(line="l", machine="m", profile="p", connection=texts)
    return make_source(machine, [TOTAL], utc_now, agent="tester", folder=folder)


def secured(url: str, security: str, mine: Certificate) -> Source:
    return source_of(
        folder=mine.key.parent,
        url=url,
        security=security,
        certificate=mine.certificate,
        key=mine.key,
    )


async def value_by(source: Source) -> None:
    """Waits for a value."""
    sink = RecordingSink()
    async with running_source(source, sink):
        await until(lambda: bool(sink.readings()), f"a value ({sink.events})")


async def refusal(source: Source) -> str:
    """What the source says when it does not get in; fails when it reads anything."""
    sink = RecordingSink()
    async with running_source(source, sink):
        await until(lambda: bool(sink.events), "an answer")
        await asyncio.sleep(1)
    assert sink.readings() == []
    assert not source.status.connected
    return str(sink.of("lost")[0])


@pytest.mark.parametrize("mode", ["", "/Sign"])
async def test_a_named_policy_is_used(tmp_path: Path, offering: Offering, mode: str) -> None:
    policy, machine = offering
    made = make_certificate(tmp_path, "agent", uri="urn:lineproof:agent")
    sink = RecordingSink()
    source = secured(machine.url, policy + mode, made)
    async with running_source(source, sink):
        await until(lambda: bool(sink.readings()), f"a value by {policy} ({sink.events})")
    assert sink.readings()[0].value[0]["AccCount"] == 5


@with_the_first
async def test_a_policy_that_is_not_offered_is_refused(tmp_path: Path, offering: Offering) -> None:
    """benthos-umh's input falls back to no security in silence: never here."""
    policy, machine = offering
    made = make_certificate(tmp_path, "agent", uri="urn:lineproof:agent")
    why = await refusal(secured(machine.url, "Aes256_Sha256_RsaPss", made))
    assert f"does not offer security 'Aes256_Sha256_RsaPss', only {policy}" in why
    plain = source_of(url=machine.url, security="none")
    assert f"does not offer security 'none', only {policy}" in await refusal(plain)
    assert plain.status.error_status == Cause.NO_SUCH_SECURITY
    assert policy in plain.status.error_there


async def test_an_untrusted_certificate_is_a_sentence(tmp_path: Path) -> None:
    made = make_certificate(tmp_path, "agent", uri="urn:lineproof:agent")
    with node_machine(tmp_path, trust_clients=False) as machine:
        source = secured(machine.url, "Basic256Sha256", made)
        why = await refusal(source)
    assert source.status.error_status in WORDS
    assert "refused the secure channel" in why
    assert f"have {made.certificate} trusted on the server" in why


@with_the_first
async def test_a_certificate_without_application_uri_ends_the_source(
    tmp_path: Path, offering: Offering
) -> None:
    policy, machine = offering
    made = make_certificate(tmp_path, "agent")
    source = secured(machine.url, policy, made)
    with pytest.raises(MisconfiguredError, match="must name one application URI") as error:
        await asyncio.wait_for(source.run(RecordingSink()), PATIENCE_S)
    assert error.value.cause == Cause.NO_APPLICATION_URI
    assert error.value.where == str(made.certificate)


@with_the_first
async def test_a_key_of_another_certificate_ends_the_source(
    tmp_path: Path, offering: Offering
) -> None:
    policy, machine = offering
    made = make_certificate(tmp_path, "agent", uri="urn:lineproof:agent")
    source = source_of(
        url=machine.url, security=policy, certificate=made.certificate, key=made.certificate
    )
    with pytest.raises(MisconfiguredError, match="cannot be read") as error:
        await asyncio.wait_for(source.run(RecordingSink()), PATIENCE_S)
    assert error.value.cause == Cause.CERTIFICATE_UNREADABLE


@with_the_first
async def test_without_a_certificate_the_agent_has_its_own_and_the_server_stays_the_same(
    tmp_path: Path, offering: Offering
) -> None:
    """The first certificate that the server shows is the only one ever after."""
    policy, machine = offering

    def source(**more: Any) -> Source:
        return source_of(folder=tmp_path, url=machine.url, security=policy, **more)

    await value_by(source())
    own = (tmp_path / "opcua" / "own.pem").read_bytes()
    (kept,) = (tmp_path / "opcua" / "servers").iterdir()
    shown = kept.read_bytes()
    await value_by(source(server_certificate=kept))
    (tmp_path / "trusted").mkdir()
    (tmp_path / "trusted" / "filler.der").write_bytes(shown)
    await value_by(source(trusted_servers=tmp_path / "trusted"))
    assert (tmp_path / "opcua" / "own.pem").read_bytes() == own
    other = make_certificate(tmp_path, "other", uri="urn:other")
    kept.write_bytes(other.certificate.read_bytes())
    refused = source()
    assert f"remove {kept}: then that is kept" in await refusal(refused)
    assert refused.status.error_status == Cause.UNTRUSTED
    assert kept.read_bytes() == other.certificate.read_bytes()


@with_the_first
async def test_a_user_can_be_known_by_a_certificate(tmp_path: Path, offering: Offering) -> None:
    policy, machine = offering
    user, other = (make_certificate(tmp_path, name, uri=f"urn:{name}") for name in ("chan", "x"))

    def source(key: Path) -> Source:
        certificate = {"user_certificate": user.certificate, "user_key": key}
        return source_of(folder=tmp_path, url=machine.url, security=policy, **certificate)

    await value_by(source(user.key))
    why = await refusal(source(other.key))
    assert "refused the user of" in why or "no session with" in why
    with pytest.raises(MisconfiguredError, match="the user's certificate or key cannot be read"):
        await asyncio.wait_for(source(user.certificate).run(RecordingSink()), PATIENCE_S)


async def test_a_password_is_not_shown_to_all_unless_that_is_allowed() -> None:
    """A server can ask for it as it is (OPC 10000-4, 7.40.2.2)."""
    async with opcua_server() as server:
        await server.add("Total", 5)
        given = {"url": server.url, "security": "none", "user": "chan", "password": "secret"}
        refused = source_of(**given)
        assert "wants the password as it is, for all to read" in await refusal(refused)
        assert refused.status.fault is FaultCode.SIGN_IN_REFUSED
        sink = RecordingSink()
        async with running_source(source_of(**given, readable_password="allowed"), sink):
            await until(lambda: bool(sink.connects), "a connection")


async def test_a_server_that_never_answers_is_given_up() -> None:
    """FreeOpcUa/opcua-asyncio#1660: a connect that hangs."""
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, never reads
        url = f"opc.tcp://127.0.0.1:{silent.getsockname()[1]}"
        source = source_of(url=url, security="none")
        assert f"cannot connect to {url}" in await refusal(source)
    assert source.status.error_status == Cause.NO_ANSWER


async def test_a_closed_port_is_a_sentence() -> None:
    source = source_of(url="opc.tcp://127.0.0.1:9", security="none")
    why = await refusal(source)
    assert source.status.error_status == "ECONNREFUSED"
    assert "cannot connect to opc.tcp://127.0.0.1:9" in why
    assert "Check that the machine is on" in why
