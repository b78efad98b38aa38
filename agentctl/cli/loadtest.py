"""``agentctl loadtest``: drive an agent at a rate and judge what came of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from agentctl.cli.output import DebugOption, FormatOption, Output, OutputOption, QuietOption, VerboseOption, finish
from agentctl.cli.progress import progress

_TARGET, _REQUEST, _LOAD = "Target", "Request", "Load"


def loadtest(
    host: Annotated[
        str | None,
        typer.Option("--host", metavar="URL", help="Drive what already runs there.", rich_help_panel=_TARGET),
    ] = None,
    serve: Annotated[
        bool,
        typer.Option(
            "--serve", help="Start the project's own server for the run, and stop it.", rich_help_panel=_TARGET
        ),
    ] = False,
    project: Annotated[
        Path | None,
        typer.Option("--project", metavar="DIR", help="The project; the working folder's.", rich_help_panel=_TARGET),
    ] = None,
    python: Annotated[
        Path | None,
        typer.Option("--python", metavar="PATH", help="The project's interpreter.", rich_help_panel=_TARGET),
    ] = None,
    allow_remote: Annotated[
        bool,
        typer.Option(
            "--allow-remote",
            help="Allow a host that is not this machine; needs --max-requests.",
            rich_help_panel=_TARGET,
        ),
    ] = False,
    path: Annotated[
        str | None,
        typer.Option("--path", metavar="P", help="The route to drive; the plan's.", rich_help_panel=_REQUEST),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option("--method", metavar="M", help="GET, or POST with a body.", rich_help_panel=_REQUEST),
    ] = None,
    body: Annotated[
        str | None,
        typer.Option(
            "--body", metavar="JSON", help="What to send; {n} is the request's number.", rich_help_panel=_REQUEST
        ),
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option(
            "--header",
            "-H",
            metavar="NAME:VALUE",
            help="A header of every request; {token} is an identity's. Repeatable.",
            rich_help_panel=_REQUEST,
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            "--timeout", metavar="SECONDS", help="What one request may take [default: 30].", rich_help_panel=_REQUEST
        ),
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option("--rate", metavar="R", help="Requests per second [default: 5].", rich_help_panel=_LOAD),
    ] = None,
    duration: Annotated[
        str | None,
        typer.Option("--duration", metavar="TIME", help="Such as 30s or 2m [default: 20s].", rich_help_panel=_LOAD),
    ] = None,
    max_requests: Annotated[
        int | None,
        typer.Option("--max-requests", metavar="N", min=1, help="Never send more.", rich_help_panel=_LOAD),
    ] = None,
    gate: Annotated[
        list[str] | None,
        typer.Option(
            "--gate",
            metavar="LIMIT",
            help="Such as 'p95<800ms'; metrics p50 p90 p95 p99 p99.9 mean max success rate. Repeatable.",
            rich_help_panel=_LOAD,
        ),
    ] = None,
    format: FormatOption = "text",  # noqa: A002 - the option's name
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,  # noqa: ARG001 - read by the handler at the top
) -> None:
    """Does the agent hold its load? Drive it at a constant rate and judge latency, success and rate by gates.

    Latency counts from when a request was due, so a stall is never hidden. Unless set, the gates are success>95%,
    mean<2s and p95<2s. Exit 0: all gates kept. Exit 1: the target was slow, full, gone or answered errors. Exit 3: the
    run says nothing about it.

    agentctl loadtest --serve

    agentctl loadtest --host http://127.0.0.1:8000 --path /chat --body '{"question": "ok?"}' --rate 20 --duration 1m

    agentctl loadtest --serve --gate 'p95<800ms' --gate 'success>99%'
    """
    wanted = Output.of(format, output, quiet=quiet, verbose=verbose)
    from agentctl import project as projects
    from agentctl.loadtesting.plan import Options
    from agentctl.loadtesting.run import loadtest as run

    options = Options(
        host=host,
        serve=serve,
        path=path,
        method=method,
        body=body,
        headers=tuple(header or ()),
        rate=rate,
        duration=duration,
        timeout=timeout,
        gates=tuple(gate or ()),
        max_requests=max_requests,
        allow_remote=allow_remote,
    )
    with progress("load test", quiet=quiet) as tell:
        report = run(projects.load(project), options, python=python, command=_command(), tell=tell)
    finish(report, wanted)


def _command() -> list[str]:
    """Return the argument list for the record, without the values of headers: they may be secrets."""
    words, hidden = ["agentctl"], False
    for word in sys.argv[1:]:
        hidden = hidden or (word.startswith(("--header=", "-H")) and word != "-H")
        words.append(f"{word.partition(':')[0]}: ***" if hidden else word)
        hidden = word in {"--header", "-H"}
    return words
