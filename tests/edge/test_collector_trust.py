"""An agent sends to whoever has a certificate of the pinned authority, and to nobody else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from certificates import make_certificate
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from edge_samples import AGENT, append, seal_cut, seal_next
from peers import PATIENCE_S
from recording_sink import until
from scripted_collector import scripted_collector

from domain.errors import InputError
from edge.agent import clock
from edge.collector_trust import PINNED_FILE, pinned_authority, trust
from edge.spool.outbox import Outbox
from edge.spool.spool import Spool
from edge.uplink import Uplink, UplinkStatus

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


async def _sent_to(folder: Path, url: str, authority: Path | None) -> tuple[UplinkStatus, int]:
    """What comes of one batch, and how many the agent still holds."""
    spool = Spool(folder, AGENT, limit_bytes=64 << 20)
    append(spool, range(10))
    seal_next(spool, KEY)
    outbox = Outbox(
        spool,
        seal=lambda cut: seal_cut(KEY, cut),
        take_spans=list,
        profiles={},
        max_samples=1000,
        max_age_s=60,
    )
    uplink = Uplink(
        outbox,
        url=url,
        agent=AGENT,
        public_key="KEY=",
        token=None,
        now=clock,
        trusts=trust(authority),
    )
    stop = asyncio.Event()
    task = asyncio.create_task(uplink.run(stop))
    try:
        await until(lambda: bool(uplink.status.problem or uplink.status.sent), "an outcome")
        return uplink.status, outbox.depth.sealed_batches
    finally:
        stop.set()
        await asyncio.wait_for(task, PATIENCE_S)
        await outbox.close()


async def test_the_pinned_authoritys_collector_gets_the_batches(tmp_path: Path) -> None:
    mine = make_certificate(tmp_path, "mine")
    with scripted_collector(secured=mine) as collector:
        status, held = await _sent_to(tmp_path, collector.url, mine.certificate)
    assert (status.problem, status.sent, held) == ("", 1, 0)


@pytest.mark.parametrize("pins", ["another authority", "none"])
async def test_somebody_in_between_gets_nothing(tmp_path: Path, pins: str) -> None:
    mine, others = (make_certificate(tmp_path, it) for it in ("mine", "others"))
    authority = mine.certificate if pins == "another authority" else None
    with scripted_collector(secured=others) as collector:
        status, held = await _sent_to(tmp_path, collector.url, authority)
        assert collector.requests == []
    assert f"what answers at {collector.url} is not the collector" in status.problem
    assert "nothing was sent" in status.problem
    assert held == 1


async def test_another_host_with_a_right_certificate_gets_nothing(tmp_path: Path) -> None:
    mine = make_certificate(tmp_path, "mine")  # for 127.0.0.1 alone
    with scripted_collector(secured=mine) as collector:
        url = collector.url.replace("127.0.0.1", "localhost")
        status, held = await _sent_to(tmp_path, url, mine.certificate)
    assert "is not the collector" in status.problem
    assert held == 1


def test_the_enrolments_authority_holds_unless_the_file_names_another(tmp_path: Path) -> None:
    assert pinned_authority(tmp_path, None) is None
    (tmp_path / PINNED_FILE).write_text("")
    assert pinned_authority(tmp_path, None) == tmp_path / PINNED_FILE
    assert pinned_authority(tmp_path, tmp_path / "named.pem") == tmp_path / "named.pem"


@pytest.mark.parametrize("text", [None, "", "no PEM", "-----BEGIN CERTIFICATE-----\nAA\n"])
def test_an_authority_that_cannot_be_read_is_named(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "authority.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=r"authority\.pem: the collector's authority cannot be"):
        trust(path)
