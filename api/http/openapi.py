"""What the OpenAPI document says of answers: their fields, and one form of every error.

Answers are made by hand for speed, so nothing tells FastAPI what is in them: it is written here, a
line for each route. More fields may stand beside those. Tests ask every route and hold what it
answers against this.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from api.http.problem_document import MEDIA_TYPE
from api.http.routes import PREFIX
from store.archive.document_types import TYPES, UNKNOWN_TYPE

_PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
_ERRORS = {
    "4XX": "What was asked cannot be answered: the sentence says why, and what to do",
    "503": "Too much is waiting: come again",
    "507": "Could not be stored: come again",
}
_CORRECTION = (
    "id:string line:string kind:string start:string end:string? reason:string? element:string? "
    "amount:number? withdraws:string? author:string comment:string recorded_at:string "
    "in_force:boolean withdrawn_by:string?"
)
_HANDOVER = (
    "line:string shift:string start:string end:string is_kept:boolean changed:boolean "
    "figures:object digest:string notes:array signatures:array"
)
_KPI_ROW = (
    "line:string start:string end:string key:string? method:string planned_busy_time_s:number? "
    "production_time_s:number? setup_time_s:number? delay_time_s:number? down_time_s:number? "
    "unknown_time_s:number? total_count:number? good_count:number? reject_count:number? "
    "ideal_time_s:number? energy_kwh:number? availability:number? effectiveness:number? "
    "quality_ratio:number? oee:number? oee_low:number? oee_high:number? coverage:number? "
    "flags:array not_computable:object"
)
_STEP = (
    "project:string milestone:string action:string state:string author:string at:string "
    "reason:string due:string? verdict:object?"
)
_CONFLICT = "project:string author:string at:string reason:string"
_VISIT = (
    "project:string milestone:string? number:integer line:string kind:string visited_at:string "
    "author:string recorded_at:string note:string readings:array"
)
_CHANGE = (
    "project:string number:integer kind:string milestone:string? line:string? machine:string? "
    "replaced_at:string? old:string new:string reason:string author:string asked_at:string "
    "state:string decision:object? carried_out:object?"
)
_ATTACHMENT = (
    "project:string milestone:string? kind:string file_name:string media_type:string "
    "sha256:string bytes:integer? attached_at:string attached_by:string retain_until:string? "
    "hold:object? removed_at:string?"
)
_SAMPLE = (
    "number:integer scheme:string start:string end:string population:array "
    "population_digest:string rate:number margin:number confidence:number size:integer "
    "public_value:string known_on:string author:string announced_at:string seed:object? "
    "drawn:array error_rate:object"
)
_USER = (
    "name:string full_name:string roles:array created_at:string disabled_at:string? "
    "has_password:boolean"
)
_TOKEN = (
    "label:string roles:array created_by:string created_at:string ends_at:string revoked_at:string?"
)
# Fields of the answer to GET; with [] of each row of a list. A ? may be null.
_GET = {
    "/lines": "[] line:string plant:string name:object timezone:string calendar:string? "
    "ideal_cycle_time_s:number? product:string? machines:object roles:object",
    "/lines/{line}": "plant:string line:string name:object at:string state:string since:string? "
    "reason:string? machines:array last_heard:string? stale:boolean faults:array kpis:object? "
    "forecast:object? shift:object?",
    "/lines/{line}/kpis": f"[] {_KPI_ROW}",
    "/lines/{line}/states": "[] start:string end:string state:string mode:string? order:string? "
    "reason:string? plan:string",
    "/lines/{line}/stops": "line:string start:string end:string stops:array pareto:array "
    "paretos:object reliability:object losses:object",
    "/lines/{line}/handover": _HANDOVER,
    "/alerts": "open:array ended:array",
    "/lines/{line}/corrections": f"[] {_CORRECTION}",
    "/corrections/{identity}": _CORRECTION,
    "/lines/{line}/frozen": "[] line:string start:string end:string author:string frozen_at:string",
    "/projects": "[] project:string plant:string lines:array approved_on:string start:string "
    "end:string? milestones:array grant:object",
    "/projects/{ref}/milestones": "project:string as_of:string grant:object milestones:array",
    "/projects/{ref}/milestones/{milestone}/decisions": f"[] {_STEP}",
    "/projects/{ref}/conflicts": f"[] {_CONFLICT}",
    "/portfolio": "totals:object schemes:array indicators:object not_computed:array projects:array",
    "/portfolio/open-data": "[] project:string scheme:string company:string grant_hkd:number?",
    "/checks/risks": "milestones:array not_computed:array",
    "/checks/samples": f"[] {_SAMPLE}",
    "/checks/samples/{number}": _SAMPLE,
    "/projects/{ref}/smart-line": "[] point:string title:string is_evidenced:boolean "
    "measured:string? share_of_machines:number? document_kind:string documents:array",
    "/reminders": "standing:array coming:array messages:array",
    "/projects/{ref}/change-requests": f"[] {_CHANGE}",
    "/projects/{ref}/visits": f"[] {_VISIT}",
    "/projects/{ref}/milestones/{milestone}/visits": f"[] {_VISIT}",
    "/projects/{ref}/attachments": f"[] {_ATTACHMENT}",
    "/profiles": "[] profile:string",
    "/batches": "[] agent:string number:integer digest:string samples:integer rejections:integer "
    "first_time:string? last_time:string? received:string",
    "/projects/{ref}/terms": "[] milestone:string version:integer terms_digest:string "
    "applied_at:string leaf:integer? in_ledger_since:string?",
    "/ledger/leaves": "[] index:integer leaf:string",
    "/ledger/consistency": "[]",
    "/rejections": "[]",
    "/quarantine": "[]",
    "/lines/{line}/measurements": "[]",
    "/lines/{line}/measurements/{name}/chart": "line:string",
    "/audit": "[] number:integer at:string previous:string what:string who:string address:string "
    "place:string outcome:string count:integer digest:string",
    "/health/live": "status:string",
    "/health/ready": "status:string",
    "/health/findings": "ok:boolean findings:array",
    "/users": f"[] {_USER}",
    "/tokens": f"[] {_TOKEN}",
    "/agents": "[] agent:string origin:string? enrolled_at:string revoked_at:string? keys:array",
    "/agents/authority": "authority:string",
}
_POST = {
    "/lines/{line}/handover/notes": _HANDOVER,
    "/lines/{line}/handover/signatures": _HANDOVER,
    "/lines/{line}/corrections": _CORRECTION,
    "/lines/{line}/frozen": "line:string start:string end:string author:string frozen_at:string",
    "/projects/{ref}/milestones/{milestone}/decisions": f"{_STEP} allowed:array",
    "/projects/{ref}/conflicts": _CONFLICT,
    "/projects/{ref}/change-requests": _CHANGE,
    "/projects/{ref}/change-requests/{number}/approval": _CHANGE,
    "/projects/{ref}/change-requests/{number}/refusal": _CHANGE,
    "/projects/{ref}/visits": _VISIT,
    "/projects/{ref}/milestones/{milestone}/visits": _VISIT,
    "/projects/{ref}/milestones/{milestone}/attachments": _ATTACHMENT,
    "/projects/{ref}/attachments/{sha256}/hold": _ATTACHMENT,
    "/projects/{ref}/attachments/{sha256}/release": _ATTACHMENT,
    "/checks/samples": _SAMPLE,
    "/checks/samples/{number}/seed": _SAMPLE,
    "/checks/samples/{number}/results": _SAMPLE,
    "/batches": "status:string agent:string number:integer digest:string",
    "/users": _USER,
    "/users/{name}/disable": _USER,
    "/users/{name}/enable": _USER,
    "/users/{name}/reset": _USER,
    "/users/{name}/roles": _USER,
    "/tokens": f"{_TOKEN} secret:string",
    "/tokens/{label}/revoke": _TOKEN,
    "/agents/enrol": "agent:string authority:string?",
    "/agents/{name}/code": "agent:string code:string",
    "/agents/{name}/keys": "agent:string old_key_until:string",
    "/agents/{name}/revocation": "agent:string changed:boolean",
}
_OTHER_TYPES = {
    "/metrics": {"text/plain": {"schema": {"type": "string"}}},
    f"{PREFIX}/projects/{{ref}}/dossier": {"application/zip": {}},
    f"{PREFIX}/portfolio/open-data": {"text/csv": {}, "application/xml": {}},
    f"{PREFIX}/audit": {"text/csv": {}, "application/x-ndjson": {}},
    f"{PREFIX}/projects/{{ref}}/attachments/{{sha256}}": {
        it: {} for it in sorted({UNKNOWN_TYPE, *(each.media_type for each in TYPES.values())})
    },
}


def describe_answers(app: FastAPI) -> None:
    """The application's OpenAPI document tells of answers what is said here."""
    generated = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(generated())
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's own pages advise


def _complete(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):  # ours is a problem
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _describe(path, method, operation["responses"])


def _describe(path: str, method: str, responses: dict[str, Any]) -> None:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status in [it for it in responses if not it.startswith("2")]:
        responses[status]["content"] = content
        if status == "422":
            responses[status]["description"] = "What was sent cannot be used"
    for status, said in _ERRORS.items():
        responses.setdefault(status, {"description": said, "content": content})
    fields = (_GET if method == "get" else _POST).get(path.removeprefix(PREFIX))
    done = next(responses[it] for it in responses if it.startswith("2"))
    if fields is not None:
        done["content"] = {"application/json": {"schema": _schema(fields)}}
    if path == "/metrics":
        done["content"] = {}
    done["content"] = done.get("content", {}) | _OTHER_TYPES.get(path, {})


def _schema(fields: str) -> dict[str, Any]:
    words = fields.split()
    is_list = words[:1] == ["[]"]
    pairs = [word.split(":") for word in words[is_list:]]
    row = {
        "type": "object",
        "required": [name for name, _ in pairs],
        "properties": {name: {"type": _type(kind)} for name, kind in pairs},
    }
    return {"type": "array", "items": row} if is_list else row


def _type(kind: str) -> str | list[str]:
    return [kind[:-1], "null"] if kind.endswith("?") else kind
