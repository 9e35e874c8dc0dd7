"""The demo's three people: made up, without passwords. Its pages let one be them by a click.

Only the demo's own process offers it, and it listens on this machine alone. Started by anything
else, a node on the same folder is closed: these accounts have no way in then.
"""

from __future__ import annotations

from datetime import datetime

from api.http.dependencies import DemoPerson
from domain.access import Assignment, Role
from domain.errors import NotFoundError
from lineproof.demo.texts import LINE, PROJECT
from store.registry.registry import Registry

PEOPLE = (
    DemoPerson("operator", Role.OPERATOR, f"/lines/{LINE}"),
    DemoPerson("officer", Role.OFFICER, f"/grants/{PROJECT}"),
    DemoPerson("integrator", Role.INTEGRATOR, "/floor"),
)
_ACCOUNTS = {
    "operator": ("Wong Ka Yan", f"operator@line:{LINE}"),
    "officer": ("Au Yeung Mei", f"officer@project:{PROJECT}"),
    "integrator": ("Lam Chun Kit", "integrator"),
}


def add_people(registry: Registry, now: datetime) -> None:
    """Those that the folder does not have yet."""
    for name, (full_name, role) in _ACCOUNTS.items():
        try:
            registry.accounts.named(name)
        except NotFoundError:
            registry.accounts.add(name, full_name, [Assignment.parse(role)], now)
