"""`profile.yaml` as integrators write it: the pydantic model and its JSON Schema.

Form only: keys, types, which rule has which keys. What refers to what is checked in
`consistency`, what parameters make of it in `resolve`. Nothing in a profile is code and no text
is a template: a parameter replaces a whole value (`{parameter: name}`), never a part of it.

Room is left for more protocols: each is one more class here with its own way to address.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    model_validator,
)

from device_profiles.model.machine_time import TimeUnit
from device_profiles.model.units import Unit
from device_profiles.model.values import Unusable, symbol


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
        raise ValueError(f"'{text}' needs a namespace: write prefix:BrowseName")
    return text


def _pointer(text: str) -> str:
    if text and not text.startswith("/"):
        raise ValueError(f"'{text}' is no JSON Pointer (RFC 6901): write /{text}")
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"'{name}' is no time zone: write it as in Asia/Hong_Kong") from None
    return name


def _not_both(table: str | None, decimal_mark: str | None) -> None:
    if table is not None and decimal_mark is not None:
        raise ValueError("'table' is for codes, 'decimal_mark' for numbers: give one of them")


_TEXT_LENGTH_MAX = 2_000  # characters; more of them are a file that was pasted
_AMOUNT_MAX = 1e15
_INDEX_MAX = 100_000

Symbol = Annotated[str, BeforeValidator(_as_symbol)]
Symbols = Annotated[list[Symbol], BeforeValidator(_as_list), Field(min_length=1)]
TableField = Annotated[dict[str, Symbol], BeforeValidator(_as_table), Field(min_length=1)]
Qualified = Annotated[str, AfterValidator(_qualified)]
Pointer = Annotated[str, AfterValidator(_pointer)]
Topic = Annotated[str, Field(pattern=r"^[^/#+][^#+]*$")]
MetricName = Annotated[str, Field(min_length=1)]
Zone = Annotated[str, AfterValidator(_zone)]
DecimalMark = Literal[".", ","]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Index = Annotated[int, Field(ge=-_INDEX_MAX, le=_INDEX_MAX)]
Steps = Annotated[list[str | Index], BeforeValidator(_as_list)]


class _Strict(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        str_max_length=_TEXT_LENGTH_MAX,
        allow_inf_nan=False,
    )


class ParameterRef(_Strict):
    """Stands where a value would: the plant file gives it."""

    parameter: Identifier


class Title(_Strict):
    en: str
    zh_hant: str = Field(alias="zh-Hant")
    zh_hans: str = Field(alias="zh-Hans")


class Parameter(_Strict):
    """One that is neither given nor has a default leaves out the signals that need it."""

    description: str
    default: str | None = None
    required: bool = False


class OpcUaSource(_Strict):
    """A variable by `path` from the profile's start, or by `node` from the Objects folder.
    `decimal_mark`: the value is a number written as a text, with this mark."""

    path: list[Qualified] | None = Field(default=None, min_length=1)
    node: ParameterRef | None = None
    field: Steps = []
    table: Identifier | None = None
    decimal_mark: DecimalMark | None = None
    optional: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> OpcUaSource:
        _not_both(self.table, self.decimal_mark)
        if (self.path is None) == (self.node is None):
            raise ValueError("give either 'path' or 'node'")
        return self


class MqttSource(_Strict):
    """A field (JSON Pointer) of the JSON on a topic below the connection's topic.

    `time`: where in the same document the device's own time stands, as a number in `time_unit` or
    as ISO 8601 text (`iso`); `time_zone`: it is local time there. `each`: where a list stands, of
    whose every element `field` and `time` are read. `decimal_mark`: the value is a number written
    as a text, with this mark. `ends_in_nul`: the payload does.
    """

    topic: Topic
    field: Pointer
    each: Pointer | None = None
    time: Pointer | None = None
    time_unit: TimeUnit = "s"
    time_zone: Zone | None = None
    table: Identifier | None = None
    decimal_mark: DecimalMark | None = None
    ends_in_nul: bool = False
    optional: bool = False

    @model_validator(mode="after")
    def _fits_together(self) -> MqttSource:
        _not_both(self.table, self.decimal_mark)
        if self.time_zone is not None and self.time is None:
            raise ValueError("'time_zone' belongs to 'time'")
        return self


class SparkplugSource(_Strict):
    """A metric of the edge node or device that the connection names, by its name in the birth.
    `decimal_mark`: the value is a number written as a text, with this mark."""

    metric: ParameterRef | MetricName
    table: Identifier | None = None
    decimal_mark: DecimalMark | None = None
    optional: bool = False

    @model_validator(mode="after")
    def _fits_together(self) -> SparkplugSource:
        _not_both(self.table, self.decimal_mark)
        return self


class HeartbeatModel(_Strict):
    """Messages on `topic` confirm that the machine is alive; with `values` only those whose
    payload (or `field` of it) is one of them."""

    topic: Topic
    field: Pointer = ""
    values: Symbols | None = None


class OpcUaInput(_Strict):
    sources: list[OpcUaSource] = Field(min_length=1)
    absent: Symbol | None = None


class MqttInput(_Strict):
    sources: list[MqttSource] = Field(min_length=1)
    absent: Symbol | None = None


class SparkplugInput(_Strict):
    sources: list[SparkplugSource] = Field(min_length=1)
    absent: Symbol | None = None


Conditions = dict[str, Symbols]


class TakeCase(_Strict):
    """`take`: the input whose value counts when all of `if` holds."""

    if_: Conditions = Field(default={}, alias="if")
    take: Identifier


class ThenCase(_Strict):
    """`then`: the state or mode when all of `if` holds (any of the symbols of each input)."""

    if_: Conditions = Field(alias="if", min_length=1)
    then: str


class SignalRule(_Strict):
    """Either `input` or `when`.

    `input`: one value; `codes` maps its symbols to a state, mode or text; numbers become
    value × factor + offset, after conversion from `unit`. `when`: ordered cases over several
    inputs, the first that holds wins, else `otherwise`.
    """

    input: Identifier | None = None
    codes: ParameterRef | TableField | None = Field(default=None, union_mode="left_to_right")
    when: list[ThenCase] | None = Field(default=None, min_length=1)
    otherwise: str | None = None
    factor: Annotated[float, Field(ge=-_AMOUNT_MAX, le=_AMOUNT_MAX)] | None = None
    offset: Annotated[float, Field(ge=-_AMOUNT_MAX, le=_AMOUNT_MAX)] | None = None
    unit: Unit | ParameterRef | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> SignalRule:
        if (self.input is None) == (self.when is None):
            raise ValueError("give either 'input' or 'when'")
        if (self.when is None) != (self.otherwise is None):
            raise ValueError("'when' and 'otherwise' belong together: give both or neither")
        if self.codes is not None and self.input is None:
            raise ValueError("'codes' belongs to 'input'")
        if self.when is not None and self.is_scaled:
            raise ValueError("'factor', 'offset' and 'unit' are for numbers, not for 'when'")
        return self

    @property
    def is_scaled(self) -> bool:
        return not (self.factor is None and self.offset is None and self.unit is None)


class _ProfileBase(_Strict):
    name: str = Field(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")
    vendor: str
    model: str
    title: Title
    documentation: list[str] = Field(min_length=1)
    caveats: list[str] = []
    recorded_from: str = ""
    time: Literal["source", "receipt"] = "source"
    parameters: dict[Identifier, Parameter] = {}
    tables: dict[Identifier, TableField] = {}
    derived: dict[Identifier, Annotated[list[TakeCase], Field(min_length=1)]] = {}
    signals: dict[str, SignalRule] = Field(min_length=1)


class OpcUaStartModel(_Strict):
    """The object below Objects that is an instance of this type (or of a subtype)."""

    instance_of: Qualified
    name: ParameterRef | None = None


class OpcUaProfile(_ProfileBase):
    protocol: Literal["opcua"]
    namespaces: dict[Identifier, str] = {}
    start: OpcUaStartModel | None = None
    inputs: dict[Identifier, OpcUaInput] = Field(min_length=1)


class MqttProfile(_ProfileBase):
    protocol: Literal["mqtt-json"]
    heartbeat: HeartbeatModel | None = None
    inputs: dict[Identifier, MqttInput] = Field(min_length=1)


class SparkplugProfile(_ProfileBase):
    protocol: Literal["sparkplug-b"]
    inputs: dict[Identifier, SparkplugInput] = Field(min_length=1)


AnyProfile = OpcUaProfile | MqttProfile | SparkplugProfile


class ProfileFile(RootModel[Annotated[AnyProfile, Field(discriminator="protocol")]]):
    """A profile.yaml of any protocol; `.root` is the profile."""


def json_schema() -> dict[str, Any]:
    """The JSON Schema of profile.yaml (published as profile.schema.json, for editors)."""
    schema = ProfileFile.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Lineproof device profile",
        **{key: value for key, value in schema.items() if key != "title"},
    }
