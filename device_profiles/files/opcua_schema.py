"""What `profile.yaml` says of OPC UA: where paths begin, and where each value stands."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from device_profiles.files.schema_words import (
    ParameterRef,
    Qualified,
    SourceOfValue,
    Steps,
    Strict,
    Symbol,
)
from device_profiles.model.node_text import parse_node
from domain.errors import InputError


def _node(text: str) -> str:
    try:
        parse_node(text)
    except InputError as error:
        raise ValueError(str(error)) from None
    return text


NodeText = Annotated[str, AfterValidator(_node)]


class OpcUaStartModel(Strict):
    """The object below Objects that is an instance of this type (or of a subtype)."""

    instance_of: Qualified
    name: ParameterRef | None = None


class OpcUaSource(SourceOfValue):
    """A variable by `path` from the profile's start, or by `node` as a text or parameter. `field`:
    the part of an array or structure that counts."""

    path: list[Qualified] | None = Field(default=None, min_length=1)
    node: NodeText | ParameterRef | None = None
    field: Steps = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_way(self) -> OpcUaSource:
        if (self.path is None) == (self.node is None):
            raise ValueError("give either 'path' or 'node'")
        return self


class OpcUaInput(Strict):
    sources: list[OpcUaSource] = Field(min_length=1)
    absent: Symbol | None = None
