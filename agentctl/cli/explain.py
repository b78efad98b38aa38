"""``agentctl explain``: what a rule or a check asks, why, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from agentctl.cli.output import DebugOption, FormatOption, Output, OutputOption, QuietOption, VerboseOption, finish
from agentctl.errors import UsageError

if TYPE_CHECKING:
    from agentctl.results import Report, Section, Table

    _Explain = Callable[[str], Section | None]


def _known() -> dict[str, tuple[str, _Explain]]:
    """Return the command and the function that explains each id, in the order of the catalogues."""
    from agentctl.checklist import catalogue as checks
    from agentctl.validation import catalogue as rules

    return {
        **dict.fromkeys(rules.ids(), ("validate", rules.explain)),
        **dict.fromkeys(checks.ids(), ("checklist", checks.explain)),
    }


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
    from agentctl.results import Report, Verdict

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
    from agentctl.results import Report, Verdict

    known = _known()
    return Report(
        command="explain",
        verdict=Verdict.PASS,
        exit_code=0,
        summary=f"{len(known)} rules and checks; agentctl explain ID tells what one asks and how to mend it",
        tables=(_table("validate", known), _table("checklist", known)),
    )


def _table(command: str, known: dict[str, tuple[str, _Explain]]) -> Table:
    from agentctl.results import Table

    sections = {one: explain_one(one) for one, (of, explain_one) in known.items() if of == command}
    rows = tuple((one, section.title.removeprefix(one).strip(" :")) for one, section in sections.items() if section)
    return Table(title=f"agentctl {command}", columns=("id", "asks"), rows=rows)


def _noun(command: str) -> str:
    return "a rule" if command == "validate" else "a check"


def _advice(wanted: str, known: dict[str, tuple[str, _Explain]]) -> str:
    from difflib import get_close_matches

    by_lower = {one.lower(): one for one in known}
    close = [by_lower[one] for one in get_close_matches(wanted.lower(), by_lower, n=3, cutoff=0.5)]
    return f"did you mean {', '.join(close)}?" if close else "agentctl explain lists them all"
