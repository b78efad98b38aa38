"""``agentctl new``: take what was given, ask for the rest on a terminal, and make the project."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from functools import partial
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from agentctl.cli import streams
from agentctl.cli.output import (
    DebugOption,
    FormatOption,
    Output,
    OutputOption,
    QuietOption,
    VerboseOption,
    emit,
    finish,
)
from agentctl.cli.progress import hint
from agentctl.errors import UsageError

if TYPE_CHECKING:
    from agentctl.results import Report
    from agentctl.scaffold.answers import Option
    from agentctl.scaffold.kinds import Kind
    from agentctl.scaffold.names import Names
    from agentctl.scaffold.run import Order

_HERE = "."
_ANSWERS = "Answers"
_TEMPLATE = "Other templates"
_ABBREVIATED = 2  # the longest key that is an abbreviation, such as ci
_SEVERAL = 2
_NARROW = 80  # columns
_COLOURS = {"+": 32, "-": 31, "@": 36}
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
    store: Annotated[str | None, typer.Option("--store", help="Where data is kept.", rich_help_panel=_ANSWERS)] = None,
    cache: Annotated[
        str | None, typer.Option("--cache", help="Where answers are kept for a while.", rich_help_panel=_ANSWERS)
    ] = None,
    ci: Annotated[
        str | None, typer.Option("--ci", help="What runs the checks on every change.", rich_help_panel=_ANSWERS)
    ] = None,
    deploy: Annotated[
        str | None, typer.Option("--deploy", help="How it is brought to where it runs.", rich_help_panel=_ANSWERS)
    ] = None,
    licence: Annotated[
        str | None, typer.Option("--licence", help="Its licence, such as MIT.", rich_help_panel=_ANSWERS)
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
    answer: Annotated[
        list[str] | None,
        typer.Option(
            "--answer", metavar="KEY=VALUE", help="Answer any question; repeat it for more.", rich_help_panel=_ANSWERS
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing; take the defaults.", rich_help_panel=_ANSWERS)
    ] = False,
    template: Annotated[
        str | None,
        typer.Option(
            "--template",
            metavar="FOLDER|URL@COMMIT",
            help="Render another template: ours or cookiecutter's, from a folder or a git repository at a commit.",
            rich_help_panel=_TEMPLATE,
        ),
    ] = None,
    trust: Annotated[
        bool,
        typer.Option(
            "--trust", help="Let that template run code: its hooks, its extensions.", rich_help_panel=_TEMPLATE
        ),
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
    diff: Annotated[
        bool,
        typer.Option("--diff", help="Show how what would be written differs from what is there, and write nothing."),
    ] = False,
    show_list: Annotated[
        bool, typer.Option("--list", help="Show the kinds of agent, their options and the values.")
    ] = False,
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

    agentctl new support-agent --store postgres --ci gitlab --deploy docker --dry-run

    agentctl new support-agent --diff       against the folder that is there

    agentctl new support-agent --template https://github.com/OWNER/NAME@COMMIT
    """
    wanted = Output.of(format, output, quiet=quiet, verbose=verbose)
    flags = {
        "name": name,
        "kind": kind,
        "description": description,
        "author": author,
        "python_version": python_version,
        "store": store,
        "cache": cache,
        "ci": ci,
        "deploy": deploy,
        "licence": licence,
        "agentctl_source": agentctl_source,
    }
    given = {
        f"--answers {answers}": _read(answers),
        "--answer": _pairs(answer or ()),
        "the command line": {key: text for key, text in flags.items() if text is not None},
    }
    ask = not yes and not show_list and _is_terminal()
    chosen = _kind_of(_merged(given), ask=ask and template is None)
    with _registry(template, chosen, trust=trust, only_one=not show_list) as found:
        if show_list:
            from agentctl.scaffold import reports

            finish(reports.listed(found), wanted)
        order = _ordered(given, found[0], output_dir, git=git, ask=ask)
        report = _done(order, dry_run=dry_run, diff=diff, quiet=quiet)
    _told(report, wanted, diff=diff)


def _kind_of(given: Mapping[str, Any], *, ask: bool) -> str | None:
    """Return the name of the kind, asked for where there are several; None for the default."""
    from agentctl.scaffold import kinds

    every = kinds.known() if ask and "kind" not in given else ()
    if len(every) < _SEVERAL:
        return str(given["kind"]) if "kind" in given else None
    for kind in every:
        typer.echo(fill(f"{kind.name}: {kind.description}", _NARROW, subsequent_indent="    "), err=True)
    words = f"Kind ({', '.join(kind.name for kind in every)})"
    return _asked(words, kinds.find(None).name, lambda typed: kinds.find(typed.strip()).name)


@contextmanager
def _registry(template: str | None, name: str | None, *, trust: bool, only_one: bool) -> Iterator[tuple[Kind, ...]]:
    """Have the kind that was asked for, or all there are."""
    from agentctl.scaffold import kinds

    if template is None:
        yield (kinds.find(name),) if only_one else kinds.known()
        return
    from agentctl.scaffold import external

    origin = external.source(template)
    with external.opened(origin) as folder:
        yield (external.kind(folder, name, origin, trusted=trust),)


def _done(order: Order, *, dry_run: bool, diff: bool, quiet: bool) -> Report:
    from agentctl.cli.progress import progress
    from agentctl.scaffold import run

    with progress(f"creating {order.names.slug}", quiet=quiet) as say:
        if dry_run or diff:
            return run.preview(order, check=_validated, say=say, diff=diff)
        return run.create(order, check=_validated, say=say)


def _told(report: Report, wanted: Output, *, diff: bool) -> NoReturn:
    """Write the report; differences as they are for a person, so that git can apply them."""
    if not diff or wanted.format != "text":
        finish(report, wanted)
    emit(report, wanted, text=False)
    streams.write(_coloured(report), machine=not sys.stdout.isatty())
    hint(report.summary, quiet=wanted.quiet)
    raise typer.Exit(report.exit_code)


def _coloured(report: Report) -> str:
    """Return the differences; what is there may hold anything, so a terminal gets no control characters of it."""
    lines = [line for section in report.sections for line in section.lines]
    if sys.stdout.isatty():
        lines = [
            "".join(sign if sign.isprintable() or sign == "\t" else "\N{REPLACEMENT CHARACTER}" for sign in line)
            for line in lines
        ]
    if streams.wants_colour(sys.stdout):
        lines = [f"\x1b[{_COLOURS[line[0]]}m{line}\x1b[0m" if line[:1] in _COLOURS else line for line in lines]
    return "".join(f"{line}\n" for line in lines)


def _pairs(pairs: Sequence[str]) -> dict[str, Any]:
    """Return what ``--answer`` gave.

    Raises:
        UsageError: It has no key.
    """
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f"--answer {pair}: not KEY=VALUE", hint="for example --answer author=Jane")
        found[key] = value
    return found


def _merged(sources: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the answers of all sources; later ones win."""
    return {key: value for values in sources.values() for key, value in values.items()}


def _ordered(
    sources: Mapping[str, Mapping[str, Any]], kind: Kind, output_dir: Path, *, git: bool | None, ask: bool
) -> Order:
    """Return what is to be made: flags win over the answers file, which wins over what is asked for."""
    from agentctl.scaffold import answers, external, run

    for source, values in sources.items():
        answers.only_known(values, kind, source)
    given = _merged(sources)
    names, place = _named(given.get("name"), output_dir, kind, ask=ask)
    found = _answered(given, kind, names, ask=ask)
    if kind.ordinary:
        slug = external.folder_name(kind, external.values(kind, names.name, found))
        names, place = replace(names, slug=slug), place if given.get("name") == _HERE else place.parent / slug
    return run.Order(names=names, kind=kind, answers=found, place=place, git=git)


def _read(source: Path | None) -> dict[str, Any]:
    if source is None:
        return {}
    from agentctl.scaffold import answers

    return answers.read(source)


def _named(given: object, output_dir: Path, kind: Kind, *, ask: bool) -> tuple[Names, Path]:
    """Return the checked names and where the project goes; ``.`` is the folder itself."""
    from agentctl.scaffold import names

    taken = set() if kind.ordinary else kind.taken()
    around = _absolute(output_dir)
    if given == _HERE:
        return names.checked(names.of_folder(around.name), taken), around
    if given is None and ask:
        found = _asked("Name", None, lambda typed: names.checked(typed, taken))
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
            default = answers.written(answers.complete(kind, names, found)[option.key])
            words = _label(option.key) + (f" ({', '.join(option.choices)})" if option.choices else "")
            found[option.key] = _asked(words, default, partial(_checked, option, kind))
    return found


def _label(key: str) -> str:
    words = key.strip("_").replace("_", " ")
    return words.upper() if len(words) <= _ABBREVIATED else words.capitalize()


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
        try:
            answer: _T = typer.prompt(words, default=default, value_proc=checked)
        except typer.Abort:
            typer.echo()  # what comes next begins a line of its own
            raise
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
