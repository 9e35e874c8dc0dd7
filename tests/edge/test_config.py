"""The agent's file: paths, limits, and one sentence for each mistake."""

from pathlib import Path

import pytest

from domain.errors import InputError
from edge.config import AgentConfig, load_config

GOOD = """\
name: filler-agent
data: ./agent-data
collector: https://collector.example:8443
token: secret-word
machines:
  - {line: filler-1, machine: filler, profile: packml/opcua, connection: {url: "opc.tcp://h:1"}}
  - line: filler-1
    machine: meter
    profile: ./own/profile.yaml
    connection: {url: "mqtts://h", topic: 7, authority: ca.pem}
    stale_after_s: 10
batch: {max_samples: 500}
status: {port: 9090, password_file: word}
"""


def load(folder: Path, text: str) -> AgentConfig:
    file = folder / "agent.yaml"
    file.write_text(text)
    return load_config(file)


def test_a_good_file(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD)
    assert config.data == tmp_path / "agent-data"
    filler, meter = config.machines
    assert (filler.profile, filler.stale_after_s) == ("packml/opcua", 60)
    assert (meter.profile, meter.stale_after_s) == (str(tmp_path / "own/profile.yaml"), 10)
    assert meter.connection == {
        "url": "mqtts://h",
        "topic": "7",
        "authority": str(tmp_path / "ca.pem"),
    }
    assert (config.batch.max_samples, config.batch.max_age_s) == (500, 1.0)
    status = config.status
    assert status is not None
    assert (status.listen, status.password_file) == ("127.0.0.1", tmp_path / "word")


def test_the_token_is_not_shown(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD)
    assert "secret-word" not in repr(config)
    assert config.token is not None
    assert config.token.get_secret_value() == "secret-word"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("name:", "nmae:", r"line 1: field 'nmae': unknown key\. Did you mean 'name'\?"),
        ("https://", "opc.tcp://", r"line 3: field 'collector': .*must begin with https://"),
        ("max_samples: 500", "max_samples: 0", r"line 12: field 'batch\.max_samples'"),
        ("machine: meter", "machine: filler", r"'filler' of line 'filler-1' is there twice"),
        ("machine: meter", "machine: a/b", r"line 8: field 'machines\.1\.machine'"),
        ("machine: meter", "machne: meter", r"line 8: .*machne': unknown key\. .* 'machine'\?"),
        ("secret-word", "secret wörd", r"line 4: field 'token': .*characters that no token has"),
        ("stale_after_s: 10", "stale_after_s: 0", r"line 11: .*stale_after_s"),
        ("port: 9090", "port: 0", r"line 13: field 'status\.port'"),
        ("port: 9090", "timezone: HK, port: 9090", r"'HK' is no time zone as in Asia/Hong_Kong"),
        ("port: 9090", "key: k.pem, port: 9090", r"'certificate' and 'key' belong together"),
    ],
)
def test_a_mistake_is_one_sentence_with_file_line_and_field(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        load(tmp_path, GOOD.replace(old, new, 1))
    assert str(caught.value).startswith(str(tmp_path / "agent.yaml"))
    assert "\n" not in str(caught.value)


def test_no_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml: .*cannot be read"):
        load_config(tmp_path / "none.yaml")


def test_an_agent_without_machines_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no machine: add at least one"):
        load(tmp_path, "name: a\ndata: d\ncollector: http://c\nmachines: []\n")
