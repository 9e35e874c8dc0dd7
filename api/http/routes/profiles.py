"""`GET profiles`: the device profiles that this node brings along."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.http.paging import PageDep
from api.http.routes import PREFIX
from device_profiles.files.catalogue import names

router = APIRouter(prefix=f"{PREFIX}/profiles", tags=["profiles"])


@router.get("", summary="Names of the packaged device profiles")
def profiles(page: PageDep) -> Response:
    rows = [{"profile": name} for name in names()]
    return page.of(rows)
