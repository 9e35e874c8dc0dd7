"""The bytes of a live frame: what is written is read again, and nothing else passes for one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sender import Sender, counts

from domain.batches import parse_batch
from domain.errors import InputError
from domain.live_frames import LiveFrame, parse_live_frame

FRAME = Sender().tell(3, counts(1))


def test_a_frame_is_read_as_it_was_written() -> None:
    frame = parse_live_frame(FRAME)
    assert (frame.sequence, frame.header.number, frame.header.samples) == (3, 1, 10)
    assert frame.to_bytes() == FRAME


@pytest.mark.parametrize("line", ["", "-1", "03", "+3", "3.0", "٣", "3 ", "9" * 16, "9" * 5000])
def test_a_sequence_is_a_whole_number_written_in_one_way(line: str) -> None:
    begin, _, rest = FRAME.partition(b"\n3\n")
    with pytest.raises(InputError, match="second line is no whole number"):
        parse_live_frame(begin + b"\n" + line.encode() + b"\n" + rest)


@pytest.mark.parametrize("size", [0, 5, 16, 17, 18, 19, 40, 400])
def test_what_is_cut_off_in_its_head_is_no_frame(size: int) -> None:
    with pytest.raises(InputError):
        parse_live_frame(FRAME[:size])


def test_neither_passes_for_the_other() -> None:
    with pytest.raises(InputError, match="lineproof-batch/1"):
        parse_batch(FRAME)
    with pytest.raises(InputError, match="lineproof-live/1"):
        parse_live_frame(Sender().seal(counts(1)).to_bytes())


def test_a_frame_has_no_rejections() -> None:
    frame = parse_live_frame(FRAME)
    header = replace(frame.header, rejections=1)
    with pytest.raises(InputError, match="has rejections"):
        parse_live_frame(LiveFrame(3, replace(frame.content, header=header)).to_bytes())
