"""Wrong usage of the command line as our own error: what, where, what to do.

The parser knows of each mistake more than its three lines of usage say; here that becomes one
sentence. What goes wrong inside of a command is none of this module's business.
"""

from __future__ import annotations

from pydantic import ValidationError
from typer import BadParameter

# Typer keeps the rest of its parser's errors to itself; pyproject.toml bounds its version so.
from typer._click.exceptions import (
    BadOptionUsage,
    MissingParameter,
    NoArgsIsHelpError,
    NoSuchOption,
    UsageError,
)

from domain.errors import InputError, did_you_mean

__all__ = ["NoArgsIsHelpError", "UsageError", "as_input_error"]


def as_input_error(error: UsageError) -> InputError:
    """The same mistake as one clear sentence."""
    command = error.ctx.command_path if error.ctx else "lineproof"
    if isinstance(error, NoSuchOption):
        return InputError(
            f"no such option of '{command}'",
            where=error.option_name,
            todo=did_you_mean(error.option_name, _options(error)),
        )
    if isinstance(error, BadOptionUsage):
        return _with_or_without_value(error)
    if isinstance(error, MissingParameter):
        what = "option" if error.param and error.param.param_type_name == "option" else "argument"
        return InputError(
            f"'{command}' needs this {what}", where=_name(error), todo=_meaning(error, "Give it")
        )
    if isinstance(error, BadParameter):
        return InputError(
            _wrong_value(error), where=_name(error), todo=_meaning(error, "What it is")
        )
    message = error.message[:1].lower() + error.message[1:]
    todo = "" if message.endswith("?") else _see(command)
    return InputError(message.removesuffix("."), where=f"'{command}'", todo=todo)


def _with_or_without_value(error: BadOptionUsage) -> InputError:
    name = error.option_name
    if "requires" in error.message:
        return InputError("needs a value", where=name, todo=f"Give it behind the name: {name} …")
    return InputError("takes no value", where=name, todo=f"Give {name} alone.")


def _see(command: str) -> str:
    return f"See '{command} --help'."


def _options(error: UsageError) -> list[str]:
    """Names of options that the command has, long ones first: they say what they are."""
    if error.ctx is None:
        return []
    names = [
        name
        for param in error.ctx.command.get_params(error.ctx)
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
    cause = error.__cause__
    if not isinstance(cause, ValidationError):
        return error.message.removesuffix(".")
    first = cause.errors(include_url=False)[0]
    wanted = str(first["msg"]).removeprefix("Input ").split(", ")[0]
    return f"'{first['input']}' {wanted}"
