"""YAML files that people write: text in, values or one clear sentence out.

Every package that reads such a file (plants, grants, profiles, agents) uses this module,
so that all of them say file, line, field and what to do in the same way. It is the one
module of `domain`, besides `frames`, that needs more than the standard library (PyYAML and
pydantic). It opens no file: text and file name are arguments.

Rules: scalars follow the YAML 1.2 core schema, so `off`, `no` and `07:00` are text and
not false, false and 420 (and `0123` is text, not 123); dates stay text for the model to parse.
A key given twice is an error, on one line or on two, and however it is written. A file of more
than FILE_LENGTH_MAX characters is refused unread, and so is one that would have more were each
alias (`*a`) written out as what it repeats: ten lines of ten aliases each may stand for billions of
values. Validators of models raise WrongValueError (or any
ValueError, whose words stay English) with half a sentence; `validate` adds the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from domain.errors import FileError, InputError, shortened, suggestion
from domain.texts import N_
from domain.validation_words import Schema, Words, allowed_keys, words_of

Path = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)
UNKNOWN_KEY = N_("unknown key")
_MISSING = Words(N_("missing"), N_("Add it."))
FILE_LENGTH_MAX = 1_000_000  # characters; the largest of our own files have some ten thousand
_PROBLEMS_MAX = 1_000  # of one file that are looked at, to tell the first
_INT_MAX = 10**100  # a longer one no message could repeat


class _RefusedError(Exception):
    """What is YAML and breaks a rule of ours, and where it stands."""

    def __init__(self, what: str, mark: yaml.Mark, **values: str | float) -> None:
        self.what, self.mark, self.values = what, mark, values
        super().__init__(what)


class _Loader(yaml.SafeLoader):
    """SafeLoader with the scalars of YAML 1.2 and without double keys."""

    # Own, empty tables: PyYAML's would add the YAML 1.1 scalars.
    yaml_implicit_resolvers = {}  # noqa: RUF012  # PyYAML's attribute, as it reads it

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: dict[object, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _RefusedError(
                    N_("not valid YAML: a key must be a plain text or number"), key.start_mark
                )
            # By its text and by what it means: 1, "1" and 0x1 are one key to whoever reads them.
            meanings = {key.value, self.construct_object(key)}
            first = next((seen[it] for it in meanings if it in seen), None)
            if first is not None:
                raise _RefusedError(
                    N_("not valid YAML: the key '%(key)s' was given in line %(line)s"),
                    key.start_mark,
                    key=key.value,
                    line=first,
                )
            seen |= dict.fromkeys(meanings, key.start_mark.line + 1)
        return super().construct_mapping(node, deep)


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(0|[1-9][0-9]*)|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?"
        r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+0123456789."),
    ),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first
    )


def _int(_loader: _Loader, node: yaml.ScalarNode) -> int:
    # PyYAML's own would also read 1:30:00, to the base of 60, and work for hours at a long one.
    digits = node.value.lower()
    number = int(digits, 16 if "x" in digits else 10)
    if abs(number) > _INT_MAX:
        raise _RefusedError(N_("not valid YAML: a number has too many digits"), node.start_mark)
    return number


def _float(loader: _Loader, node: yaml.ScalarNode) -> float:
    # PyYAML's own reads 1e5 well once resolved, but not "1:30": that is text here.
    text = loader.construct_scalar(node).lower()
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


_Loader.add_constructor("tag:yaml.org,2002:int", _int)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)


@dataclass(frozen=True)
class Lines:
    """Where each value of a file stands: paths of keys and list indices to line numbers."""

    file: str
    root: yaml.Node | None

    def at(self, path: Path) -> int:
        """The line (from 1) of the key or list item; of its nearest parent if it is absent."""
        return self._walk(path)[1]

    def known(self, path: Path) -> Path:
        """The part of the path that is in the file. Steps that are not (pydantic names the
        branches of a union so) are left out, also where a key happens to be called the same."""
        return _longest(self.root, path)

    def error(
        self,
        path: Path,
        what: str,
        todo: str = "",
        values: Mapping[str, str | float] | None = None,
        *,
        in_full: str = "",
        others: int = 0,
    ) -> FileError:
        """An error that names file, line and field; the rest as there."""
        return FileError(
            what,
            file=self.file,
            line=self.at(path),
            field=".".join(shortened(str(step)) for step in path),
            clause=self.clause(path),
            todo=todo,
            values=values,
            in_full=in_full,
            others=others,
        )

    def clause(self, path: Path) -> str:
        """Of the agreement that the path is about; none in most files."""
        return ""

    def text_at(self, path: Path) -> str | None:
        """What is written there; None where there is no plain value."""
        node = self.root
        for step in path:
            found = _child(node, step)
            if found is None:
                return None
            node = found[0]
        return shortened(node.value) if isinstance(node, yaml.ScalarNode) else None

    def _walk(self, path: Path) -> tuple[Path, int]:
        node, line = self.root, _line(self.root)
        found: list[str | int] = []
        for step in path:
            child = _child(node, step)
            if child is not None:
                node, line = child
                found.append(step)
        return tuple(found), line


def load_yaml(text: str, file: str) -> tuple[Any, Lines]:
    """The file's value and its line numbers. Raises InputError with file and line."""
    if len(text) > FILE_LENGTH_MAX:
        raise too_long(file)
    try:
        loader = _Loader(text)  # raises ReaderError on characters that YAML does not allow
        try:
            root = loader.get_single_node()
            _check_written_out(root)
            value = None if root is None else loader.construct_document(root)
        finally:
            loader.dispose()
    except _RefusedError as error:
        raise FileError(
            error.what,
            file=file,
            line=error.mark.line + 1,
            todo=_YAML_ADVICE,
            values=error.values,
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _no_yaml(error.problem or "it cannot be read", file, mark) from None
    except (yaml.YAMLError, *_UNREADABLE) as error:
        problem = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise _no_yaml(problem, file, None) from None
    return value, Lines(file, root)


def _no_yaml(problem: str, file: str, mark: yaml.Mark | None) -> FileError:
    """`problem`: as PyYAML or Python says it."""
    return FileError(
        N_("not valid YAML"),
        file=file,
        line=mark.line + 1 if mark else 0,
        todo=_YAML_ADVICE,
        in_full=f"not valid YAML: {problem}",
    )


def too_long(file: str) -> InputError:
    """What is said of a file of more than FILE_LENGTH_MAX characters."""
    return FileError(
        N_("the file has more than %(most)s characters"),
        file=file,
        todo=N_("Give it as several files, or see whether it is the one that was meant."),
        values={"most": FILE_LENGTH_MAX},
    )


def _check_written_out(root: yaml.Node | None) -> None:
    """Raises _RefusedError for an alias inside its own anchor, which would never end, and where
    the file would be too long with each alias written out."""
    if root is None:
        return
    lengths: dict[int, int] = {}  # of what has been looked through, with all that is in it
    inside: set[int] = set()  # of what is being looked through
    to_do: list[tuple[yaml.Node, bool]] = [(root, False)]
    while to_do:
        node, looked_through = to_do.pop()
        if looked_through:
            inside.remove(id(node))
            length = 1 + sum(lengths[id(item)] for item in _items(node))
            if length > FILE_LENGTH_MAX:
                raise _RefusedError(
                    N_(
                        "not valid YAML: with what its aliases repeat, the file would have more "
                        "than %(most)s characters"
                    ),
                    node.start_mark,
                    most=FILE_LENGTH_MAX,
                )
            lengths[id(node)] = length
        elif id(node) in inside:
            raise _RefusedError(
                N_("not valid YAML: an alias stands inside of what it repeats"), node.start_mark
            )
        elif isinstance(node, yaml.ScalarNode):
            lengths[id(node)] = 1 + len(node.value)
        elif id(node) not in lengths:
            inside.add(id(node))
            to_do.append((node, True))
            to_do += [(item, False) for item in _items(node)]


def _items(node: yaml.Node) -> list[yaml.Node]:
    """What is in a list or mapping, the keys of this too."""
    if isinstance(node, yaml.MappingNode):
        return [it for pair in node.value for it in pair]
    return list(node.value)


# What PyYAML lets through where a value does not fit the tag that was written before it.
_UNREADABLE = (ValueError, AttributeError, RecursionError, LookupError, TypeError, OverflowError)
_YAML_ADVICE = N_("Mend the file there; indent with spaces, one value for each key.")


def validate(model: type[Model], text: str, file: str) -> Model:
    """The file as that model. Raises InputError for the first thing wrong, top to bottom:

    `plant.yaml, line 12: field 'lines.filler-1.calender': unknown key. Did you mean 'calendar'?`
    """
    value, lines = load_yaml(text, file)
    return validate_value(model, value, lines)


def validate_value(model: type[Model], value: Any, lines: Lines) -> Model:
    """Like `validate`, for a value that `load_yaml` gave (changed or not)."""
    try:
        return model.model_validate(value)
    except ValidationError as invalid:
        problems = _problems(invalid, model, value, lines)
        unseen = len(invalid.errors()[_PROBLEMS_MAX:])
    others = len({problem.path for problem in problems}) - 1 + unseen
    raise problems[0].error(lines, others)


def all_wrong(model: type[BaseModel], value: Any, lines: Lines) -> list[InputError]:
    """All for which `validate_value` would raise, one for each place of the file."""
    try:
        model.model_validate(value)
    except ValidationError as invalid:
        by_place: dict[Path, InputError] = {}
        for it in _problems(invalid, model, value, lines):
            by_place.setdefault(it.path, it.error(lines))
        return list(by_place.values())
    return []


def _problems(
    invalid: ValidationError, model: type[BaseModel], value: Any, lines: Lines
) -> list[_Problem]:
    """What is wrong, what is most likely meant first."""
    schema = model.model_json_schema()
    problems = [_problem(it, value, schema, lines) for it in invalid.errors()[:_PROBLEMS_MAX]]
    # A misspelt key is also a missing one: say the former. Several problems of one line may
    # be the branches of a union: the deepest knows most.
    problems.sort(key=lambda it: (it.words == _MISSING, lines.at(it.path), -len(it.path)))
    return problems


@dataclass(frozen=True, slots=True)
class _Problem:
    path: Path
    words: Words

    def error(self, lines: Lines, others: int = 0) -> FileError:
        it = self.words
        return lines.error(
            self.path, it.what, it.todo, it.values, in_full=it.in_full, others=others
        )


def _problem(error: ErrorDetails, value: Any, schema: Schema, lines: Lines) -> _Problem:
    """A pydantic error as path and words."""
    path, kind = lines.known(error["loc"]), error["type"]
    tag = str(error.get("ctx", {}).get("discriminator", "")).strip("'")
    if kind == "missing":
        return _Problem((*path, error["loc"][-1]), _MISSING)
    if kind == "union_tag_not_found":
        return _Problem((*path, tag), _MISSING)
    if kind == "extra_forbidden":
        todo, values = suggestion(str(path[-1]), allowed_keys(schema, value, path[:-1]))
        return _Problem(path, Words(UNKNOWN_KEY, todo, values))
    return _Problem((*path, tag) if tag else path, words_of(error))


def _longest(node: yaml.Node | None, path: Path) -> Path:
    """As many steps of the path as lead from the node into the file, others left out."""
    if not path:
        return ()
    child, without = _child(node, path[0]), _longest(node, path[1:])
    if child is None:
        return without
    within = (path[0], *_longest(child[0], path[1:]))
    return within if len(within) > len(without) else without


def _line(node: yaml.Node | None) -> int:
    return 1 if node is None else int(node.start_mark.line) + 1


def _child(node: yaml.Node | None, step: str | int) -> tuple[yaml.Node, int] | None:
    """The value at a key (its text counts) or index, and the line of the key or item."""
    if isinstance(node, yaml.MappingNode):
        for key, item in node.value:
            if key.value == str(step):
                return item, _line(key)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], _line(node.value[step])
    return None
