"""``agentctl checklist``: is it ready for production?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentctl.cli.output import DebugOption, FormatOption, Output, OutputOption, QuietOption, VerboseOption, finish
from agentctl.errors import UsageError

if TYPE_CHECKING:
    from agentctl.results import Report

_JUDGE, _COMPARE, _WRITE = "Policy", "Comparison", "Writing the policy"


def checklist(
    path: Annotated[
        Path, typer.Argument(help="The repository to look at.", show_default="the current folder")
    ] = Path(),
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="IDS", help="Items or families, for example TS02,SE.")
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="NAME", help="production (the default), all, or guide-0 to guide-4."),
    ] = None,
    tier: Annotated[
        str | None,
        typer.Option(
            "--tier",
            metavar="development|staging|production",
            help="The answer is no unless every item of this tier, and of those below it, holds.",
        ),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="fail|warn|unknown|new|tier",
            help="The mildest verdict that makes the answer no: fail unless it is given, new with a baseline.",
        ),
    ] = None,
    report_only: Annotated[
        bool, typer.Option("--report-only", help="Exit 0 whatever was found, as long as something was decided.")
    ] = False,
    list_items: Annotated[bool, typer.Option("--list", help="Show the catalogue and what is automated today.")] = False,
    evidence: Annotated[
        list[Path] | None,
        typer.Option(
            "--evidence",
            metavar="PATH",
            help="What a run left, a file or a folder: records, coverage.xml, JUnit, locust, benchmarks, SARIF.",
            rich_help_panel=_JUDGE,
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy",
            metavar="FILE",
            help="Judge by this policy, not by that (nor the settings) of the repository; none for no policy.",
            rich_help_panel=_JUDGE,
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against", metavar="REF", help="Tell what changed since a git revision.", rich_help_panel=_COMPARE
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            "--baseline",
            metavar="FILE",
            help="What is known to be wrong; only what is new makes the answer no.",
            rich_help_panel=_COMPARE,
        ),
    ] = None,
    write_baseline: Annotated[
        bool,
        typer.Option(
            "--write-baseline",
            help="Make the baseline; where it is there already, only take out what was mended.",
            rich_help_panel=_COMPARE,
        ),
    ] = False,
    waive: Annotated[
        str | None,
        typer.Option(
            "--waive",
            metavar="ID",
            help="Waive an item in the policy: with --reason, --owner and --expires.",
            rich_help_panel=_WRITE,
        ),
    ] = None,
    attest: Annotated[
        str | None,
        typer.Option(
            "--attest",
            metavar="ID",
            help="Vouch for an item in the policy: with --who and --until.",
            rich_help_panel=_WRITE,
        ),
    ] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="WORDS", help="Why it need not hold.", rich_help_panel=_WRITE)
    ] = None,
    owner: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who answers for it.", rich_help_panel=_WRITE)
    ] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="DAY", help="The last day that the waiver holds.", rich_help_panel=_WRITE)
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="The paths that the waiver is about.", rich_help_panel=_WRITE),
    ] = None,
    ticket: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Where the work is tracked.", rich_help_panel=_WRITE)
    ] = None,
    who: Annotated[str | None, typer.Option(metavar="NAME", help="Who vouches for it.", rich_help_panel=_WRITE)] = None,
    when: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="The day that it was seen.", show_default="today", rich_help_panel=_WRITE),
    ] = None,
    link: Annotated[
        str | None, typer.Option(metavar="URL|PATH", help="Where the proof lies.", rich_help_panel=_WRITE)
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="The last day that the attestation holds.", rich_help_panel=_WRITE)
    ] = None,
    note: Annotated[str | None, typer.Option(metavar="WORDS", help="What was seen.", rich_help_panel=_WRITE)] = None,
    format: FormatOption = "text",  # noqa: A002 - the option's name
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,  # noqa: ARG001 - the handler at the top reads it
) -> None:
    """Say whether an agent is ready for production, item by item, with the place that proves it.

    Reads the code, tests, deployment files and CI definitions of any Python repository, and the records that
    [b]agentctl test[/b] and [b]agentctl loadtest[/b] leave. Nothing of the repository is imported or run and nothing is
    written into it, but for what --waive, --attest and --write-baseline are asked to write. What cannot be told is
    [b]unknown[/b] and never raises the score.

    Examples:
      agentctl checklist
      agentctl checklist ../other-agent --policy none --format json
      agentctl checklist --only SE,TS02 --fail-on warn
      agentctl checklist --tier staging --evidence ci-artifacts/
      agentctl checklist --against origin/main --fail-on new
      agentctl checklist --waive OB05 --reason "the platform draws it" --owner ops --expires 2027-03-31
    """
    wanted = Output.of(format, output, quiet=quiet, verbose=verbose)
    entry = {"reason": reason, "owner": owner, "expires": expires, "scope": scope, "ticket": ticket,
             "who": who, "when": when, "link": link, "until": until, "note": note}  # fmt: skip
    if waive or attest or any(entry.values()):
        finish(_written(path, waive, attest, entry, policy), wanted)
    from agentctl.checklist import run

    if list_items:
        finish(run.listing(profile or run.PROFILES[0]), wanted)
    from agentctl.cli.progress import progress

    options = run.Options(
        only=only or (),
        profile=profile,
        tier=tier,
        fail_on=fail_on,
        report_only=report_only,
        policy=policy,
        evidence=evidence or (),
        baseline=baseline,
        write_baseline=write_baseline,
        against=against,
    )
    with progress("reading the repository", quiet=quiet):
        validate = partial(examined, trusted=policy is None)
        report = run.check(path, options, validation=validate(path), validate=validate)
    finish(report, wanted)


def examined(path: Path, *, trusted: bool = True) -> Report | None:
    """Return what ``validate`` says of a folder and of its changes; None where it gives no answer."""
    return with_changes(path, _validation(path, trusted=trusted), trusted=trusted)


def _validation(path: Path, *, trusted: bool) -> Report | None:
    from agentctl.errors import AgentctlError
    from agentctl.validation import run

    if not path.is_dir():
        return None
    try:
        return run.validate(path, (path,), allow_ungoverned=True, trusted=trusted)
    except AgentctlError:
        return None


def with_changes(path: Path, said: Report | None, *, trusted: bool = True) -> Report | None:
    """Return what ``validate`` said of a tree, with what changed since its newest release tag as a part of it."""
    if said is None or not any(figure.name == "files" and figure.value for figure in said.figures):
        return said
    from agentctl import project
    from agentctl.errors import AgentctlError
    from agentctl.results import Report, Verdict
    from agentctl.validation import run
    from agentctl.validation.changes import revision
    from agentctl.validation.changes.asked import TAGS

    try:
        found = project.load(path)
        settings = found.section("validate") if trusted else {}
        tag = revision.newest_tag(found.root, settings.get("release_tags", TAGS))
    except AgentctlError:
        return said
    if tag is None and not revision.is_shallow(found.root):
        return said
    if tag is None:
        words = "the clone is shallow, so that no release is known (git fetch --unshallow --tags)"
        since = Report(command="validate", verdict=Verdict.INVALID, exit_code=3, summary=words)
        return replace(said, projects=(replace(since, subject="the newest release"),))
    name = tag.removeprefix("refs/tags/")
    try:
        since = run.validate(path, (path,), against=tag, allow_ungoverned=True, trusted=trusted)
    except AgentctlError as error:
        since = Report(command="validate", verdict=Verdict.INVALID, exit_code=error.exit_code, summary=error.message)
    return replace(said, projects=(replace(since, subject=name),))


_WAIVER = {"reason": "--reason", "owner": "--owner", "expires": "--expires"}
_ATTESTATION = {"who": "--who", "until": "--until"}
_MORE = {"waivers": ("scope", "ticket"), "attestations": ("when", "link", "note")}


def _written(
    path: Path, waive: str | None, attest: str | None, entry: dict[str, str | list[str] | None], policy: Path | None
) -> Report:
    """Write a waiver or an attestation into the policy, and tell where."""
    if bool(waive) == bool(attest):
        raise UsageError("--waive and --attest: one of them names the item", hint="such as --waive OB05")
    from datetime import UTC, datetime

    from agentctl.checklist.policy import writing

    kind, needed = ("waivers", _WAIVER) if waive else ("attestations", _ATTESTATION)
    option = f"--waive {waive}" if waive else f"--attest {attest}"
    missing = [flag for name, flag in needed.items() if not entry[name]]
    if missing:
        raise UsageError(f"{option}: {' and '.join(missing)} must be given", hint="agentctl checklist --help")
    foreign = [name for name, value in entry.items() if value and name not in {*needed, *_MORE[kind]}]
    if foreign:
        raise UsageError(f"{option}: --{foreign[0]} does not go with it", hint="agentctl checklist --help")
    if not path.is_dir():
        raise UsageError(f"{path}: no such folder", hint="check the path")
    if str(policy) == "none":
        raise UsageError(f"{option}: --policy none is no file to write", hint="leave it out, or name a file")
    today = datetime.now(UTC).date()
    if kind == "attestations" and not entry["when"]:
        entry = {**entry, "when": today.isoformat()}
    order = ("scope", "reason", "owner", "expires", "ticket") if waive else ("who", "when", "link", "until", "note")
    kept = {"id": (waive or attest or "").upper(), **{name: entry[name] or None for name in order}}
    return writing.add(path.resolve(), kind, kept, file=policy, today=today)
