"""The node of an OPC UA server as integrators write it: by browse path, or by its NodeId.

Namespaces are always named by URI. Their indices are the server's business and change with it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from device_profiles.model.addresses import (
    OPC_UA,
    NodeName,
    OpcUaAddress,
    OpcUaStart,
    QName,
    escaped,
)
from domain.errors import InputError

_NODE_ID = re.compile(r"(?:nsu=([^;]+);)?([isgb])=(.*)", re.DOTALL)
_NEARLY_NODE_ID = re.compile(r"nsu=|ns=[0-9]*;")
# A step of a path, its name with marks escaped by &; the namespace has none of its own.
_STEP = re.compile(r"/(?:\{(?P<namespace>[^{}]+)\})?(?P<name>(?:&.|[^&/<>{}])+)", re.DOTALL)


def parse_node(text: str, *, optional: bool = False) -> OpcUaAddress:
    """A node, as integrators write it in one of three ways.

    `urn:vendor:Counters/Good` is Objects → Counters → Good, all in namespace `urn:vendor`.
    The last colon ends the namespace URI; `&` before `/`, `:` or `&` makes it part of a name
    (as in the relative paths of OPC 10000-4, A.2).

    `/{urn:line}Machine/{urn:vendor}Counters/Good` gives each step a namespace of its own; without
    one it has that of the step before. `&` goes before `&`, `/`, `<`, `>`, `{` and `}` of a name:
    so is an address shown.

    `nsu=urn:vendor;s=Machine.Good` is a NodeId (OPC 10000-6, 5.1.12); `%25` and `%3B` are the
    percent sign and semicolon of a namespace.

    Raises InputError when it is none of these.
    """
    if found := _NODE_ID.fullmatch(text):
        return OpcUaAddress(OpcUaStart(node=_node_name(text, *found.groups())), (), optional)
    if _NEARLY_NODE_ID.match(text):
        raise _no_node(text)
    marks = re.findall(r"&.|.", text, re.DOTALL)
    path = _steps(text) if text.startswith("/") else _path_in_one_namespace(marks)
    if not path or not all(namespace and name for namespace, name in path) or "&" in marks:
        raise _no_node(text)
    return OpcUaAddress(OpcUaStart(), path, optional)


def parse_steps(text: str, namespace: str) -> tuple[QName, ...]:
    """Some steps of a browse path, as in `Line 1/{urn:vendor}Filler`; one without a namespace has
    that of the step before it, the first the one that is given (empty: it needs its own).

    Raises InputError where it is none.
    """
    path = _steps(f"/{text}", namespace)
    if not path or not all(uri for uri, _ in path):
        raise InputError(
            f"'{text}' is no name of a node" + ("" if path else ", nor a path of several"),
            todo="Write its browse name with its namespace, as in {urn:vendor}Filler 1, with & "
            "before each &, /, <, >, { and } of a name.",
        )
    return path


def node_text(path: Sequence[QName]) -> str:
    """A browse path from the Objects folder, as short as `parse_node` reads it.

    >>> node_text([("urn:v", "Counters"), ("urn:v", "Good")])
    'urn:v:Counters/Good'
    >>> node_text([("urn:line", "Machine"), ("urn:v", "Counters"), ("urn:v", "Good")])
    '/{urn:line}Machine/{urn:v}Counters/Good'
    """
    namespace = path[0][0]
    if any(uri != namespace for uri, _ in path) or not _is_plain(namespace):
        before = [("", ""), *path]
        return "".join(
            f"/{escaped(name)}" if uri == last else f"/{{{uri}}}{escaped(name)}"
            for (last, _), (uri, name) in zip(before, path, strict=False)
        )
    names = "/".join(re.sub(r"[&/:]", r"&\g<0>", name) for _, name in path)
    return f"{namespace.replace('&', '&&')}:{names}"


def _is_plain(namespace: str) -> bool:
    """Whether the text that begins with it is none of the other two kinds."""
    return not (namespace.startswith("/") or _NEARLY_NODE_ID.match(namespace) or "=" in namespace)


def _path_in_one_namespace(marks: list[str]) -> tuple[QName, ...]:
    colon = max((index for index, mark in enumerate(marks) if mark == ":"), default=0)
    namespace = "".join(_read(marks[:colon]))
    return tuple((namespace, "".join(it)) for it in _split(marks[colon + 1 :], "/"))


def _steps(text: str, namespace: str = "") -> tuple[QName, ...]:
    """Those of a path whose steps name their namespaces; none where it is no such path."""
    path: list[QName] = []
    position = 0
    while position < len(text):
        found = _STEP.match(text, position)
        if found is None:
            return ()
        position = found.end()
        namespace = found["namespace"] or namespace
        path.append((namespace, "".join(_read(re.findall(r"&.|.", found["name"], re.DOTALL)))))
    return tuple(path)


def _node_name(text: str, uri: str | None, kind: str, identifier: str) -> NodeName:
    namespace = OPC_UA if uri is None else uri.replace("%3B", ";").replace("%25", "%")
    if not _IDENTIFIERS[kind](identifier):
        raise _no_node(text)
    return NodeName(namespace, kind, identifier)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and int(text) < 1 << 32


def _is_guid(text: str) -> bool:
    return re.fullmatch(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", text) is not None


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except ValueError:
        return False


_IDENTIFIERS: dict[str, Callable[[str], bool]] = {
    "i": _is_number,
    "s": bool,
    "g": _is_guid,
    "b": _is_base64,
}


def _no_node(text: str) -> InputError:
    return InputError(
        f"'{text}' is not the address of an OPC UA node",
        todo="Write namespace URI, colon, path: urn:vendor:Counters/Good. Put & before each "
        "colon, slash and & that is part of a name. Or write a NodeId with its namespace's URI: "
        "nsu=urn:vendor;s=Machine.Good; never an index as in ns=2, which changes.",
    )


def _read(marks: Iterable[str]) -> Iterator[str]:
    """Each mark as the character that it means."""
    return (mark[-1] for mark in marks)


def _split(marks: Iterable[str], at: str) -> Iterator[Iterator[str]]:
    """The marks between those that are `at`, read."""
    part: list[str] = []
    for mark in marks:
        if mark == at:
            yield _read(part)
            part = []
        else:
            part.append(mark)
    yield _read(part)
