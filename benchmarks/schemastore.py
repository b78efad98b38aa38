"""Run SchemaStore's own positive and negative tests through ``agentctl validate --schema``.

Each folder of ``src/test`` and ``src/negative_test`` is named after the schema of ``src/schemas/json`` that its files
must, or must not, fit. Every file is checked in this process, one run for each folder, and a sample through the command
itself, which knows only the schemas that lie beside the one that is named.
Prints the totals and each file whose answer is another than SchemaStore's, with our first finding.
Exits 1 when fewer than 2,096 positive files are accepted or fewer than 1,017 negative ones rejected.

Run: ``python benchmarks/schemastore.py FOLDER``, FOLDER being a copy of SchemaStore's repository.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agentctl.documents import references, schemas
from agentctl.errors import UsageError
from agentctl.results import Severity
from agentctl.validation import run

LEAST = {"test": 2_096, "negative_test": 1_017}
SAMPLE = 40  # every so many folders one goes through the command
COMMAND = Path(sysconfig.get_path("scripts")) / "agentctl"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Whether a file was accepted (None when the schema could not be used), and the first reason when it was not."""

    path: Path
    accepted: bool | None
    reason: str = ""


def know_all(folder: Path) -> None:
    """Let schemas refer to each other by their addresses, as they do where they are published."""
    for path in sorted((folder / "src" / "schemas" / "json").glob("*.json")):
        schema = schemas.read(path, path.name)
        references.know(schema)
        for host in ("json.schemastore.org", "www.schemastore.org"):
            for name in (path.name, path.stem):
                references.KNOWN.setdefault(f"https://{host}/{name}", schema.content)


def answers(schema: Path, folder: Path) -> Iterator[Answer]:
    """Yield the answer for each file of a folder."""
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    try:
        report = run.validate(root=folder, paths=paths, schema=str(schema), cached=False)
    except UsageError as error:
        yield from (Answer(path=path, accepted=None, reason=error.message) for path in paths)
        return
    reasons: dict[str, str] = {}
    for one in report.results:
        if one.severity is Severity.ERROR and one.location:
            reasons.setdefault(Path(one.location.path).name, f"{one.id}: {one.message}")
    for path in paths:
        reason = reasons.get(path.name, "")
        accepted = None if reason.startswith("schema-unusable") else not reason
        yield Answer(path=path, accepted=accepted, reason=reason)


def through_the_command(schema: Path, folder: Path, expected: list[Answer]) -> list[str]:
    """Return the files for which the command says something else than the process did."""
    wrong = []
    for one in expected:
        done = subprocess.run([COMMAND, "validate", "--schema", schema, one.path], capture_output=True, check=False)
        if (done.returncode == 0) != bool(one.accepted):
            wrong.append(f"{one.path.relative_to(folder.parents[1])}: exit {done.returncode} in a process of its own")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder.resolve()
    if not (folder / "src" / "test").is_dir():
        parser.error(f"{folder} holds no src/test")
    know_all(folder)
    broken = 0
    for kind, least in LEAST.items():
        broken += reported(folder, kind, least)
    return 1 if broken else 0


def reported(folder: Path, kind: str, least: int) -> int:
    """Print what differs from SchemaStore's own answer; return 1 when too much does."""
    positive = kind == "test"
    right, every, wrong = 0, 0, []
    for number, tests in enumerate(sorted(path for path in (folder / "src" / kind).iterdir() if path.is_dir())):
        schema = folder / "src" / "schemas" / "json" / f"{tests.name}.json"
        found = list(answers(schema, tests))
        every += len(found)
        right += sum(one.accepted is positive for one in found)
        wrong += [f"{tests.name}/{one.path.name}: {one.reason}" for one in found if one.accepted is not positive]
        if number % SAMPLE == 0:
            wrong += through_the_command(schema, tests, found[:3])
    for line in wrong:
        print(f"{kind}/{line}")
    said = "accepted" if positive else "rejected"
    verdict = "ok" if right >= least else "TOO FEW"
    print(f"{kind}: {right:,} of {every:,} files {said}, at least {least:,} wanted: {verdict}")
    return int(right < least)


if __name__ == "__main__":
    sys.exit(main())
