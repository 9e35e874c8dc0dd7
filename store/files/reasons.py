"""The `reasons:` of plant.yaml: a tree of stop reasons, to `domain.plant.StopReason`s.

Rules: an id stands once in the whole tree, a code at one node only, and no code is the id of
another node: what a machine says names one node or none. A node without a kind has that of the
nearest ancestor that has one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import BeforeValidator, Field

from domain.plant import StopReason
from domain.states import ReasonKind
from domain.texts import N_
from domain.yaml_text import Lines, Path
from store.files.fields import NAME_LENGTH_MAX, FileModel, Identifier, Texts, plain_text, quoted

Code = Annotated[str, BeforeValidator(quoted), Field(min_length=1, max_length=NAME_LENGTH_MAX)]


class ReasonFile(FileModel):
    name: Texts | None = None
    kind: ReasonKind | None = None
    codes: list[Code] = Field(default_factory=list)
    reasons: dict[Identifier, ReasonFile] = Field(default_factory=dict)


def read_reasons(models: dict[str, ReasonFile], lines: Lines) -> dict[str, StopReason]:
    """The nodes by id, each behind its parent. Raises InputError with file, line and field."""
    nodes: dict[str, StopReason] = {}
    places: dict[str, Path] = {}
    for path, node in _nodes(models, ("reasons",), None, ReasonKind.UNPLANNED):
        if node.id in nodes:
            raise lines.error(
                path,
                N_("the reason '%(reason)s' stands in line %(line)s already"),
                N_("Give each reason an id of its own in the whole tree."),
                {"reason": node.id, "line": lines.at(places[node.id])},
            )
        nodes[node.id], places[node.id] = node, path
    _check_codes(nodes, places, lines)
    return nodes


def _nodes(
    models: dict[str, ReasonFile], path: Path, parent: str | None, inherited: ReasonKind
) -> Iterator[tuple[Path, StopReason]]:
    for name, model in models.items():
        kind = model.kind or inherited
        text = plain_text(model.name or {"en": name})
        yield (*path, name), StopReason(name, text, kind, parent, tuple(model.codes))
        yield from _nodes(model.reasons, (*path, name, "reasons"), name, kind)


def _check_codes(nodes: dict[str, StopReason], places: dict[str, Path], lines: Lines) -> None:
    owners: dict[str, str] = {}
    for node in nodes.values():
        for index, code in enumerate(node.codes):
            path = (*places[node.id], "codes", index)
            if code in owners:
                raise lines.error(
                    path,
                    N_("the code '%(code)s' stands at the reason '%(reason)s' already"),
                    N_("A code can mean one reason only: leave it at one of them."),
                    {"code": code, "reason": owners[code]},
                )
            if code in nodes and code != node.id:
                raise lines.error(
                    path,
                    N_("the code '%(code)s' is the id of another reason"),
                    N_("Leave it out here, or give the other reason another id."),
                    {"code": code},
                )
            owners[code] = node.id
