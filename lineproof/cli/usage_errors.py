"""Wrong usage of the command line as our own error: what, where, what to do.

The parser knows of each mistake more than its three lines of usage say; here that becomes one
sentence. What goes wrong inside of a command is none of this module's business.

Of the parser's errors Typer makes public only their base and the one of a wrong value. The
others are told apart by what they carry: an option's name, the possible options, the context.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from typer import BadParameter, Context, TyperException

from domain.errors import InputError, did_you_mean
from domain.validation_words import OWN, behind_the_value, our_words


def asks_for_help(error: TyperException) -> bool:
    """Whether a group was called without a command: the error's text is then the group's help."""
    context = _context(error)
    return context is not None and error.message == context.get_help()


def as_input_error(error: TyperException) -> InputError:
    """The same mistake as one clear sentence."""
    context = _context(error)
    command = context.command_path if context else "lineproof"
    if isinstance(error, BadParameter):
        return _wrong_parameter(error, command)
    option: str | None = getattr(error, "option_name", None)
    if option is not None and hasattr(error, "possibilities"):
        return InputError(
            f"no such option of '{command}'",
            where=option,
            todo=did_you_mean(option, _options(context)),
        )
    if option is not None:
        return _with_or_without_value(error, option)
    message = error.message[:1].lower() + error.message[1:]
    todo = "" if message.endswith("?") else f"See '{command} --help'."
    return InputError(message.removesuffix("."), where=f"'{command}'", todo=todo)


def _context(error: TyperException) -> Context | None:
    """Where the parser stood; None where it does not say."""
    return getattr(error, "ctx", None)


def _wrong_parameter(error: BadParameter, command: str) -> InputError:
    """A parameter that is missing, which alone carries a `param_type`, or whose value is wrong."""
    name = _name(error)
    if hasattr(error, "param_type"):
        what = "option" if error.param and error.param.param_type_name == "option" else "argument"
        return InputError(
            f"'{command}' needs this {what}", where=name, todo=_meaning(error, "Give it")
        )
    return InputError(_wrong_value(error), where=name, todo=_meaning(error, "What it is"))


def _with_or_without_value(error: TyperException, option: str) -> InputError:
    if "requires" in error.message:
        return InputError(
            "needs a value", where=option, todo=f"Give it behind the name: {option} …"
        )
    return InputError("takes no value", where=option, todo=f"Give {option} alone.")


def _options(context: Context | None) -> list[str]:
    """Names of options that the command has, long ones first: they say what they are."""
    parameters: Iterable[Any] = context.command.get_params(context) if context else ()
    names = [
        name
        for param in parameters
        if param.param_type_name == "option"
        for name in (*param.opts, *param.secondary_opts)
    ]
    return sorted(names, key=lambda name: not name.startswith("--"))


def _name(error: BadParameter) -> str:
    """`--port`, or the name of the argument in capitals as the help of commands shows it."""
    param = error.param
    if param is None:
        return ""
    if param.param_type_name == "option":
        return str(max(param.opts, key=len))
    return str(param.name).upper()


def _meaning(error: BadParameter, verb: str) -> str:
    text = getattr(error.param, "help", None)
    return f"{verb}: {text}" if text else ""


def _wrong_value(error: BadParameter) -> str:
    """`'x' should be a valid integer`: with the value, which the parser leaves out."""
    from pydantic import ValidationError  # the parser has loaded it to look at the value

    cause = error.__cause__
    if not isinstance(cause, ValidationError):
        return error.message.removesuffix(".")
    first = cause.errors(include_url=False)[0]
    if first["type"] in OWN:
        return our_words(first["msg"]).removesuffix(".")
    wanted = behind_the_value(first["msg"]).split(", ")[0]
    return f"'{first['input']}' {wanted}"
