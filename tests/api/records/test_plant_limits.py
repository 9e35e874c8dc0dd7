"""A text of a page leads the node nowhere that it may not go; what is in force stays allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from translatable import left_in_english

from api.records.plant_limits import PlantLimits, check_limits, line_of
from domain.errors import InputError, NotAllowedError
from domain.yaml_text import load_yaml
from store.files.plant import read_plant

PLANT = """\
plant: p
company: {{name: {{en: A}}}}
lines:
  l:
    machines:
      m: {machine}
    roles: {{state: m}}
"""
OPCUA = "{profile: packml/opcua, connection: {url: %s, %s}}"


def check(machine: str, in_force: str = "{profile: import}", own: Path | None = None) -> None:
    def check_address(url: str) -> None:
        if "10.0.0.1" not in url:
            raise NotAllowedError("may not look at '%(url)s'", values={"url": url})

    old, new = (PLANT.format(machine=it) for it in (in_force, machine))
    limits = PlantLimits(check_address, own)
    check_limits(read_plant(new, "p"), read_plant(old, "p"), load_yaml(new, "p")[1], limits)


@pytest.mark.parametrize(
    ("machine", "says"),
    [
        (
            OPCUA % ('"opc.tcp://10.0.0.2"', "security: none"),
            r"connection.url': may not look at 'opc",
        ),
        (OPCUA % ('"opc.tcp://10.0.0.1"', "password_file: /etc/shadow"), "the folder 'secrets'"),
        (OPCUA % ('"opc.tcp://10.0.0.1"', "password_file: secrets/../key"), "the folder 'secrets'"),
        (OPCUA % ('"opc.tcp://10.0.0.1"', "user_key: x.pem"), "user_key': a file that is named"),
        ("{profile: /etc/shadow}", "neither a packaged profile nor one of this node's own"),
    ],
)
def test_what_a_page_may_not_name(machine: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as refused:
        check(machine)
    assert line_of(refused.value) == 6
    left = ["may not look at '%(url)s'"] if "may not look" in says else []  # the test's own words
    assert left_in_english(refused.value) == left
    check(machine, machine)  # in force already


def test_what_a_page_may_name(tmp_path: Path) -> None:
    check(OPCUA % ('"opc.tcp://10.0.0.1"', "password_file: secrets/press.txt"))
    own = tmp_path / "acme" / "press" / "profile.yaml"
    check(f'{{profile: "{own}"}}', own=tmp_path)
    with pytest.raises(InputError, match="neither a packaged profile"):
        check(f'{{profile: "{tmp_path}/../other.yaml"}}', own=tmp_path)


def test_a_changed_address_takes_no_file_along() -> None:
    """The password that goes to one machine may not be sent to another by who edits it."""
    known = OPCUA % ('"opc.tcp://10.0.0.2"', "password_file: /etc/lineproof/press")
    with pytest.raises(InputError, match="the folder 'secrets'"):
        check(known.replace("10.0.0.2", "10.0.0.1"), known)
