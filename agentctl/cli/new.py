"""``agentctl new``: take what was given, ask for the rest on a terminal, and make the project."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from agentctl.cli.output import (
    DebugOption,
    FormatOption,
    Output,
    OutputOption,
    QuietOption,
    VerboseOption,
    finish,
)
from agentctl.errors import UsageError

if TYPE_CHECKING:
    from agentctl.results import Report
    from agentctl.scaffold.answers import Option
    from agentctl.scaffold.kinds import Kind
    from agentctl.scaffold.names import Names
    from agentctl.scaffold.run import Order

_HERE = "."
_ANSWERS = "Answers"
_T = TypeVar("_T")


def new(
    name: Annotated[
        str | None, typer.Argument(help="The agent's name, such as support-agent; or . for the folder you are in.")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", "-k", help="What kind of agent; --list shows them.", rich_help_panel=_ANSWERS),
    ] = None,
    description: Annotated[
        str | None, typer.Option("--description", help="What the agent does, in one line.", rich_help_panel=_ANSWERS)
    ] = None,
    author: Annotated[str | None, typer.Option("--author", help="Who writes it.", rich_help_panel=_ANSWERS)] = None,
    python_version: Annotated[
        str | None,
        typer.Option("--python-version", help="The Python it runs on, such as 3.12.", rich_help_panel=_ANSWERS),
    ] = None,
    agentctl_source: Annotated[
        str | None,
        typer.Option(
            "--agentctl-source", help="Where the project's CI installs agentctl from, pinned.", rich_help_panel=_ANSWERS
        ),
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option(
            "--answers", metavar="FILE", help="Take answers from a YAML, JSON or TOML file.", rich_help_panel=_ANSWERS
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing; take the defaults.", rich_help_panel=_ANSWERS)
    ] = False,
    output_dir: Annotated[Path, typer.Option("--output-dir", help="The folder to create the project in.")] = Path(),
    git: Annotated[
        bool | None,
        typer.Option(
            "--git/--no-git",
            help="Make a git repository with a first commit (unless the folder lies in one already).",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be written, and write nothing.")] = False,
    show_list: Annotated[bool, typer.Option("--list", help="Show the kinds of agent and their options.")] = False,
    format: FormatOption = "text",  # noqa: A002 - the option's name
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,  # noqa: ARG001 - the handler at the top looks for it
) -> None:
    """Create an agent that passes its own tests, offline, at once.

    It is made whole or not at all: any error or Ctrl-C leaves nothing behind. On a terminal it asks for what was not
    given; elsewhere, and with --yes, the defaults are taken.

    agentctl new support-agent --description "Answers customers' questions"

    agentctl new . --yes                  in an empty folder or a fresh clone

    agentctl new support-agent --dry-run --format json
    """
    wanted = Output.of(format, output, quiet=quiet, verbose=verbose)
    from agentctl.scaffold import kinds, reports

    if show_list:
        finish(reports.listed(kinds.known()), wanted)
    flags = {
        "name": name,
        "kind": kind,
        "description": description,
        "author": author,
        "python_version": python_version,
        "agentctl_source": agentctl_source,
    }
    order = _ordered(flags, answers, output_dir, git=git, ask=not yes and _is_terminal())
    from agentctl.cli.progress import progress
    from agentctl.scaffold import run

    act = run.preview if dry_run else run.create
    with progress(f"creating {order.names.slug}", quiet=quiet) as say:
        report = act(order, check=_validated, say=say)
    finish(report, wanted)


def _ordered(
    flags: Mapping[str, str | None], source: Path | None, output_dir: Path, *, git: bool | None, ask: bool
) -> Order:
    """Return what is to be made: flags win over the answers file, which wins over what is asked for."""
    from agentctl.scaffold import answers, kinds, run

    wanted = {key: value for key, value in flags.items() if value is not None}
    stored = _read(source)
    given = {**stored, **wanted}
    kind = kinds.find(str(given["kind"]) if "kind" in given else None)
    answers.only_known(stored, kind, f"--answers {source}")
    answers.only_known(wanted, kind, f"kind {kind.name}")
    names, place = _named(given.get("name"), output_dir, kind, ask=ask)
    return run.Order(names=names, kind=kind, answers=_answered(given, kind, names, ask=ask), place=place, git=git)


def _read(source: Path | None) -> dict[str, Any]:
    if source is None:
        return {}
    from agentctl.scaffold import answers

    return answers.read(source)


def _named(given: object, output_dir: Path, kind: Kind, *, ask: bool) -> tuple[Names, Path]:
    """Return the checked names and where the project goes; ``.`` is the folder itself."""
    from agentctl.scaffold import names

    taken = kind.taken()
    around = _absolute(output_dir)
    if given == _HERE:
        return names.checked(names.of_folder(around.name), taken), around
    if given is None and ask:
        found = _asked("name", None, lambda typed: names.checked(typed, taken))
    elif given is None:
        raise UsageError(
            "the name of the agent is missing", hint="agentctl new NAME, for example agentctl new my-agent"
        )
    else:
        found = names.checked(str(given), taken)
    return found, around / found.slug


def _absolute(folder: Path) -> Path:
    try:
        return folder.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(
            f"--output-dir {folder}: cannot be found: {error}", hint="cd to a folder that is there"
        ) from error


def _answered(given: Mapping[str, Any], kind: Kind, names: Names, *, ask: bool) -> dict[str, str]:
    """Return the checked answers, asking for those that were not given."""
    from agentctl.scaffold import answers

    found: dict[str, str] = {}
    for option in answers.options(kind):
        if option.key in given:
            found[option.key] = answers.checked(option, given[option.key], kind)
    for option in answers.options(kind) if ask else ():
        if option.asked and option.key not in found:
            default = answers.complete(kind, names, found)[option.key]
            words = option.key.replace("_", " ") + (f" ({', '.join(option.choices)})" if option.choices else "")
            found[option.key] = _asked(words, default, partial(_checked, option, kind))
    return found


def _checked(option: Option, kind: Kind, typed: str) -> str:
    from agentctl.scaffold import answers

    return answers.checked(option, typed, kind)


def _asked(words: str, default: str | None, check: Callable[[str], _T]) -> _T:
    """Ask on standard error until the answer passes its check."""

    def checked(typed: str) -> _T:
        try:
            return check(typed)
        except UsageError as error:
            raise typer.BadParameter("; ".join(filter(None, (error.message, error.hint)))) from error

    with redirect_stdout(sys.stderr):  # a part of the prompt would go to standard output otherwise, among the data
        answer: _T = typer.prompt(words.capitalize(), default=default, value_proc=checked)
    return answer


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty() and not os.environ.get("CI")


def _validated(project: Path) -> Report:
    """Judge the rendered project as ``agentctl validate`` would.

    The files are named one by one, since a repository around them may ignore the folder that they are made in.
    """
    from agentctl.documents import reading
    from agentctl.scaffold import inspection
    from agentctl.validation import run

    return run.validate(project, [project / path for path in inspection.paths(project) if reading.format_of(path)])
