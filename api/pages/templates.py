"""Templates to text: one Jinja2 environment a language, assets under their digest.

A page's language is negotiated here. Autoescape is always on; texts reach templates as plain
strings. Knows no store: an agent's own page is made here, too.
"""

from __future__ import annotations

import hashlib
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request

from api import i18n
from api.documents.written_words import written_words
from api.i18n import Language
from api.pages import labels
from api.pages.glossary_terms import BY_ANCHOR
from api.pages.words import worth_warning

TEMPLATES = Path(__file__).parents[1] / "templates"
STATIC = Path(__file__).parents[1] / "static"


def language_of(request: Request) -> Language:
    """The language of a request: ?lang=, cookie, Accept-Language, English."""
    return i18n.language(
        i18n.negotiate(
            request.query_params.get("lang"),
            request.cookies.get(i18n.COOKIE),
            request.headers.get("accept-language"),
        )
    )


def fragment(language: Language, template: str, **context: Any) -> str:
    """A part of a page, for events."""
    return environment(language.tag).get_template(template).render(**context)


def asset(name: str) -> str:
    """The address of a static file; it changes with the content, so it may be cached long."""
    return f"/static/{name}?v={_digest(name)}"


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


@cache
def environment(tag: str) -> Environment:
    """That of the language with the tag, with all that templates use."""
    language = i18n.language(tag)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(  # type: ignore[attr-defined]  # the extension's
        language.catalogue, newstyle=True
    )
    environment.globals.update(
        {
            "language": language,
            "asset": asset,
            "labels": labels,
            "dash": i18n.DASH,
            "glossary": BY_ANCHOR,
        }
    )
    environment.filters.update(
        {
            "number": language.number,
            "percent": language.percent,
            "coverage": language.coverage,
            "recorded": language.recorded,
            "money": language.money,
            "duration": language.duration,
            "day": language.day,
            "label": language.text,
            "worth_warning": worth_warning,
            "written": partial(written_words, language=language),
        }
    )
    return environment
