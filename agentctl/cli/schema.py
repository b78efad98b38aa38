"""``agentctl schema``: the shipped schemas, for editors and for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentctl.cli import streams
from agentctl.cli.output import DebugOption, FormatOption, Output, OutputOption, QuietOption, VerboseOption, finish
from agentctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentctl.documents.schemas import Schema
    from agentctl.results import Report

FOLDER = Path(".agentctl/schemas")

schema = typer.Typer(
    name="schema",
    help="Which schemas are there, and how does an editor get them?",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


def _completed(incomplete: str) -> list[str]:
    from agentctl.documents import schemas

    return [kind for kind in schemas.kinds() if kind.startswith(incomplete)]


KindArgument = Annotated[str, typer.Argument(metavar="KIND", help="Such as agent.", autocompletion=_completed)]


@schema.command("list")
def list_(
    format: FormatOption = "text",  # noqa: A002 - the option's name
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,  # noqa: ARG001 - read by the handler at the top
) -> None:
    """List the kinds of documents, and the files that each governs."""
    wanted = Output.of(format, output, quiet=quiet, verbose=verbose)
    finish(_listed(), wanted)


@schema.command()
def show(
    kind: KindArgument,
    debug: DebugOption = False,  # noqa: ARG001 - read by the handler at the top
) -> None:
    """Print the JSON schema of a kind."""
    streams.write(_known(kind).path.read_text(encoding="utf-8"), machine=True)


@schema.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write them.")] = FOLDER,
    format: FormatOption = "text",  # noqa: A002 - the option's name
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,  # noqa: ARG001 - read by the handler at the top
) -> None:
    """Write every schema to a folder, for editors.

    In a project of agentctl new the first line of each configuration tells editors where to look:
    .agentctl/schemas, which is where this command writes. Commit the folder, or run it again after a clone.
    """
    wanted = Output.of(format, output, quiet=quiet, verbose=verbose)
    finish(_exported(folder), wanted)


def _known(kind: str) -> Schema:
    from agentctl.documents import schemas
    from agentctl.documents.words import nearest

    found = schemas.kinds().get(kind)
    if found is None:
        near = nearest(kind, schemas.kinds())
        hint = f"did you mean {near}?" if near else f"the kinds are {', '.join(schemas.kinds())}"
        raise UsageError(f"schema {kind}: there is no such kind", hint=hint)
    return found


def _listed() -> Report:
    from agentctl.documents import schemas, tables
    from agentctl.results import Report, Table, Verdict

    kinds = schemas.kinds()
    rows = tuple((kind, one.content["title"], tables.governed(one)) for kind, one in kinds.items())
    return Report(
        command="schema",
        verdict=Verdict.PASS,
        exit_code=0,
        summary=f"{len(kinds)} kinds of documents",
        tables=(Table(title="Kinds", columns=("kind", "what it is", "files that it governs"), rows=rows),),
        next_steps=("agentctl schema show agent", "agentctl schema export", "agentctl validate --schema agent FILE"),
    )


def _exported(folder: Path) -> Report:
    from agentctl.documents import schemas
    from agentctl.results import Report, Verdict

    changed = _written(folder, schemas.kinds().values())
    told = f"wrote {len(changed)} schemas to {folder}" if changed else f"the schemas in {folder} are up to date"
    return Report(
        command="schema",
        verdict=Verdict.PASS,
        exit_code=0,
        summary=told,
        notes=(*changed, _modeline(folder)),
        next_steps=("agentctl validate",),
    )


def _modeline(folder: Path) -> str:
    line = f"# yaml-language-server: $schema={(Path.cwd() / folder / 'agent.schema.json').as_posix()}"
    if not folder.is_absolute():
        line = f"# yaml-language-server: $schema={folder.as_posix()}/agent.schema.json, relative to that file"
    return f"an editor finds it by the first line of a YAML file: {line}"


def _written(folder: Path, kinds: Iterable[Schema]) -> list[str]:
    """Write what is missing or differs, and return its names."""
    changed = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in kinds:
            target, text = folder / one.path.name, one.path.read_bytes()
            if not target.is_file() or target.read_bytes() != text:
                target.write_bytes(text)
                changed.append(target.as_posix())
    except OSError as error:
        raise UsageError(
            f"{folder}: cannot be written: {error.strerror}", hint="name a folder you may write"
        ) from error
    return changed
