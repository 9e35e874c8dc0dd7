"""profile.yaml: its form, its references, and the JSON Schema that editors use."""

from __future__ import annotations

import json

import pytest
from translatable import left_in_english

from device_profiles.files.catalogue import PACKAGED, parse
from device_profiles.files.resolve import resolve
from device_profiles.files.schema import json_schema
from domain.errors import InputError

SCHEMA = PACKAGED / "profile.schema.json"
PACKML = (PACKAGED / "packml/opcua/profile.yaml").read_text(encoding="utf-8")
METER = (PACKAGED / "shelly/pro3em-mqtt/profile.yaml").read_text(encoding="utf-8")
REMAKE = (
    'python -c "import json; from device_profiles.files.schema import json_schema; '
    'print(json.dumps(json_schema(), indent=2, ensure_ascii=False))"'
)


def test_the_published_json_schema_is_fresh() -> None:
    published = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert published == json_schema(), f"write {SCHEMA.name} anew: {REMAKE}"


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        # form
        ("protocol: opcua", "protocol: opcau", "protocol", "Did you mean 'opcua'?"),
        ("parameters:", "paramters:", "paramters", "Did you mean 'parameters'?"),
        ("otherwise: unknown", "otherwize: unknown", "signals.state.otherwize", "'otherwise'?"),
        ("input: processed", "input: 7", "signals.total_count.input", "should be a valid string"),
        ("packml:EquipmentStarved", "EquipmentStarved", "starved.sources.0.path.1", "prefix:Brow"),
        ("    otherwise: unknown\n", "", "signals.state", "'when' and 'otherwise' belong"),
        ("total_count: {input: processed}", "total_count: {factor: 2}", "l_count", "give one of"),
        ("{input: processed}", "{input: processed, sums: [processed]}", "l_count", "'sum'?"),
        ("{input: processed}", "{sum: [processed, processed]}", "l_count", "names an input twice"),
        ("{input: processed}", "{sum: [processed, prosessed]}", "sum", "Did you mean 'processed'?"),
        ("{input: processed}", "{sum: [processed]}", "l_count", "two inputs at least"),
        ("{input: processed}", "{increments: processed}", "increments", "come in messages"),
        # references
        ("total_count: {input", "totl_count: {input", "signals.totl_count", "Did you mean 'total_"),
        ("total_count: {input", "weight: {input", "signals.weight", "Use one of state, mode,"),
        ("{input: processed}", "{input: procesed}", "signals.total_count.input", "'processed'?"),
        ("then: fault", "then: xyz", "signals.state.when.9.then", "Known are: unknown, prod"),
        ("Execute, mode", "Exekute, mode", "when.4.if.packml_state", "Did you mean 'Execute'?"),
        ("take: machine_state", "take: packml_state", "derived.packml_state.1.take", "unknown inp"),
        ("take: base_state}", "take: base_state, if: {mode: Produce}}", "packml_state.2", "always"),
        ("table: unit_mode", "table: unit_modes", "mode.sources.0.table", "'unit_mode'?"),
        ("table: unit_mode", "table: opc-3005-mode", "mode.sources.0.table", "'opc-30050-mode'?"),
        ("codes: {Invalid: unknown, Produce: produce, Maintenance: maintenance, Manual: manual}",
         "codes: {table: opc-30050}", "mode.codes.table", "the codes of a state, not of a mode"),
        ("codes: {Invalid: unknown, Produce: produce, Maintenance: maintenance, Manual: manual}",
         "codes: {table: opc-40001-1-mode}", "mode.codes.table", "nothing is said of Invalid, Pro"),
        ("codes: {Invalid: unknown, Produce: produce, Maintenance: maintenance, Manual: manual}",
         "codes: {table: unit_mode}", "tables.unit_mode.0", "unknown mode 'Invalid'"),
        ("  unit_mode:\n", "  spare: {0: a}\n  unit_mode:\n", "tables.spare", "uses this table"),
        ("EquipmentStarved]}", "EquipmentStarved], bit: 64}", "starved.sources.0.bit", "to 63"),
        ("EquipmentStarved]}", "EquipmentStarved], bit: 1, decimal_mark: ','}", "starved.sources.0",
         "not for numbers written as texts"),
        ("EquipmentStarved]}", "EquipmentStarved], invrt: true}", "sources.0.invrt", "'invert'?"),
        ("packml:UnitModeCurrent", "pakml:UnitModeCurrent", "path.1", "Did you mean 'packml'?"),
        ("{parameter: unit}", "{parameter: unti}", "start.name.parameter", "Did you mean 'unit'?"),
        ("speed: {input: current_speed, unit: items/min}", "speed: {input: current_speed, unit: W}",
         "signals.speed.unit", "Known are: items/s, items/min, items/h."),
        ("{input: processed}", "{input: processed, codes: {a: b}}", "total_count.codes", "number"),
        (", Manual: manual", "", "signals.mode.codes", "nothing is said of Manual"),
        ("otherwise: unknown", "otherwise: producing", "state.otherwise", "never be a fallback"),
        ("  design_speed:", "  dsign_speed:", "signals.ideal_speed.input", "'dsign_speed'?"),
        ("  ideal_speed: {input: design_speed, unit: items/min}\n", "", "inputs.design_speed",
         "nothing uses this input"),
    ],
)  # fmt: skip
def test_a_wrong_profile_is_one_sentence_with_line_and_field(
    old: str, new: str, field: str, message: str
) -> None:
    assert old in PACKML
    text = PACKML.replace(old, new, 1)
    with pytest.raises(InputError) as caught:
        parse(text, "my/profile.yaml")
    said = str(caught.value)
    head, _, rest = said.partition(": field '")
    assert field in rest.partition("'")[0]
    assert message in said
    assert left_in_english(caught.value) == []
    # The line is that of the changed text, or where the text was that is gone.
    start = PACKML[: PACKML.index(old)].count("\n") + 1
    line = int(head.removeprefix("my/profile.yaml, line "))
    assert line == start or not new or "\n" in old or _holds(text, line, field)


def _holds(text: str, line: int, field: str) -> bool:
    """Whether the line named is that of the field's last key (or its item's first)."""
    key = field.rsplit(".", 1)[-1]
    return key.isdigit() or key in text.splitlines()[line - 1]


def test_a_title_in_one_language_is_enough() -> None:
    rest = PACKML.partition("title:")[2].partition("documentation:")[2]
    head = "name: a/b\nvendor: v\nprotocol: opcua\n"
    text = f"{head}models: [P1, P2]\ntitle: {{zh-Hans: 我的压机}}\ndocumentation:{rest}"
    profile = resolve(parse(text, "press.yaml"), {})
    assert profile.title == dict.fromkeys(("en", "zh-Hant", "zh-Hans"), "我的压机")
    assert profile.models == ("P1", "P2")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  en: PackML machine over OPC UA\n", "  zn-Hant: x\n", "Did you mean 'zh-Hant'?"),
        ("model: Any", "models: [M]\nmodel: Any", "give either 'model', or 'models'"),
        (
            "  - >-\n    OPC 30060",
            "  - {text: T, link: example.org/x}\n  - >-\n    OPC 30060",
            "link",
        ),
        (
            "  - >-\n    OPC 30060",
            "  - {text: T, lnk: 'http://x'}\n  - >-\n    OPC 30060",
            "'link'?",
        ),
        (
            "title:\n  en: PackML machine over OPC UA\n  zh-Hant: PackML 機器（OPC UA）\n"
            "  zh-Hans: PackML 机器（OPC UA）\n",
            "title: {}\n",
            "at least, as in {en: My press}",
        ),
    ],
)
def test_what_a_profile_says_of_itself_is_checked(old: str, new: str, message: str) -> None:
    text = PACKML.replace(old, new, 1)
    assert text != PACKML
    with pytest.raises(InputError) as caught:
        parse(text, "profile.yaml")
    assert message in str(caught.value)
    assert left_in_english(caught.value) == []


def test_a_caveat_may_have_a_link() -> None:
    caveat = "  - {text: Counts restart at midnight., link: 'https://example.org/manual'}"
    profile = parse(PACKML.replace("caveats:\n", f"caveats:\n{caveat}\n", 1), "profile.yaml")
    assert profile.linked_caveats[0] == (
        "Counts restart at midnight.",
        "https://example.org/manual",
    )
    assert profile.linked_caveats[1][1] == ""


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("time: /t, time_zone: Asia/Hongkong_", "'Asia/Hongkong_' is no time zone"),
        ("time_zone: Asia/Hong_Kong", "'time_zone' belongs to 'time'"),
        ("time: /t, time_unit: hours", "time_unit"),
        ("decimal_mark: ';'", "decimal_mark"),
        ("decimal_mark: '.', table: codes", "give one of them"),
        ("each: em:0", "'em:0' is neither a JSON Pointer (RFC 6901), as in /em:0, nor"),
        ("time: 'ts[?'", "nor a JMESPath expression"),
        ("where: {id: a}", "'where' chooses elements of the list at 'each'"),
        ("level: 2", "'level' takes the value from the topic"),
        ("any_topic: true", "'any_topic' belongs to a topic with + or #"),
        ("payload: text", "a text has no fields"),
        ("payload: csv, each: ''", "the rows of a csv payload are the list"),
        ("payload: xml", "payload"),
        ("separator: ';'", "belong to 'payload: csv'"),
        ("payload: csv, separator: ';;'", "separator"),
        ("quality: {field: /q}", "quality.good"),
        ("quality: {field: /q, good: [1], bad: ['1']}", "'1' is said to be two qualities"),
        ("quality: {field: /q, god: [1]}", "Did you mean 'good'?"),
    ],
)
def test_what_a_source_says_of_its_device_fits_together(source: str, message: str) -> None:
    text = METER.replace("time: /params/ts", source, 1)
    assert text != METER
    with pytest.raises(InputError) as caught:
        parse(text, "profile.yaml")
    assert message in str(caught.value)
    assert left_in_english(caught.value) == []


@pytest.mark.parametrize(
    ("topic", "message"),
    [
        ("a/b+/c", "'b+': a wildcard (+ or #) is a whole level"),
        ("a/#/c", "# is the last level of a topic"),
        ("/a", "begins with '/'"),
        ("a/x{line}", "a parameter is a whole level"),
        ("a/{Line}", "a parameter is a whole level"),
        ("a/{lnie}", "unknown parameter 'lnie'"),
        ("", "topic"),
    ],
)
def test_a_topic_is_made_of_whole_levels(topic: str, message: str) -> None:
    text = METER.replace("topic: events/rpc", f"topic: {topic!r}", 1)
    assert text != METER
    with pytest.raises(InputError) as caught:
        parse(text, "profile.yaml")
    assert message in str(caught.value)
    assert left_in_english(caught.value) == []
