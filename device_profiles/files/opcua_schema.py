"""What `profile.yaml` says of OPC UA: where paths begin, and where each value stands."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from device_profiles.files.schema_words import (
    Identifier,
    ParameterRef,
    Qualified,
    SourceOfValue,
    Steps,
    Strict,
    Symbol,
)
from device_profiles.model.node_text import parse_node
from domain.errors import InputError, WrongValueError
from domain.texts import N_

# As `device_profiles.model.node_text` says it.
NODE_ADVICE = N_(
    "Write namespace URI, colon, path: urn:vendor:Counters/Good. Put & before each colon, slash "
    "and & that is part of a name. Or write a NodeId with its namespace's URI: "
    "nsu=urn:vendor;s=Machine.Good; never an index as in ns=2, which changes."
)


def _node(text: str) -> str:
    try:
        parse_node(text)
    except InputError:
        what = N_("'%(node)s' is not the address of an OPC UA node")
        raise WrongValueError(what, {"node": text}, todo=NODE_ADVICE) from None
    return text


NodeText = Annotated[str, AfterValidator(_node)]


class NamedStep(Strict):
    """A step of a path that the plant file names: the parameter is a browse name in `namespace`
    (without it that of the step before), or `{URI}Name`; or several of them with `/` between."""

    parameter: Identifier
    namespace: Identifier | None = None


NamePattern = Annotated[str, Field(min_length=1, max_length=200)]
Levels = Annotated[int, Field(ge=1, le=10)]
Most = Annotated[int, Field(ge=1, le=1_000)]
Path = Annotated[list[Qualified | NamedStep], Field(min_length=1)]


class OpcUaStartModel(Strict):
    """Where paths begin: at that `node`; or at the object below Objects that is an instance of this
    type (or of a subtype)."""

    instance_of: Qualified | None = None
    name: ParameterRef | None = None
    node: NodeText | ParameterRef | None = None

    @model_validator(mode="after")
    def _one_way(self) -> OpcUaStartModel:
        if (self.instance_of is None) == (self.node is None):
            raise WrongValueError(N_("give either 'instance_of' or 'node'"))
        if self.name is not None and self.instance_of is None:
            raise WrongValueError(N_("'name' belongs to 'instance_of'"))
        return self


class OpcUaSource(SourceOfValue):
    """A variable by `path` from the profile's start, or by `node` as a text or parameter. `field`:
    the part of an array or structure that counts."""

    path: Path | None = None
    node: NodeText | ParameterRef | None = None
    field: Steps = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_way(self) -> OpcUaSource:
        if (self.path is None) == (self.node is None):
            raise WrongValueError(N_("give either 'path' or 'node'"))
        return self


class OpcUaInput(Strict):
    sources: list[OpcUaSource] = Field(min_length=1)
    absent: Symbol | None = None


class Measurements(Strict):
    """Every variable with one number below `path` or `node` is a measurement of its own, called
    after it. `names`: only those that fit one of them. `levels`: how many steps deep; `most`: how
    many at most."""

    path: Path | None = None
    node: NodeText | ParameterRef | None = None
    names: list[NamePattern] = Field(default_factory=list)
    levels: Levels = 1
    most: Most = 100
    optional: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Measurements:
        if (self.path is None) == (self.node is None):
            raise WrongValueError(N_("give either 'path' or 'node'"))
        return self


class OpcUaHeartbeat(Strict):
    """A variable that must move: a bit that toggles, or a counter. While it stands still, whatever
    else the server says is not believed to be of now."""

    path: Path | None = None
    node: NodeText | ParameterRef | None = None
    field: Steps = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_way(self) -> OpcUaHeartbeat:
        if (self.path is None) == (self.node is None):
            raise WrongValueError(N_("give either 'path' or 'node'"))
        return self


class OpcUaLimitsModel(Strict):
    """What the machine's server takes: no more is asked of it, whatever the connection says."""

    sampling_interval_ms_min: Annotated[float, Field(gt=0, le=3_600_000)] | None = None
    publishing_interval_ms_min: Annotated[float, Field(gt=0, le=3_600_000)] | None = None
    queue_size_max: Annotated[int, Field(ge=2, le=1_000_000)] | None = None
