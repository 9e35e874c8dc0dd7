"""`/cut-off`: the page that a tablet keeps, to show when it is reloaded without network.

It is the same for everybody and says nothing of any line.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.pages.render import render

router = APIRouter()


@router.get("/cut-off")
async def cut_off_page(request: Request) -> Response:
    return render(request, "cut_off.html")
