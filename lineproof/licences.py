"""What the program is made of: each package that it needs to run, its version and its licence.

Read from what is installed here (Python's core metadata), so it is true of this installation and
needs no network. Packages of extras that were not asked for are none of it. A licence is
told in its author's own words: an SPDX expression, else the name that the package gives, else that
of its classifiers, else the first line of its licence file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from domain.errors import InputError, NotFoundError, did_you_mean

_COPYLEFT = re.compile(r"\b(A?GPL|LGPL|MPL|EPL|EUPL|CDDL)\b|General Public|Mozilla Public")
_NAME_MAX = 60  # characters; what is longer is the licence's whole text
_UNKNOWN = "not told"


@dataclass(frozen=True, slots=True)
class Package:
    """`needs`: the packages that it requires itself, as they are called here."""

    name: str
    version: str
    licence: str
    needs: tuple[str, ...]

    @property
    def is_copyleft(self) -> bool:
        """Whether every licence that one may choose asks those who hand the package on for its
        source. Worked example: "EPL-2.0 OR BSD-3-Clause" does not, "MPL-2.0 AND MIT" does."""
        return all(
            _COPYLEFT.search(it) for it in re.split(r"\bOR\b", _without_groups(self.licence))
        )

    @property
    def url(self) -> str:
        """As in package-url (purl)."""
        return f"pkg:pypi/{self.name}@{self.version}"


def _without_groups(expression: str) -> str:
    """Choices inside brackets are no choice of the whole: "MPL-2.0 AND (Apache-2.0 OR MIT)"."""
    return re.sub(r"\([^()]* OR [^()]*\)", "()", expression)


def packages(of: str = "lineproof", extras: Sequence[str] = ()) -> list[Package]:
    """Of that package and all that it needs, by name; with what those of its extras need. Raises
    NotFoundError where one of them is not installed, InputError where there is no such extra."""
    own = _installed(of)
    there = own.metadata.get_all("Provides-Extra") or []
    for it in extras:
        if it not in there:
            raise InputError(f"there is no extra '{it}'", todo=did_you_mean(it, there))
    wanted: dict[str, set[str]] = {}
    found: dict[str, Package] = {}
    left: list[tuple[str, frozenset[str]]] = [(of, frozenset(extras))]
    while left:
        name, more = left.pop()
        known = wanted.setdefault(name, set())
        if name in found and more <= known:
            continue
        known |= more
        installed = _installed(name)
        needs = list(_needs(installed, known))
        found[name] = Package(
            name, installed.version, _licence(installed), tuple(sorted({it for it, _ in needs}))
        )
        left += needs
    return [found[name] for name in sorted(found)]


def bill_of_materials(of: Sequence[Package], now: datetime) -> dict[str, Any]:
    """As CycloneDX 1.6 (ECMA-424): the first of the packages named lineproof is what it is of."""
    own = next(it for it in of if it.name == "lineproof")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": now.isoformat(timespec="seconds"),
            "component": {**_component(own), "type": "application"},
        },
        "components": [_component(it) for it in of if it is not own],
        "dependencies": [
            {"ref": it.url, "dependsOn": [other.url for other in of if other.name in it.needs]}
            for it in of
        ],
    }


def _component(it: Package) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": it.url,
        "name": it.name,
        "version": it.version,
        "purl": it.url,
        "licenses": [{"license": {"name": it.licence}}],
    }


def _installed(name: str) -> metadata.Distribution:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        raise NotFoundError(
            f"the package '{name}' is needed and not installed",
            todo="Install the program again, with all that it needs.",
        ) from None


def _needs(
    installed: metadata.Distribution, extras: Iterable[str]
) -> Iterable[tuple[str, frozenset[str]]]:
    for text in installed.requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": it}) for it in ("", *extras)):
            yield canonicalize_name(requirement.name), frozenset(requirement.extras)


def _licence(installed: metadata.Distribution) -> str:
    told = installed.metadata.json
    name = str(told.get("license", "")).strip()
    if expression := told.get("license_expression"):
        return str(expression)
    if name and len(name) <= _NAME_MAX and "\n" not in name and name != "Dual License":
        return name
    classified = [it for it in told.get("classifier", ()) if it.startswith("License :: ")]
    names = [it.rpartition(" :: ")[2] for it in classified]
    return " OR ".join(names) or _first_line(installed) or _UNKNOWN


def _first_line(installed: metadata.Distribution) -> str:
    """Of its licence file, where that names the licence."""
    for path in installed.files or ():
        if path.parent.name == "licenses" and path.name.upper().startswith("LICEN"):
            line = path.read_text(encoding="utf-8").lstrip().partition("\n")[0].strip()
            return line if "licen" in line.lower() and len(line) <= _NAME_MAX else ""
    return ""
