"""What only InfluxDB can get wrong: writes cut off half way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from influx import InfluxServer
from telemetry import at, batch, facts, rejections, samples, spans

from domain.errors import StorageError
from domain.time import Window, micros
from store.telemetry.influxdb.client import InfluxConnection
from store.telemetry.influxdb.store import InfluxStore
from store.telemetry.protocol import BatchRecord

LINE = "filler-1"
CONTENT = (
    samples({"time": at(10), "value": 5.0}, {"time": at(11), "value": 6.0}),
    spans((at(0), at(20))),
    rejections({"received": at(1), "reason": "no number"}),
)
HOURS = [(at(3600 * n), at(3600 * (n + 1))) for n in range(3)]


def opened(server: InfluxServer, bucket: str, *, token: str | None = None) -> InfluxStore:
    return InfluxStore(
        server.url, server.org, bucket, server.token if token is None else token, timeout_s=20
    )


def cut_off_after(monkeypatch: pytest.MonkeyPatch, requests: int) -> None:
    """The server takes that many requests more, then the way to it is gone."""
    write = InfluxConnection.write
    left = [requests]

    def limited(self: InfluxConnection, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            if left[0] == 0:
                raise StorageError("cut off")
            left[0] -= 1
            write(self, [piece])

    monkeypatch.setattr(InfluxConnection, "write", limited)


@pytest.mark.parametrize("requests", range(5))
def test_a_batch_cut_off_anywhere_is_mended_by_its_repeat(
    influx: InfluxServer, monkeypatch: pytest.MonkeyPatch, requests: int
) -> None:
    """Requests of this batch: samples, spans, rejections, marks, ledger."""
    bucket = influx.new_bucket()
    store = opened(influx, bucket)
    with monkeypatch.context() as patch:
        cut_off_after(patch, requests)
        with pytest.raises(StorageError, match="cut off"):
            store.append([batch(1, *CONTENT)])
    assert store.last_batch("agent-1") is None
    store.close()
    again = opened(influx, bucket)
    assert again.append([batch(1, *CONTENT)]) == [True]
    assert again.append([batch(1, *CONTENT)]) == [False]
    assert again.history(LINE, at(0), at(60)).samples["value"].to_list() == [5.0, 6.0]
    assert again.rejection_counts()["count"].to_list() == [1]
    signals = {mark.signal for mark in again.dirty()}
    assert signals == {"", "total_count"}
    again.close()


@pytest.mark.parametrize("requests", range(4))
def test_facts_cut_off_anywhere_are_old_or_new_but_never_mixed(
    influx: InfluxServer, monkeypatch: pytest.MonkeyPatch, requests: int
) -> None:
    """Requests of a replacement: facts, slices, revision, cleared marks. Old slices have two
    rows each, new ones three, so a mixture shows."""
    store = opened(influx, influx.new_bucket())
    store.append([batch(1, *CONTENT)])
    windows = [Window(at(0), at(10_800))]
    old = facts(HOURS, product="a", flags=1).vstack(facts(HOURS, product="b", flags=1))
    new = facts(HOURS[:2], product="a", flags=2)
    for product in ("b", "c"):
        new = new.vstack(facts(HOURS[:2], product=product, flags=2))
    clear = store.dirty()[-1].id
    for _ in range(3):  # both generations are full of old rows
        store.replace_facts(LINE, "spec", windows, old, 0)
    with monkeypatch.context() as patch:
        cut_off_after(patch, requests)
        with pytest.raises(StorageError, match="cut off"):
            store.replace_facts(LINE, "spec", windows, new, clear)
    assert len(store.dirty()) == 2  # so the slices are computed again
    found = store.facts(LINE, "spec", at(0), at(10_800))
    for _, rows in found.group_by("start"):
        assert rows["flags"].to_list() in ([1, 1], [2, 2, 2])
    assert found.height == 6
    store.replace_facts(LINE, "spec", windows, new, clear)
    assert store.facts(LINE, "spec", at(0), at(10_800))["flags"].to_list() == [2] * 6
    assert store.dirty() == []
    store.close()


def test_a_new_specification_cut_off_shows_none_of_its_facts_as_the_old_ones(
    influx: InfluxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(influx, influx.new_bucket())
    windows = [Window(at(0), at(10_800))]
    store.replace_facts(LINE, "old", windows, facts(HOURS, flags=1), 0)
    with monkeypatch.context() as patch:
        cut_off_after(patch, 2)  # facts and slices, not the revision
        with pytest.raises(StorageError):
            store.replace_facts(LINE, "new", windows[:1], facts(HOURS[:1], flags=2), 0)
    assert 2 not in store.facts(LINE, "old", at(0), at(10_800))["flags"].to_list()
    assert store.facts(LINE, "new", at(0), at(10_800)).is_empty()
    store.close()


def test_facts_of_a_specification_that_comes_back_are_not_the_old_ones(
    influx: InfluxServer,
) -> None:
    store = opened(influx, influx.new_bucket())
    store.replace_facts(LINE, "one", [Window(at(0), at(10_800))], facts(HOURS, flags=1), 0)
    store.replace_facts(LINE, "two", [Window(*HOURS[0])], facts(HOURS[:1], flags=2), 0)
    store.replace_facts(LINE, "one", [Window(*HOURS[1])], facts(HOURS[1:2], flags=3), 0)
    assert store.facts(LINE, "one", at(0), at(10_800))["flags"].to_list() == [3]
    store.close()


def test_ids_go_on_after_a_restart(influx: InfluxServer) -> None:
    bucket = influx.new_bucket()
    store = opened(influx, bucket)
    store.append([batch(1, *CONTENT)])
    last = store.dirty()[-1].id
    store.replace_facts(LINE, "spec", [], facts([]), last)
    store.close()
    store = opened(influx, bucket)
    store.append([batch(2, *CONTENT)])
    assert len(store.dirty()) == 2
    assert store.dirty()[0].id == last + 1
    store.close()


# when it was received


def known_values(store: InfluxStore, known: BatchRecord) -> list[float]:
    return store.history(LINE, at(0), at(60), known.received).samples["value"].to_list()


def test_a_first_receipt_outlives_a_restart(influx: InfluxServer) -> None:
    """What is remembered of how far the series reach is asked of the server again."""
    bucket = influx.new_bucket()
    first, later = batch(1, *CONTENT), batch(2, *CONTENT)
    for one in (first, later):
        store = opened(influx, bucket)
        store.append([one])
        store.close()
    store = opened(influx, bucket)
    then = store.history(LINE, at(0), at(60), first[0].received)
    assert then.samples["value"].to_list() == [5.0, 6.0]
    assert then.spans.rows() == [("filler", at(0), at(20))]
    store.close()


def test_what_goes_on_where_its_series_ended_is_written_without_a_look(
    influx: InfluxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Live batches cost no more than before; one that reaches back costs one question for a
    series and week."""
    store = opened(influx, influx.new_bucket())
    rows = [{"time": at(n), "value": float(n), "signal": name} for n in (1, 2) for name in "ab"]
    store.append([batch(1, samples(*rows), spans((at(0), at(2))))])
    read, asked = InfluxConnection.read, []

    def counted(self: InfluxConnection, statement: str, schema: pl.Schema) -> pl.DataFrame:
        asked.append(statement)
        return read(self, statement, schema)

    monkeypatch.setattr(InfluxConnection, "read", counted)
    next_rows = [row | {"time": row["time"] + timedelta(seconds=2)} for row in rows]
    store.append([batch(2, samples(*next_rows), spans((at(2), at(4))))])
    earlier = [row | {"time": row["time"] - timedelta(days=30)} for row in rows]
    store.append([batch(3, samples(*earlier))])
    assert len(asked) == 2, "whether the ledger has the batch"
    assert all("FROM batches" in statement for statement in asked)
    store.append([batch(4, samples({"time": at(2), "value": 2.0, "signal": "a"}))])
    assert len(asked) == 4
    assert "FROM samples" in asked[-1]
    assert "\"signal\" = 'a'" in asked[-1]
    store.close()


def test_what_came_through_of_a_batch_cut_off_counts_from_then(
    influx: InfluxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(influx, influx.new_bucket())
    cut, again = batch(1, *CONTENT)[0], batch(2)[0]  # when it came, and came again
    with monkeypatch.context() as patch:
        cut_off_after(patch, 1)  # samples, not the spans
        with pytest.raises(StorageError, match="cut off"):
            store.append([batch(1, *CONTENT)])
    store.append([(replace(cut, received=again.received), batch(1, *CONTENT)[1])])
    assert known_values(store, cut) == [5.0, 6.0]
    assert store.history(LINE, at(0), at(60), cut.received).spans.is_empty()
    assert store.history(LINE, at(0), at(60), again.received).spans.height == 1
    store.close()


def test_a_bucket_of_a_version_that_kept_no_receipts_says_so(influx: InfluxServer) -> None:
    """Its points hold no `received_us`: they would silently be missing from earlier views."""
    bucket = influx.new_bucket()
    connection = InfluxConnection(influx.url, influx.org, bucket, influx.token, 20)
    connection.write(
        [
            b"samples,line=filler-1,machine=filler,signal=total_count value=5.0,quality=0i "
            b"%d" % (micros(at(10)) * 1000),
            b'batches,agent=agent-1 digest="d",samples=1i,rejections=0i,received_us=%di 1'
            % micros(at(1)),
        ]
    )
    connection.close()
    store = opened(influx, bucket)
    store.append([batch(2, *CONTENT)])
    assert store.history(LINE, at(0), at(60)).samples["value"].to_list() == [5.0, 6.0]
    with pytest.raises(StorageError, match=r"did not keep when .* Name a new bucket .* rebuild"):
        known_values(store, batch(2)[0])
    store.close()


@pytest.mark.parametrize("name", ["", "a\nb", "ends with \\"])
def test_a_name_that_line_protocol_cannot_carry_is_refused(influx: InfluxServer, name: str) -> None:
    store = opened(influx, influx.new_bucket())
    with pytest.raises(StorageError, match="cannot keep the machine name"):
        store.append([batch(1, samples({"time": at(1), "value": 1.0}, machine=name))])
    assert store.batches() == []
    store.close()
