"""What `profile.yaml` says of values in MQTT messages: topics, payloads, fields, quality."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from device_profiles.files.schema_words import (
    ParameterRef,
    Selector,
    SourceOfValue,
    Strict,
    Symbol,
    Symbols,
    Zone,
)
from device_profiles.model.addresses import QualityWord
from device_profiles.model.machine_time import TimeUnit
from domain.errors import WrongValueError
from domain.texts import N_

LEVELS_MAX = 100
_PARAMETER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def _topic(text: str) -> str:
    """Levels with / between them: texts, parameters and the wildcards + and # (MQTT 5, 4.7.1)."""
    levels = text.split("/")
    if not levels[0]:
        raise WrongValueError(
            N_("'%(topic)s' begins with '/': it goes on where the connection's topic ends"),
            {"topic": text},
        )
    for place, level in enumerate(levels):
        if any(mark in level for mark in "+#") and level not in ("+", "#"):
            raise WrongValueError(
                N_("'%(level)s': a wildcard (+ or #) is a whole level of a topic"), {"level": level}
            )
        if level == "#" and place < len(levels) - 1:
            raise WrongValueError(
                N_("'%(topic)s': # is the last level of a topic"), {"topic": text}
            )
        if any(mark in level for mark in "{}") and _PARAMETER.fullmatch(level) is None:
            raise WrongValueError(
                N_(
                    "'%(level)s': a parameter is a whole level, as in a/{name}; give a topic that "
                    "has braces itself by a parameter"
                ),
                {"level": level},
            )
    return text


Topic = Annotated[str, Field(min_length=1), AfterValidator(_topic)]
TopicLevel = Annotated[int, Field(ge=-LEVELS_MAX, le=LEVELS_MAX)]


def parameters_in(topic: str | ParameterRef) -> list[str]:
    """The parameters that a topic names."""
    if isinstance(topic, ParameterRef):
        return [topic.parameter]
    found = (_PARAMETER.fullmatch(level) for level in topic.split("/"))
    return [match[1] for match in found if match is not None]


def has_wildcard(topic: str | ParameterRef) -> bool:
    return isinstance(topic, str) and ("+" in topic or "#" in topic)


class QualityWords(Strict):
    """`field` says how good the value is: `good`, `uncertain` and `bad` are what it can be, and all
    else is bad. `absent`: what it means that the field is not there."""

    field: Selector
    good: Symbols
    uncertain: Symbols | None = None
    bad: Symbols | None = None
    absent: QualityWord = "bad"

    @model_validator(mode="after")
    def _says_each_once(self) -> QualityWords:
        said = [word for _, word in self.words]
        for word in said:
            if said.count(word) > 1:
                raise WrongValueError(N_("'%(word)s' is said to be two qualities"), {"word": word})
        return self

    @property
    def words(self) -> list[tuple[QualityWord, str]]:
        lists = (("good", self.good), ("uncertain", self.uncertain), ("bad", self.bad))
        return [(quality, word) for quality, words in lists for word in words or ()]  # type: ignore[misc]  # literals


class MqttSource(SourceOfValue):
    """A field of the messages on a topic below the connection's topic.

    `topic`: levels may be `{parameter}`, + or #. Of a wildcard one topic is expected; `any_topic`:
    each of them gives values. `level`: the value is that level of the topic, from 1 or from the
    end, -1. `payload`: `text`, the whole of it is the value; `csv`: rows of columns with a
    `separator`, named by numbers from 1 and, with `header`, by the first row. `field`, `time`:
    JSON Pointer or JMESPath. `time`: where the device's own time stands, as a number in `time_unit`
    or as ISO 8601 text (`iso`); `time_zone`: it is local time there. `each`: where a list stands
    of whose every element `field` and `time` are read; `where`: of those with these values alone.
    `ends_in_nul`: the payload does.
    """

    topic: Topic | ParameterRef
    payload: Literal["json", "text", "csv"] = "json"
    separator: Annotated[str, Field(pattern=r"^[^\"\r\n]$")] | None = None
    header: bool = False
    field: Selector = ""
    level: TopicLevel | None = None
    any_topic: bool = False
    each: Selector | None = None
    where: dict[str, Symbol | ParameterRef] = Field(default_factory=dict)
    time: Selector | None = None
    time_unit: TimeUnit = "s"
    time_zone: Zone | None = None
    quality: QualityWords | None = None
    ends_in_nul: bool = False

    @model_validator(mode="after")
    def _fits_together(self) -> MqttSource:
        for problem in (self._time, self._topic, self._list, self._payload):
            what = problem()
            if what:
                raise WrongValueError(what)
        return self

    def _time(self) -> str:
        is_alone = self.time_zone is not None and self.time is None
        return N_("'time_zone' belongs to 'time'") if is_alone else ""

    def _topic(self) -> str:
        if self.level == 0:
            return N_("levels of a topic are counted from 1, or from its end, -1")
        if self.level is not None and (self.field or self.each is not None):
            return N_("'level' takes the value from the topic: leave out 'field' and 'each'")
        if self.any_topic and (self.level is not None or not has_wildcard(self.topic)):
            return N_(
                "'any_topic' belongs to a topic with + or #, whose values are in the messages"
            )
        return ""

    def _list(self) -> str:
        if self.where and self.each is None and self.payload != "csv":
            return N_("'where' chooses elements of the list at 'each': give it")
        return ""

    def _payload(self) -> str:
        if self.payload != "csv" and (self.separator is not None or self.header):
            return N_("'separator' and 'header' belong to 'payload: csv'")
        if self.payload == "csv" and self.each is not None:
            return N_("the rows of a csv payload are the list: leave out 'each'")
        if self.payload == "csv" and self.level is None and not self.field:
            return N_("name the column: 'field: /3', or by the header 'field: /good'")
        is_field = self.field or self.each is not None or self.time is not None or self.quality
        if self.payload == "text" and is_field:
            return N_("a text has no fields: leave out 'field', 'each', 'time' and 'quality'")
        return ""


class MqttInput(Strict):
    sources: list[MqttSource] = Field(min_length=1)
    absent: Symbol | None = None


class HeartbeatModel(Strict):
    """Messages on `topic` confirm that the machine is alive; with `values` only those whose
    payload (or `field` of it) is one of them."""

    topic: Topic | ParameterRef
    field: Selector = ""
    values: Symbols | None = None
