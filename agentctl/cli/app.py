"""The typer app and the one handler at the top: every error becomes a line, an exit code and, when asked for, JSON."""

from __future__ import annotations

import errno
import inspect
import os
import signal
from collections.abc import Sequence
from copy import copy
from types import FrameType
from typing import Annotated, NoReturn

import typer
from typer.models import CommandInfo, TyperInfo

from agentctl import __version__
from agentctl.cli import checklist, ci, explain, loadtest, new, schema, streams, test, validate
from agentctl.errors import (
    EXIT_BUG,
    EXIT_CLOSED_PIPE,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    AgentctlError,
    NoAnswerError,
    Terminated,
)

EXIT_CODES = (
    "Exit codes: 0 yes, 1 no, 2 usage, settings or a path is wrong, 3 no answer could be had, "
    "70 a bug of agentctl, 129 closed terminal, 130 Ctrl-C, 141 closed pipe, 143 SIGTERM."
)

app = typer.Typer(
    name="agentctl",
    help="Takes an AI agent from an empty folder to production, and proves that it is ready.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"agentctl {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


def _joined(doc: str) -> str:
    """Return a docstring with each paragraph on one line, for the terminal to wrap; indented lines stay as they are."""
    paragraphs = inspect.cleandoc(doc).split("\n\n")
    return "\n\n".join(text if "\n " in f"\n{text}" else text.replace("\n", " ") for text in paragraphs)


for command in (new.new, validate.validate, test.test, loadtest.loadtest, checklist.checklist, explain.explain, ci.ci):
    app.command(command.__name__, help=_joined(command.__doc__ or ""))(command)
app.add_typer(schema.schema)


def run(argv: Sequence[str]) -> int:
    """Run one command and return its exit code; nothing but this knows how errors look."""
    streams.prepare()
    _handle_signals()
    try:
        code = _called(argv)
        streams.write("", machine=False)
    except AgentctlError as error:
        return _tell(argv, error.message, error.hint, error.exit_code)
    except typer.TyperException as error:
        return _tell(argv, error.format_message(), f"see agentctl {_command(argv)}--help", EXIT_USAGE)
    except (KeyboardInterrupt, typer.Abort):
        return _tell(argv, "interrupted", None, EXIT_INTERRUPTED)
    except Terminated as error:
        return _tell(argv, "terminated", None, error.exit_code)
    except BrokenPipeError:
        streams.forget_stdout()
        return EXIT_CLOSED_PIPE
    except Exception as error:  # noqa: BLE001 - the last barrier: a traceback never reaches a user
        return _tell_bug(argv, error)
    return code


def _called(argv: Sequence[str]) -> int:
    """Let typer parse and call; undo what it makes of Ctrl-C and of a closed pipe on its way (exits 130 and 1)."""
    words, for_pytest = _split(argv)
    try:
        code = _asked_for(words)(args=words, obj=for_pytest, prog_name="agentctl", standalone_mode=False)
    except SystemExit as leaving:
        if isinstance(leaving.__context__, BrokenPipeError):
            raise leaving.__context__ from None
        raise
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        streams.forget_stdout()
        raise NoAnswerError("no space is left to write to", hint="free some, then run it again") from error
    if code == EXIT_INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _asked_for(words: list[str]) -> typer.Typer:
    """Return the app with no more options than are needed: typer takes milliseconds over those of each command."""
    commands = [command for command in app.registered_commands if words and command.name == words[0]]
    groups = [group for group in app.registered_groups if words and _name(group) == words[0]]
    if words in (["--help"], ["-h"]):
        commands = [_listed(command) for command in app.registered_commands] + _groups_listed()
    if not commands and not groups:
        return app
    needed = copy(app)
    needed.registered_commands, needed.registered_groups = commands, groups
    return needed


def _name(group: TyperInfo) -> str:
    return (group.typer_instance.info.name if group.typer_instance else None) or ""


def _groups_listed() -> list[CommandInfo]:
    """Return the commands that have commands of their own as the list of commands shows them."""
    infos = (group.typer_instance.info for group in app.registered_groups if group.typer_instance)
    return [CommandInfo(info.name, help=info.help, callback=_no_options) for info in infos]


def _listed(command: CommandInfo) -> CommandInfo:
    """Return a command as the list of commands shows it: its name and help, without its options."""
    if not command.name or not command.help:
        return command
    listed = copy(command)
    listed.callback = _no_options
    return listed


def _no_options() -> None:
    pass


def _split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Take off what ``test`` hands on to pytest (the context's ``obj``): our parser would take it for its own."""
    words = list(argv)
    if "--" not in words or _command(words) != "test ":
        return words, []
    at = words.index("--")
    return words[:at], words[at + 1 :]


def _tell(argv: Sequence[str], message: str, hint: str | None, code: int) -> int:
    from agentctl.cli.failure import tell

    return tell(argv, message, hint, code)


def _tell_bug(argv: Sequence[str], error: Exception) -> int:
    if "--debug" in argv or os.environ.get("AGENTCTL_DEBUG"):
        import traceback

        traceback.print_exception(error)
    words = f"this is a bug in agentctl {__version__}: {type(error).__name__}: {error}"
    return _tell(argv, words, "run it again with --debug for the traceback, and report it", EXIT_BUG)


def _command(argv: Sequence[str]) -> str:
    known = {command.name for command in app.registered_commands} | {_name(group) for group in app.registered_groups}
    return next((f"{word} " for word in argv if word in known), "")


def _handle_signals() -> None:
    """Clean up on SIGTERM and on a closed terminal, unless SIGHUP is ignored (nohup)."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _terminate)


def _terminate(number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated(number)
