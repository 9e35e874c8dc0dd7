"""Words and kinds of values that every protocol's part of `profile.yaml` is made of."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from device_profiles.model.selectors import check_selector
from device_profiles.model.values import Unusable, symbol
from domain.errors import WrongValueError
from domain.texts import N_


def _as_symbol(value: Any) -> Any:
    """6, true and text alike become the text that raw values are compared as."""
    text = symbol(value)
    return value if isinstance(text, Unusable) else text


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _as_table(value: Any) -> Any:
    return {_as_symbol(k): v for k, v in value.items()} if isinstance(value, dict) else value


def _qualified(text: str) -> str:
    prefix, colon, name = text.partition(":")
    if not (prefix and colon and name):
        raise WrongValueError(
            N_("'%(name)s' needs a namespace: write prefix:BrowseName"), {"name": text}
        )
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongValueError(
            N_("'%(name)s' is no time zone: write it as in Asia/Hong_Kong"), {"name": name}
        ) from None
    return name


_TEXT_LENGTH_MAX = 2_000  # characters; more of them are a file that was pasted
AMOUNT_MAX = 1e15
_INDEX_MAX = 100_000
_BIT_MAX = 63

Symbol = Annotated[str, BeforeValidator(_as_symbol)]
Symbols = Annotated[list[Symbol], BeforeValidator(_as_list), Field(min_length=1)]
TableField = Annotated[dict[str, Symbol], BeforeValidator(_as_table), Field(min_length=1)]
Qualified = Annotated[str, AfterValidator(_qualified)]
Selector = Annotated[str, AfterValidator(check_selector)]
MetricName = Annotated[str, Field(min_length=1)]
Zone = Annotated[str, AfterValidator(_zone)]
Words = Annotated[str, Field(min_length=1)]
Link = Annotated[str, Field(pattern=r"^https?://\S+$")]
DecimalMark = Literal[".", ","]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
TableName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
Bit = Annotated[int, Field(ge=0, le=_BIT_MAX)]
Index = Annotated[int, Field(ge=-_INDEX_MAX, le=_INDEX_MAX)]
Steps = Annotated[list[str | Index], BeforeValidator(_as_list)]


class Strict(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        str_max_length=_TEXT_LENGTH_MAX,
        allow_inf_nan=False,
    )


class ParameterRef(Strict):
    """Stands where a value would: the plant file gives it."""

    parameter: Identifier


class TableRef(Strict):
    """Stands where codes would: those of a table of the profile's, or of a standard."""

    table: TableName


class SourceOfValue(Strict):
    """What a source says of its value, whatever it comes by.

    `table`: it is a code of that table (one of the profile's, or of a standard). `decimal_mark`: it
    is a number written as a text, with this mark. `bit`: of the integer this bit, from 0. `invert`:
    true means false. `optional`: a machine may lack it.
    """

    table: TableName | None = None
    decimal_mark: DecimalMark | None = None
    bit: Bit | None = None
    invert: bool = False
    optional: bool = False

    @model_validator(mode="after")
    def _fits(self) -> SourceOfValue:
        if self.table is not None and self.decimal_mark is not None:
            raise WrongValueError(
                N_("'table' is for codes, 'decimal_mark' for numbers: give one of them")
            )
        if self.decimal_mark is not None and (self.bit is not None or self.invert):
            raise WrongValueError(N_("'bit' and 'invert' are not for numbers written as texts"))
        return self
