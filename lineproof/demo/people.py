"""The demo's three people: made up, without passwords. Its pages let one be them by a click.

Only the demo's own process offers it, and it listens on this machine alone. Started by anything
else, a node on the same folder is closed: these accounts have no way in then.
"""

from __future__ import annotations

from datetime import datetime

from api.http.dependencies import DemoPerson
from domain.access import Assignment, Role
from domain.errors import NotFoundError
from lineproof.demo.model.lines import NOODLE_1
from lineproof.demo.texts import PLANT, PROJECTS
from store.registry.registry import Registry

PEOPLE = (
    DemoPerson("operator", Role.OPERATOR, f"/lines/{NOODLE_1}"),
    DemoPerson("officer", Role.OFFICER, "/grants"),
    DemoPerson("integrator", Role.INTEGRATOR, "/floor"),
)
OPERATOR, OFFICER, INTEGRATOR = "Wong Ka Yan", "Au Yeung Mei", "Lam Chun Kit"
_ACCOUNTS = {
    "operator": (OPERATOR, [f"operator@plant:{PLANT}"]),
    "officer": (OFFICER, [f"officer@project:{project}" for project in PROJECTS]),
    "integrator": (INTEGRATOR, ["integrator"]),
}


def add_people(registry: Registry, now: datetime) -> None:
    """Those that the folder does not have yet."""
    for name, (full_name, roles) in _ACCOUNTS.items():
        try:
            registry.accounts.named(name)
        except NotFoundError:
            given = [Assignment.parse(role) for role in roles]
            registry.accounts.add(name, full_name, given, now)
