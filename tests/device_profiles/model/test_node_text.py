"""A node is written by browse path or by NodeId, its namespace by URI."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_profiles.model.addresses import OPC_UA, NodeName, OpcUaAddress, OpcUaStart
from device_profiles.model.node_text import node_text, parse_node
from domain.errors import InputError


def test_a_node_is_written_as_namespace_and_path() -> None:
    path = (("urn:vendor", "Counters"), ("urn:vendor", "Good"))
    assert parse_node("urn:vendor:Counters/Good").path == path
    assert parse_node("http://vendor.com/UA/:Good").path == (("http://vendor.com/UA/", "Good"),)


def test_a_name_may_hold_separators_behind_an_ampersand() -> None:
    assert parse_node("urn:v:A&/B/C&:D/E&&F").path == (
        ("urn:v", "A/B"),
        ("urn:v", "C:D"),
        ("urn:v", "E&F"),
    )


NAMES = st.text(st.sampled_from("aZ0&/:. 机\ue03a\n<>{}"), min_size=1, max_size=6)


# `/` begins a path whose steps name their namespaces, and a NodeId begins with its kind.
ONE_NAMESPACE = NAMES.filter(lambda it: not it.startswith("/"))


@given(ONE_NAMESPACE, st.lists(NAMES, min_size=1, max_size=3))
def test_every_name_can_be_written(namespace: str, names: list[str]) -> None:
    written = namespace.replace("&", "&&")
    path = "/".join(re.sub("[&/:]", r"&\g<0>", name) for name in names)
    assert parse_node(f"{written}:{path}").path == tuple((namespace, name) for name in names)


@pytest.mark.parametrize(
    "text",
    [
        "", "Good", ":Good", "urn:v:", "urn:v:A//B", "urn:v:A/", "u:A&", "ns=2;s=Good",
        "nsu=;s=Good", "nsu=urn:v;s=", "nsu=urn:v;i=-1", "i=4294967296", "i=٣", "nsu=urn:v;g=12",
        "nsu=urn:v;b=!", "ns=2;s=A:Good", "nsu=urn:v:Good",
        "/Good", "/{}Good", "/{urn:v}", "/{urn:v}A//B", "/{urn:v}A{B}", "/{u}A&",
    ],
)  # fmt: skip
def test_what_is_no_node_says_how_to_write_one(text: str) -> None:
    with pytest.raises(InputError, match="urn:vendor:Counters/Good"):
        parse_node(text)


@given(st.text(max_size=40))
def test_parsing_a_node_never_fails_otherwise(text: str) -> None:
    with contextlib.suppress(InputError):
        assert parse_node(text)


SIMPLE = st.text(st.sampled_from("aZ0:. 机%;"), min_size=1, max_size=5)


@given(st.lists(st.tuples(SIMPLE, NAMES), min_size=1, max_size=3))
def test_a_path_is_written_as_it_is_shown(path: list[tuple[str, str]]) -> None:
    """Each step in a namespace of its own."""
    address = OpcUaAddress(OpcUaStart(), tuple(path))
    assert parse_node(address.key) == address


def test_a_step_without_a_namespace_has_that_before_it() -> None:
    assert parse_node("/{urn:line}Machine/{urn:v}Counters/Good").path == (
        ("urn:line", "Machine"),
        ("urn:v", "Counters"),
        ("urn:v", "Good"),
    )


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("nsu=urn:vendor;s=Machine.Good", NodeName("urn:vendor", "s", "Machine.Good")),
        ("nsu=urn:v;s=a;b=c/d&e", NodeName("urn:v", "s", "a;b=c/d&e")),
        ("nsu=urn:100%25%3Bv;i=5", NodeName("urn:100%;v", "i", "5")),
        ("i=2258", NodeName(OPC_UA, "i", "2258")),
        (
            "nsu=u;g=09087e75-8e5e-499b-954f-f2a9603db28a",
            NodeName("u", "g", "09087e75-8e5e-499b-954f-f2a9603db28a"),
        ),
        ("nsu=u;b=M/RbKBsRVkePCePcx24oRA==", NodeName("u", "b", "M/RbKBsRVkePCePcx24oRA==")),
    ],
)
def test_a_node_id_names_its_namespace_by_uri(text: str, node: NodeName) -> None:
    address = parse_node(text)
    assert (address.start, address.path) == (OpcUaStart(node=node), ())
    assert address.key == text


@given(st.lists(st.tuples(SIMPLE, NAMES), min_size=1, max_size=4))
def test_a_path_is_written_so_that_it_is_read_again(path: list[tuple[str, str]]) -> None:
    assert parse_node(node_text(path)).path == tuple(path)


@given(NAMES, st.lists(NAMES, min_size=1, max_size=3))
def test_a_path_in_one_namespace_is_short(namespace: str, names: list[str]) -> None:
    path = [(namespace, name) for name in names]
    if not set(namespace) & set("{}"):
        assert parse_node(node_text(path)).path == tuple(path)
