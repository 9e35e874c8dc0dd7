"""A device profile as JSON: what it is, how far it is proven, what it reads and makes of that."""

from __future__ import annotations

from typing import Any

from device_profiles.files.schema import AnyProfile, SignalRule
from device_profiles.proving.check import ProfileReport


def profile_row(model: AnyProfile, report: ProfileReport) -> dict[str, Any]:
    """In a list of profiles."""
    return {
        "profile": model.name,
        "vendor": model.vendor,
        "title": model.title.texts,
        "protocol": model.protocol,
        "level": report.level.value,
        "signals": list(model.signals),
    }


def profile_document(model: AnyProfile, report: ProfileReport) -> dict[str, Any]:
    """The profile as it is written, its addresses as their keys where no parameter is open."""
    return {
        "profile": model.name,
        "vendor": model.vendor,
        "models": model.named_models,
        "title": model.title.texts,
        "protocol": model.protocol,
        "level": report.level.value,
        "for_the_next_level": list(report.for_the_next_level),
        "documentation": list(model.documentation),
        "caveats": [{"text": text, "link": link} for text, link in model.linked_caveats],
        "recorded_from": model.recorded_from,
        "parameters": {key: it.model_dump() for key, it in model.parameters.items()},
        "inputs": places_of_inputs(model),
        "signals": {key: inputs_of(it) for key, it in model.signals.items()},
        "measurements": places_of_measurements(model),
    }


def places_of_inputs(model: AnyProfile) -> dict[str, list[str]]:
    """Where each input is read, the first choice first."""
    return {
        key: [_place(source.model_dump(exclude_none=True)) for source in it.sources]
        for key, it in model.inputs.items()
    }


def places_of_measurements(model: AnyProfile) -> list[str]:
    """Below which nodes every variable is a measurement."""
    return [
        _place({"field": (), **it.model_dump(exclude_none=True)})
        for it in getattr(model, "measurements", ())
    ]


def inputs_of(rule: SignalRule) -> list[str]:
    """The inputs that a signal's rule names, each once."""
    if rule.when is not None:
        return list(dict.fromkeys(key for case in rule.when for key in case.if_))
    return [it for it in (rule.input, *(rule.sum or ()), rule.increments) if it is not None]


def _place(source: dict[str, Any]) -> str:
    """`packml:Admin/packml:ProdProcessedCount [0].AccCount`, `events/rpc /params/ts`, `Good`."""
    if "topic" in source:
        return _mqtt_place(source)
    if "node" in source:
        node = source["node"]
        return node if isinstance(node, str) else f"the node of parameter '{node['parameter']}'"
    if "metric" in source:
        metric = source["metric"]
        return (
            metric
            if isinstance(metric, str)
            else f"the metric of parameter '{metric['parameter']}'"
        )
    steps = "".join(f"[{it}]" if isinstance(it, int) else f".{it}" for it in source["field"])
    path = [it if isinstance(it, str) else f"{{{it['parameter']}}}" for it in source["path"]]
    return f"{'/'.join(path)} {steps}".strip()


def _mqtt_place(source: dict[str, Any]) -> str:
    """`events/rpc /params/ts`, `iot /values[id=Good]/v`, `event/+ level 2`."""
    topic, field = source["topic"], source["field"]
    topic = topic if isinstance(topic, str) else f"{{{topic['parameter']}}}"
    if "level" in source:
        return f"{topic} level {source['level']}"
    if "each" in source:
        where = source["where"].items()
        chosen = ",".join(f"{name}={_named(value)}" for name, value in where) or "*"
        return f"{topic} {source['each']}[{chosen}]{field}"
    return f"{topic} {field}".strip()


def _named(value: Any) -> str:
    return value if isinstance(value, str) else f"{{{value['parameter']}}}"
