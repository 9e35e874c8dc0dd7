"""Which action each route asks for: all of them in one table, so that nothing is open by oversight.

A route that is not in the table answers nobody (and a test fails). `None`: whoever can reach the
node may ask. What a route shows of lines or projects beyond the one in its path, and what it leaves
out because a plant keeps it confidential, it asks itself (`api.http.access.callers.Seen`).
"""

from __future__ import annotations

from domain.access import Action

_API = "/api/v1"
PERMISSIONS: dict[tuple[str, str], Action | None] = {
    ("GET", f"{_API}/lines"): Action.SEE_LINES,
    ("GET", f"{_API}/lines/{{line}}"): Action.SEE_LINES,
    ("GET", f"{_API}/lines/{{line}}/live"): Action.SEE_LINES,
    ("GET", f"{_API}/lines/{{line}}/kpis"): Action.SEE_LINES,
    ("GET", f"{_API}/lines/{{line}}/states"): Action.SEE_RAW_SAMPLES,
    ("GET", f"{_API}/lines/{{line}}/stops"): Action.SEE_LINES,
    ("GET", f"{_API}/lines/{{line}}/measurements"): Action.SEE_LINES,
    ("GET", f"{_API}/lines/{{line}}/measurements/{{name}}/chart"): Action.SEE_RAW_SAMPLES,
    ("GET", f"{_API}/lines/{{line}}/corrections"): Action.SEE_LINES,
    ("POST", f"{_API}/lines/{{line}}/corrections"): Action.CORRECT,
    ("GET", f"{_API}/corrections/{{identity}}"): Action.SEE_LINES,
    ("POST", f"{_API}/corrections/{{identity}}/approval"): Action.APPROVE,
    ("POST", f"{_API}/corrections/{{identity}}/refusal"): Action.APPROVE,
    ("GET", f"{_API}/waiting-corrections"): Action.SEE_LINES,
    ("GET", "/approvals"): Action.APPROVE,
    ("POST", "/approvals"): Action.APPROVE,
    ("GET", f"{_API}/lines/{{line}}/exceptions"): Action.SEE_LINES,
    ("POST", f"{_API}/lines/{{line}}/exceptions"): Action.CHANGE_CALENDAR,
    ("POST", f"{_API}/lines/{{line}}/exceptions/{{name}}/withdrawal"): Action.CHANGE_CALENDAR,
    ("GET", "/lines/{line}/plan"): Action.SEE_LINES,
    ("POST", "/lines/{line}/plan"): Action.CHANGE_CALENDAR,
    ("GET", f"{_API}/lines/{{line}}/frozen"): Action.SEE_LINES,
    ("POST", f"{_API}/lines/{{line}}/frozen"): Action.ACCEPT,
    ("GET", f"{_API}/projects"): Action.SEE_GRANTS,
    ("GET", f"{_API}/portfolio"): Action.SEE_GRANTS,
    ("GET", f"{_API}/portfolio/open-data"): Action.SEE_GRANTS,
    ("GET", "/portfolio"): Action.SEE_GRANTS,
    ("GET", f"{_API}/projects/{{ref}}/milestones"): Action.SEE_GRANTS,
    # Whose step it is, the route asks itself.
    ("POST", f"{_API}/projects/{{ref}}/milestones/{{milestone}}/decisions"): Action.TAKE_STEPS,
    ("GET", f"{_API}/projects/{{ref}}/milestones/{{milestone}}/decisions"): Action.SEE_GRANTS,
    ("POST", f"{_API}/projects/{{ref}}/conflicts"): Action.DECIDE,
    ("GET", f"{_API}/projects/{{ref}}/conflicts"): Action.SEE_GRANTS,
    ("GET", f"{_API}/projects/{{ref}}/change-requests"): Action.SEE_GRANTS,
    ("POST", f"{_API}/projects/{{ref}}/change-requests"): Action.SUBMIT,
    ("POST", f"{_API}/projects/{{ref}}/change-requests/{{number}}/approval"): Action.DECIDE,
    ("POST", f"{_API}/projects/{{ref}}/change-requests/{{number}}/refusal"): Action.DECIDE,
    ("GET", f"{_API}/projects/{{ref}}/visits"): Action.SEE_GRANTS,
    ("POST", f"{_API}/projects/{{ref}}/visits"): Action.VISIT,
    ("GET", f"{_API}/projects/{{ref}}/milestones/{{milestone}}/visits"): Action.SEE_GRANTS,
    ("POST", f"{_API}/projects/{{ref}}/milestones/{{milestone}}/visits"): Action.VISIT,
    ("GET", f"{_API}/projects/{{ref}}/attested"): Action.SEE_GRANTS,
    ("GET", f"{_API}/projects/{{ref}}/attachments"): Action.SEE_GRANTS,
    ("GET", f"{_API}/projects/{{ref}}/attachments/{{sha256}}"): Action.SEE_GRANTS,
    ("POST", f"{_API}/projects/{{ref}}/attachments/{{sha256}}/hold"): Action.HOLD,
    ("POST", f"{_API}/projects/{{ref}}/attachments/{{sha256}}/release"): Action.HOLD,
    ("POST", f"{_API}/projects/{{ref}}/milestones/{{milestone}}/attachments"): Action.ATTACH,
    ("GET", f"{_API}/profiles"): Action.SEE_PROFILES,
    ("GET", f"{_API}/batches"): Action.SEE_NODE,
    ("GET", f"{_API}/rejections"): Action.SEE_NODE,
    ("GET", f"{_API}/quarantine"): Action.SEE_NODE,
    ("GET", f"{_API}/projects/{{ref}}/terms"): Action.SEE_GRANTS,
    ("GET", f"{_API}/ledger/checkpoint"): Action.SEE_LEDGER,
    ("GET", f"{_API}/ledger/policy"): Action.SEE_LEDGER,
    ("GET", f"{_API}/ledger/proof"): Action.SEE_LEDGER,
    ("GET", f"{_API}/ledger/consistency"): Action.SEE_LEDGER,
    ("GET", f"{_API}/ledger/leaves"): Action.SEE_NODE,
    ("GET", f"{_API}/ledger/tile/entries/{{place:path}}"): Action.SEE_NODE,
    ("GET", f"{_API}/ledger/tile/{{level}}/{{place:path}}"): Action.SEE_LEDGER,
    ("GET", f"{_API}/health/findings"): Action.SEE_NODE,
    ("GET", f"{_API}/audit"): Action.SEE_AUDIT,
    ("GET", "/audit"): Action.SEE_AUDIT,
    ("GET", "/metrics"): Action.SEE_NODE,
    ("GET", f"{_API}/users"): Action.MANAGE_ACCOUNTS,
    ("POST", f"{_API}/users"): Action.MANAGE_ACCOUNTS,
    ("POST", f"{_API}/users/{{name}}/disable"): Action.MANAGE_ACCOUNTS,
    ("POST", f"{_API}/users/{{name}}/enable"): Action.MANAGE_ACCOUNTS,
    ("POST", f"{_API}/users/{{name}}/reset"): Action.MANAGE_ACCOUNTS,
    ("POST", f"{_API}/users/{{name}}/roles"): Action.MANAGE_ACCOUNTS,
    ("POST", f"{_API}/users/{{name}}/pin"): Action.MANAGE_ACCOUNTS,
    ("POST", f"{_API}/users/{{name}}/badge"): Action.MANAGE_ACCOUNTS,
    ("GET", f"{_API}/users/{{name}}/data"): Action.MANAGE_ACCOUNTS,
    ("POST", f"{_API}/users/{{name}}/erase"): Action.MANAGE_ACCOUNTS,
    ("GET", f"{_API}/tokens"): Action.MANAGE_ACCOUNTS,
    ("POST", f"{_API}/tokens"): Action.MANAGE_ACCOUNTS,
    ("POST", f"{_API}/tokens/{{label}}/revoke"): Action.MANAGE_ACCOUNTS,
    ("GET", f"{_API}/health/ready"): None,  # of its details it keeps what not all may see
    ("GET", f"{_API}/health/live"): None,
    ("POST", f"{_API}/batches"): None,  # an agent signs with its key
    ("GET", f"{_API}/agents"): Action.SEE_NODE,
    ("POST", f"{_API}/agents/{{name}}/code"): Action.MANAGE_AGENTS,
    ("POST", f"{_API}/agents/{{name}}/revocation"): Action.MANAGE_AGENTS,
    ("GET", f"{_API}/agents/authority"): None,  # it is what everybody is to trust
    ("POST", f"{_API}/agents/enrol"): None,  # the code says who may
    ("POST", f"{_API}/agents/{{name}}/keys"): None,  # the agent's present key signs
    ("GET", "/"): None,  # leads to a page that asks
    ("GET", "/floor"): Action.SEE_LINES,
    ("GET", "/floor/events"): Action.SEE_LINES,
    ("GET", "/lines/{line}"): Action.SEE_LINES,
    ("GET", "/lines/{line}/events"): Action.SEE_LINES,
    ("GET", "/grants"): Action.SEE_GRANTS,
    ("GET", "/grants/{ref}"): Action.SEE_GRANTS,
    ("GET", "/grants/{ref}/{milestone}"): Action.SEE_GRANTS,
    ("POST", "/grants/{ref}/{milestone}"): Action.TAKE_STEPS,
    ("POST", "/grants/{ref}/{milestone}/attachments"): Action.ATTACH,
    ("POST", "/grants/{ref}/{milestone}/visits"): Action.VISIT,
    ("GET", "/changes/{ref}"): Action.SEE_GRANTS,
    ("POST", "/changes/{ref}"): Action.TAKE_STEPS,
    ("GET", "/users"): Action.MANAGE_ACCOUNTS,
    ("POST", "/users"): Action.MANAGE_ACCOUNTS,
    ("GET", "/account"): None,  # whoever is signed in: its own
    ("POST", "/account"): None,
    ("GET", "/sign-in"): None,
    ("POST", "/sign-in"): None,
    ("POST", "/sign-in/demo"): None,  # there in the demo alone
    ("GET", "/sign-in/provider"): None,
    ("GET", "/sign-in/returned"): None,
    ("GET", "/sign-on"): None,  # whoever has the tablet
    ("POST", "/sign-on"): None,
    ("POST", "/sign-out"): None,
}
