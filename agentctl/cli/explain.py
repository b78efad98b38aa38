"""``agentctl explain``: what a rule or a check asks, why, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated

import typer

from agentctl.cli.output import DebugOption, FormatOption, Output, OutputOption, QuietOption, VerboseOption, finish
from agentctl.errors import UsageError
from agentctl.results import Report, Section, Table, Verdict

_CATALOGUES = {"validate": "agentctl.validation.catalogue", "checklist": "agentctl.checklist.catalogue"}
_Explain = Callable[[str], Section | None]


def _known() -> dict[str, tuple[str, _Explain]]:
    """Return the command and the function that explains each id, in the order of the catalogues."""
    known = {}
    for command, name in _CATALOGUES.items():
        if find_spec(name) is not None:
            catalogue = import_module(name)
            known.update(dict.fromkeys(catalogue.ids(), (command, catalogue.explain)))
    return known


def _completed(incomplete: str) -> list[str]:
    return [one for one in _known() if one.lower().startswith(incomplete.lower())]


def explain(
    id: Annotated[  # noqa: A002 - the argument's name
        str | None,
        typer.Argument(help="A rule or a check, such as RL01; all of them without it.", autocompletion=_completed),
    ] = None,
    format: FormatOption = "text",  # noqa: A002 - the option's name
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,  # noqa: ARG001 - the handler at the top looks for it
) -> None:
    """What does a check or a rule ask, why, and how is it mended?

    Without an ID it lists every rule of validate and every check of checklist.

    agentctl explain RL01
    """
    wanted = Output.of(format, output, quiet=quiet, verbose=verbose)
    finish(_listed() if id is None else _explained(id), wanted)


def _explained(wanted: str) -> Report:
    known = _known()
    found = next((one for one in known if one.lower() == wanted.lower()), None)
    if found is None:
        raise UsageError(f"explain {wanted}: there is no such rule or check", hint=_advice(wanted, known))
    command, explain_one = known[found]
    section = explain_one(found)
    return Report(
        command="explain",
        verdict=Verdict.PASS,
        exit_code=0,
        subject=found,
        summary=f"{found} is {_noun(command)} of agentctl {command}",
        sections=(section,) if section else (),
    )


def _listed() -> Report:
    known = _known()
    tables = tuple(_table(command, [one for one, (of, _) in known.items() if of == command]) for command in _CATALOGUES)
    return Report(
        command="explain",
        verdict=Verdict.PASS,
        exit_code=0,
        summary=f"{len(known)} rules and checks; agentctl explain ID tells what one asks and how to mend it",
        tables=tuple(table for table in tables if table.rows),
    )


def _table(command: str, ids: list[str]) -> Table:
    known = _known()
    rows = ((one, section.title.removeprefix(one).strip(" :")) for one in ids if (section := known[one][1](one)))
    return Table(title=f"agentctl {command}", columns=("id", "asks"), rows=tuple(rows))


def _noun(command: str) -> str:
    return "a rule" if command == "validate" else "a check"


def _advice(wanted: str, known: dict[str, tuple[str, _Explain]]) -> str:
    from difflib import get_close_matches

    by_lower = {one.lower(): one for one in known}
    close = [by_lower[one] for one in get_close_matches(wanted.lower(), by_lower, n=3, cutoff=0.5)]
    return f"did you mean {', '.join(close)}?" if close else "agentctl explain lists them all"
