"""A long answer is the same JSON, kept small and sent piece by piece."""

from __future__ import annotations

import orjson
import pytest
from starlette.responses import StreamingResponse

from api.http.long_answers import PIECE_BYTES, LongAnswer

ROWS = [{"key": f"2026-03-{day:02}", "oee": 0.5, "good_count": None} for day in range(20_000)]


async def _body(answer: LongAnswer) -> list[bytes]:
    response = answer.response()
    if not isinstance(response, StreamingResponse):
        return [bytes(response.body)]
    return [bytes(piece) async for piece in response.body_iterator if isinstance(piece, bytes)]


@pytest.mark.parametrize("document", [[], {}, ROWS[:3], ROWS], ids=["none", "empty", "few", "many"])
async def test_the_pieces_are_the_document(document: object) -> None:
    pieces = await _body(LongAnswer.of(document))
    assert orjson.loads(b"".join(pieces)) == document
    assert max(map(len, pieces)) <= PIECE_BYTES


def test_the_length_is_told_before() -> None:
    answer = LongAnswer.of(ROWS)
    assert answer.response().headers["content-length"] == str(len(orjson.dumps(ROWS)))
    assert answer.weight * 5 < answer.length, "what waits for a slow client is compressed"
