"""Words about a value that is wrong: pydantic's own do not reach people."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from domain.validation_words import OWN, behind_the_value, our_words


def _refused(text: str) -> str:
    raise ValueError(f"'{text}' is no shell")


def _unasserted(text: str) -> str:
    raise AssertionError(f"'{text}' is no day")


class _Written(BaseModel):
    shell: Annotated[str, AfterValidator(_refused)] = ""
    day: Annotated[str, AfterValidator(_unasserted)] = ""
    name: Annotated[str, Field(pattern="^[a-z]+$")] = ""
    parts: Annotated[list[int], Field(max_length=1)] = []
    count: int = 0


@pytest.mark.parametrize(
    ("given", "is_own", "said"),
    [
        ({"shell": "tcsh"}, True, "'tcsh' is no shell"),
        ({"day": "never"}, True, "'never' is no day"),
        ({"name": "A"}, False, "should match pattern '^[a-z]+$'"),
        ({"parts": [1, 2]}, False, "should have at most 1 item after validation, not 2"),
        ({"count": "x"}, False, "should be a valid integer, unable to parse string as an integer"),
    ],
)
def test_what_pydantic_says_without_its_own_words(
    given: dict[str, Any], is_own: bool, said: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        _Written.model_validate(given)
    (error,) = refused.value.errors()
    assert (error["type"] in OWN) is is_own
    assert (our_words(error["msg"]) if is_own else behind_the_value(error["msg"])) == said
