"""A text that somebody saved goes the way of files: the same checks, and nothing half changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from registered import GRANT, NOW, PLANT, apply_grant, apply_plant
from spoilt import changed
from translatable import left_in_english

from api.records.applied_files import (
    apply_given,
    check_fits,
    check_given,
    given_file,
    unchanged,
)
from device_profiles.files.catalogue import PACKAGED
from domain.errors import FileError, InputError
from store.registry.plant_saves import PlantSave
from store.registry.registry import Registry

SAVE = PlantSave("ines", "why", 1)


def test_a_saved_text_is_checked_as_a_file_is(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
    apply_plant(registry)
    apply_grant(registry)
    plant = registry.plants.all()[0]
    funded = registry.projects.all()[0].lines[0]
    without = PLANT.replace(f"  {funded}:", "  other-line:", 1).replace(
        f"line: {funded}", "line: other-line"
    )
    with pytest.raises(InputError, match=rf"the line '{funded}' is gone.*Nothing was changed\."):
        apply_given(registry, [given_file(without, "plant.yaml")], NOW, SAVE)
    assert len(registry.plant_saves.versions(plant.id)) == 1
    changed = given_file(PLANT.replace("timezone: Asia/Hong_Kong", "timezone: Asia/Macau"), "p")
    check_given([changed])
    assert apply_given(registry, [changed], NOW, SAVE) == [f"plant {plant.id}: zone changed"]
    saves = [it.save for it in registry.plant_saves.versions(plant.id)]
    assert saves == [SAVE, None]
    registry.close()


def test_a_text_that_is_neither() -> None:
    with pytest.raises(InputError, match="neither a plant file nor a grant file") as caught:
        given_file("a: b", "plant.yaml")
    assert left_in_english(caught.value) == []


def refused(*texts: str) -> FileError:
    """For what the files, called a.yaml and so on, are refused whatever is registered."""
    given = [given_file(it, f"{name}.yaml") for name, it in zip("ab", texts, strict=False)]
    with pytest.raises(FileError) as caught:
        check_given(given)
    return caught.value


MACHINE = """\
plant: p
company: {name: {en: A}}
lines:
  l:
    machines:
      m: {profile: %s, connection: {url: "opc.tcp://10.0.0.1"}, parameters: {%s}}
    roles: {state: m}
"""
AT = "a.yaml, line 6: field 'lines.l.machines.m.profile': "


def test_two_files_of_the_same_thing() -> None:
    error = refused(PLANT, PLANT)
    assert str(error) == ("b.yaml: 'tko-foods' is described in a.yaml as well. Give one of them.")
    assert left_in_english(error) == []


def test_a_password_in_a_plant_file() -> None:
    machine = MACHINE % ("packml/opcua", "")
    error = refused(machine.replace('.1"', '.1", password: x'))
    assert str(error).startswith(
        "a.yaml, line 6: field 'lines.l.machines.m.connection.password': a plant file is evidence"
    )
    assert left_in_english(error) == []


@pytest.mark.parametrize(
    ("profile", "parameters", "says"),
    [
        ("packml/opcau", "", "unknown device profile 'packml/opcau'. Did you mean 'packml/opcua'?"),
        (
            "packml/opcua",
            "unti: x",
            "profile 'packml/opcua', parameter 'unti': unknown parameter. Did you mean 'unit'?",
        ),
        (
            "generic/opcua-counters",
            "",
            "profile 'generic/opcua-counters': no signal is left without parameters. Give",
        ),
    ],
)
def test_a_profile_or_parameter_that_nobody_knows(profile: str, parameters: str, says: str) -> None:
    error = refused(MACHINE % (profile, parameters))
    assert str(error).startswith(f"{AT}{says}")
    assert left_in_english(error) == []


def test_of_a_profile_that_is_wrong_the_place_is_said_and_its_sentence_can_be_opened(
    tmp_path: Path,
) -> None:
    text = (PACKAGED / "packml/opcua/profile.yaml").read_text(encoding="utf-8")
    own = tmp_path / "own.yaml"
    own.write_text(changed(text, "    otherwise: unknown", "    otherwize: unknown"))
    error = refused(MACHINE % (own, ""))
    _, _, line = str(error).removeprefix(f"{AT}{own}").partition("line ")
    said = f"{own}, line {line.partition(':')[0]}: field 'signals.state.otherwize': unknown key"
    assert str(error) == f"{AT}{said}. Did you mean 'otherwise'?"
    assert left_in_english(error) == [said]
    assert (error.values["file"], error.values["field"]) == (str(own), "signals.state.otherwize")
    own.write_text("a: [")
    assert refused(MACHINE % (own, "")).message.endswith("'%(file)s' is wrong in line %(line)s")
    own.write_bytes(b"\xff\xfe")
    error = refused(MACHINE % (own, ""))
    assert error.message.endswith("'%(file)s' cannot be used")
    said = f"{own}: the profile cannot be read (it is no UTF-8 text)"
    assert str(error) == f"{AT}{said}. Give the path of a YAML file that this user may read."
    assert left_in_english(error) == [said]
    own.unlink()
    error = refused(MACHINE % (own, ""))
    assert str(error).startswith(f"{AT}{own}: there is no such profile. Give the path")
    assert left_in_english(error) == [f"{own}: there is no such profile"]


def test_what_does_not_fit_to_what_is_registered(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
    apply_plant(registry)
    apply_grant(registry)
    other = changed(PLANT, "plant: tko-foods", "plant: other")
    gone = changed(PLANT, "  filler-1:\n", "  filler-2:\n")
    for text, says in (
        (other, "the plant 'tko-foods' has a line of that name already. Give this line"),
        (gone, "the line 'filler-1' is gone, but project NIFS-2025-017 is funded for it. Keep"),
        (
            changed(GRANT, "plant: tko-foods", "plant: tko-food"),
            "there is no plant 'tko-food'. Did you mean 'tko-foods'?",
        ),
        (
            changed(GRANT, "lines: [filler-1]", "lines: [filler-1, filler-2]"),
            "the plant 'tko-foods' has no line 'filler-2'. Did you mean 'filler-1'?",
        ),
    ):
        with pytest.raises(FileError) as caught:
            check_fits(registry, [given_file(text, "a.yaml")])
        assert says in str(caught.value)
        assert left_in_english(caught.value) == []
    registry.close()


@pytest.mark.parametrize("todo", ["", "Correct one of the two days."])
def test_that_nothing_was_changed_is_translated_too(todo: str) -> None:
    error = FileError("missing", file="a.yaml", line=3, todo=todo)
    told = unchanged(error)
    assert str(told) == f"{error}{'' if todo else '.'} Nothing was changed."
    assert left_in_english(told) == []
    assert unchanged(told) is told
    assert error.todo == todo


def test_with_names_in_what_to_do_that_nothing_was_changed_is_english() -> None:
    error = FileError(
        "unknown key", file="a.yaml", todo="Did you mean '%(near)s'?", values={"near": "b"}
    )
    told = unchanged(error)
    assert str(told) == "a.yaml: unknown key. Did you mean 'b'? Nothing was changed."
    assert left_in_english(told) == []


def test_a_target_without_its_unit() -> None:
    text = changed(GRANT, "target: 0.65", "target: 65")
    with pytest.raises(FileError) as caught:
        given_file(text, "a.yaml")
    assert "oee is a share, and a target of 65 is 6500 %. Write 0.65 for 65 %." in str(caught.value)
    assert [it for it in left_in_english(caught.value) if not it.endswith(" %")] == []
