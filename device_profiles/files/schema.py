"""`profile.yaml` as integrators write it: the pydantic model and its JSON Schema.

Form only: keys, types, which rule has which keys. What refers to what is checked in
`consistency`, what parameters make of it in `resolve`. Nothing in a profile is code and no text
is a template: a parameter replaces a whole value (`{parameter: name}`), never a part of it.

Room is left for more protocols: each is one more class here with its own way to address.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, RootModel, model_validator

from device_profiles.files.mqtt_schema import HeartbeatModel, MqttInput
from device_profiles.files.opcua_schema import (
    Measurements,
    OpcUaHeartbeat,
    OpcUaInput,
    OpcUaLimitsModel,
    OpcUaStartModel,
)
from device_profiles.files.schema_words import (
    AMOUNT_MAX,
    Identifier,
    Link,
    MetricName,
    ParameterRef,
    SourceOfValue,
    Strict,
    Symbol,
    Symbols,
    TableField,
    TableRef,
    Words,
)
from device_profiles.model.code_tables import STANDARD_TABLES
from device_profiles.model.units import Unit
from domain.errors import WrongValueError
from domain.plant import Text
from domain.texts import N_

_SUMMANDS_MAX = 100


class Title(Strict):
    """In one language at least; a profile that comes with the program has all three."""

    en: Words | None = None
    zh_hant: Words | None = Field(default=None, alias="zh-Hant")
    zh_hans: Words | None = Field(default=None, alias="zh-Hans")

    @model_validator(mode="after")
    def _is_given(self) -> Title:
        if not self.given:
            raise WrongValueError(N_("write it in one language at least, as in {en: My press}"))
        return self

    @property
    def given(self) -> Text:
        """What is written, by language."""
        return self.model_dump(by_alias=True, exclude_none=True)

    @property
    def texts(self) -> Text:
        """Every language; one that is missing has the text of the first that is not."""
        first = next(iter(self.given.values()))
        return {tag: text or first for tag, text in self.model_dump(by_alias=True).items()}


class Caveat(Strict):
    """What whoever uses the profile has to know; `link`: where that is written."""

    text: Words
    link: Link | None = None


class Parameter(Strict):
    """One that is neither given nor has a default leaves out the signals that need it."""

    description: str
    default: str | None = None
    required: bool = False


class SparkplugSource(SourceOfValue):
    """A metric of the edge node or device that the connection names, by its name in the birth."""

    metric: ParameterRef | MetricName


class SparkplugInput(Strict):
    sources: list[SparkplugSource] = Field(min_length=1)
    absent: Symbol | None = None


Conditions = dict[str, Symbols]


class TakeCase(Strict):
    """`take`: the input whose value counts when all of `if` holds."""

    if_: Conditions = Field(default={}, alias="if")
    take: Identifier


TakeCases = Annotated[list[TakeCase], Field(min_length=1)]


class ThenCase(Strict):
    """`then`: the state or mode when all of `if` holds (any of the symbols of each input)."""

    if_: Conditions = Field(alias="if", min_length=1)
    then: str


class ResetTo(Strict):
    """The value to which a counter is set."""

    to: Annotated[float, Field(ge=0, le=AMOUNT_MAX)]


class SignalRule(Strict):
    """One of `input`, `when`, `sum` and `increments`.

    `input`: one value; `codes` maps its symbols to a state, mode or text; numbers become
    value × factor + offset, after conversion from `unit`. `when`: ordered cases over several
    inputs, the first that holds wins, else `otherwise`. `sum`: several counters, or several gauges,
    added up. `increments`: an input whose every value is what was counted since the one before.
    `width`: the input is a counter of so many bits and begins anew behind its largest value.
    `resets`: what else its falls mean.
    """

    input: Identifier | None = None
    codes: ParameterRef | TableRef | TableField | None = Field(
        default=None, union_mode="left_to_right"
    )
    when: list[ThenCase] | None = Field(default=None, min_length=1)
    otherwise: str | None = None
    factor: Annotated[float, Field(ge=-AMOUNT_MAX, le=AMOUNT_MAX)] | None = None
    offset: Annotated[float, Field(ge=-AMOUNT_MAX, le=AMOUNT_MAX)] | None = None
    unit: Unit | ParameterRef | None = None
    sum: list[Identifier] | None = Field(default=None, max_length=_SUMMANDS_MAX)
    increments: Identifier | None = None
    width: Annotated[int, Field(ge=1, le=64)] | None = None
    resets: Literal["wraps", "to_zero"] | ResetTo | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> SignalRule:
        kinds = (self.input, self.when, self.sum, self.increments)
        if sum(kind is not None for kind in kinds) != 1:
            raise WrongValueError(N_("give one of 'input', 'when', 'sum' and 'increments'"))
        if (self.when is None) != (self.otherwise is None):
            raise WrongValueError(
                N_("'when' and 'otherwise' belong together: give both or neither")
            )
        if self.codes is not None and self.input is None:
            raise WrongValueError(N_("'codes' belongs to 'input'"))
        if self.offset is not None and (self.sum or self.increments):
            raise WrongValueError(N_("'offset' belongs to 'input'"))
        if self.sum is not None and len(self.sum) < 2:
            raise WrongValueError(N_("'sum' adds up two inputs at least"))
        if self.sum is not None and len(set(self.sum)) < len(self.sum):
            raise WrongValueError(N_("'sum' names an input twice"))
        if self.tells_falls and (self.input is None or self.offset is not None):
            raise WrongValueError(N_("'width' and 'resets' belong to 'input', without 'offset'"))
        if self.resets == "wraps" and self.width is None:
            raise WrongValueError(N_("a counter that wraps has a 'width': so many bits"))
        if self.when is not None and self.is_scaled:
            raise WrongValueError(
                N_("'factor', 'offset' and 'unit' are for numbers, not for 'when'")
            )
        return self

    @property
    def tells_falls(self) -> bool:
        """Whether it says what it means that its counter falls."""
        return self.width is not None or self.resets is not None

    @property
    def is_scaled(self) -> bool:
        return not (self.factor is None and self.offset is None and self.unit is None)


class _ProfileBase(Strict):
    name: str = Field(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")
    vendor: str
    model: str | None = None
    models: list[str] = Field(default_factory=list)
    title: Title
    documentation: list[str] = Field(default_factory=list)
    caveats: list[Words | Caveat] = Field(default_factory=list)
    recorded_from: str = ""
    time: Literal["source", "receipt"] = "source"
    parameters: dict[Identifier, Parameter] = Field(default_factory=dict)
    tables: dict[Identifier, TableField] = Field(default_factory=dict)
    derived: dict[Identifier, Annotated[list[TakeCase], Field(min_length=1)]] = Field(
        default_factory=dict
    )
    signals: dict[str, SignalRule] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_models(self) -> _ProfileBase:
        if (self.model is None) == (not self.models):
            raise WrongValueError(N_("give either 'model', or 'models' as a list"))
        return self

    def table(self, name: str) -> dict[str, str] | None:
        """The codes of a table of the profile's, or of a standard; None: there is no such one."""
        own, standard = self.tables.get(name), STANDARD_TABLES.get(name)
        return own if standard is None else standard.symbols

    @property
    def named_models(self) -> list[str]:
        return self.models or [self.model or ""]

    @property
    def linked_caveats(self) -> list[tuple[str, str]]:
        """Each with its link, on one line; an empty one where there is none."""
        caveats = [Caveat(text=it) if isinstance(it, str) else it for it in self.caveats]
        return [(" ".join(it.text.split()), it.link or "") for it in caveats]


class OpcUaProfile(_ProfileBase):
    protocol: Literal["opcua"]
    signals: dict[str, SignalRule] = Field(default_factory=dict)
    namespaces: dict[Identifier, str | ParameterRef] = Field(default_factory=dict)
    start: OpcUaStartModel | None = None
    limits: OpcUaLimitsModel | None = None
    heartbeat: OpcUaHeartbeat | None = None
    measurements: list[Measurements] = Field(default_factory=list)
    inputs: dict[Identifier, OpcUaInput] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _tells_something(self) -> OpcUaProfile:
        if not self.signals and not self.measurements:
            raise WrongValueError(N_("give 'signals', 'measurements' or both"))
        return self


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
