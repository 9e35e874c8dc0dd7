"""`GET profiles`: the device profiles that this node brings along."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.paging import Cursor, Limit, slice_page
from api.routes import PREFIX
from device_profiles.catalogue import names

router = APIRouter(prefix=f"{PREFIX}/profiles", tags=["profiles"])


@router.get("", summary="Names of the packaged device profiles")
def profiles(request: Request, cursor: Cursor = None, limit: Limit = 100) -> Response:
    rows = [{"profile": name} for name in names()]
    return slice_page(request, rows, cursor, limit)
