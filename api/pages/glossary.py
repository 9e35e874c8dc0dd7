"""`/glossary`: the words of the pages, each in a sentence; open to whoever reaches the node."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.pages.glossary_terms import GROUPS
from api.pages.render import render

router = APIRouter()


@router.get("/glossary")
async def glossary_page(request: Request) -> Response:
    return render(request, "glossary.html", groups=GROUPS)
