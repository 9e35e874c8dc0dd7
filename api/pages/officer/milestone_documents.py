"""The documents of a milestone on its page, each with the link to its bytes.

These are on no page of ours: a link leads to a download (api.http.routes.attachments).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from api.http.access.callers import Seen
from api.http.dependencies import Services
from api.http.routes import PREFIX
from api.http.routes.attachments import names_for
from api.i18n import Language
from api.pages import labels
from domain.grants import AttachedDocument, Project
from domain.plant import Plant, text_in
from domain.schemes.funding import rule_for
from domain.schemes.smart_line import document_kind
from domain.texts import N_

_KB, _MB = 1_000, 1_000_000
_OF_POINT = N_("Smart line: %(point)s")


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A document as texts. `link` None: its bytes were removed, at `removed`. `until` None: it is
    kept for ever. `hold`: who put it, when and why."""

    file_name: str
    link: str | None
    kind: str
    size: str | None
    sha256: str
    attached_by: str
    attached_at: str
    until: str | None
    hold: tuple[str, str, str] | None
    removed: str | None


def document_kinds(project: Project, language: Language) -> dict[str, str]:
    """By kind the title of each document that the program knows: of terms, and of the points of
    the project's scheme."""
    kinds = {kind: language.text(title) for kind, title in labels.DOCUMENTS.items()}
    rule = rule_for(project.scheme, project.approved_on)
    for item in rule.smart_points if rule else ():
        title = text_in(item.title, language.tag)
        kinds[document_kind(item.name)] = language.text(_OF_POINT, point=title)
    return kinds


def shown_documents(
    services: Services,
    seen: Seen,
    plant: Plant,
    project: Project,
    milestone: str,
    language: Language,
) -> list[ShownDocument]:
    """Those of the milestone, the oldest first."""
    ref, kinds = project.reference, document_kinds(project, language)
    name = names_for(services, seen, ref)

    def shown(it: AttachedDocument) -> ShownDocument:
        is_there = it.removed_at is None
        address = f"{PREFIX}/projects/{quote(ref, safe='')}/attachments/{it.sha256}"
        hold = None
        if it.hold is not None:
            put_at = language.moment(it.hold.put_at, plant.zone)
            hold = (name(it.hold.put_by), put_at, it.hold.reason)
        return ShownDocument(
            it.file_name,
            address if is_there else None,
            kinds.get(it.kind, it.kind),
            None if it.size is None else _size(it.size, language),
            it.sha256,
            name(it.attached_by),
            language.moment(it.attached_at, plant.zone),
            language.day(it.retain_until) if it.retain_until else None,
            hold,
            None if is_there else language.moment(it.removed_at, plant.zone),
        )

    return [shown(it) for it in services.queries.documents(ref) if it.milestone == milestone]


def _size(size: int, language: Language) -> str:
    if size < _MB:
        return f"{language.number(size / _KB, 1)} kB"
    return f"{language.number(size / _MB, 1)} MB"
