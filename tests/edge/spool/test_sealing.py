"""Sealing: same input, same bytes; what was signed cannot be changed."""

from datetime import timedelta, timezone

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from edge_samples import START, is_signed_by, rejection, sample, span
from hypothesis import given
from hypothesis import strategies as st

from domain.batch_header import GENESIS
from domain.batches import SealedBatch, parse_batch
from domain.errors import InputError
from domain.frames import REJECTIONS, SAMPLES
from domain.samples import Quality
from edge.spool.sealing import encode, merge_spans, rejections_frame, samples_frame, seal

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
SAMPLES_3 = samples_frame([sample(1), sample(2), sample(3, text="x", quality=Quality.BAD)])


def sealed(samples: pl.DataFrame = SAMPLES_3, rejections: int = 1) -> SealedBatch:
    return seal(
        KEY,
        agent="agent-1",
        number=1,
        previous=GENESIS,
        sealed_at=START,
        samples=samples,
        rejections=rejections_frame([rejection(it) for it in range(rejections)]),
        spans=[span(5, 9), span(0, 5), span(0, 5, machine="meter")],
        profiles={"line-1/filler": "ab"},
    )


def verifies(data: bytes) -> bool:
    try:
        return is_signed_by(KEY, parse_batch(data))
    except InputError:
        return False


def test_what_was_sealed_comes_out_again() -> None:
    batch = parse_batch(sealed().to_bytes())
    assert is_signed_by(KEY, batch)
    samples = pl.read_ipc_stream(batch.samples_bytes)
    assert samples.schema == SAMPLES
    assert samples.equals(SAMPLES_3)
    rejections = pl.read_ipc_stream(batch.rejections_bytes)
    assert rejections.schema == REJECTIONS
    assert rejections.equals(rejections_frame([rejection(0)]))
    assert (batch.header.samples, batch.header.rejections) == (3, 1)


@given(texts=st.lists(st.sampled_from([None, "x", "罐"]), max_size=40), at=st.integers(0, 40))
def test_same_input_same_bytes_however_the_frame_lies_in_memory(
    texts: list[str | None], at: int
) -> None:
    """Arrow leaves garbage behind nulls and in padding bits; a digest must not see it."""
    frame = samples_frame([sample(it, text=text) for it, text in enumerate(texts)])
    pieces = pl.concat([samples_frame([sample(0, text="y")]), frame[:at], frame[at:]])[1:]
    again = pl.concat([pl.read_ipc_stream(encode(it)) for it in (pieces[:at], pieces[at:])])
    assert encode(pieces) == encode(frame) == encode(again)
    assert sealed(again).to_bytes() == sealed(frame).to_bytes()


def test_a_flipped_bit_anywhere_does_not_verify() -> None:
    data = sealed().to_bytes()
    assert verifies(data)
    for place in range(0, len(data), 7):
        flipped = bytearray(data)
        flipped[place] ^= 1
        assert not verifies(bytes(flipped)), f"byte {place}"


def test_another_key_does_not_verify() -> None:
    assert not is_signed_by(Ed25519PrivateKey.generate(), sealed())


def test_a_batch_without_rejections_carries_none() -> None:
    assert sealed(rejections=0).rejections_bytes == b""


def test_a_batch_of_spans_alone_keeps_its_columns() -> None:
    batch = sealed(samples_frame([]), rejections=0)
    samples = pl.read_ipc_stream(batch.samples_bytes)
    assert samples.schema == SAMPLES
    assert samples.is_empty()


def test_pieces_of_a_span_become_one_and_gaps_stay() -> None:
    pieces = [span(20, 30), span(0, 5), span(5, 9), span(9, 10), span(11, 12), span(0, 99, "meter")]
    assert merge_spans(pieces) == [span(0, 10), span(11, 12), span(20, 30), span(0, 99, "meter")]
    assert len(sealed().header.spans) == 2


def test_instants_of_any_zone_are_kept_to_the_microsecond() -> None:
    hong_kong = timezone(timedelta(hours=8))
    at = START.replace(microsecond=123_457).astimezone(hong_kong)
    frame = samples_frame([sample(0, time=at)])
    assert frame["time"][0] == at


def test_text_that_is_no_unicode_does_not_stop_the_rest() -> None:
    """JSON may escape half a surrogate pair ("\\ud800"); polars takes no such text."""
    frame = samples_frame([sample(0, text="tr\ud800y"), sample(1, text="罐")])
    assert frame["text"].to_list() == ["tr?y", "罐"]


def test_a_frame_with_other_columns_is_refused() -> None:
    with pytest.raises(TypeError, match=r"samples to seal: .*quality"):
        sealed(SAMPLES_3.drop("quality"))
