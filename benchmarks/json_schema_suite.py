"""Run the required tests of the JSON-Schema-Test-Suite (2020-12) through both engines, and compare.

Prints how many tests each engine answers as the suite does, each test where one does not, and where the two differ.
Exits 1 when jsonschema-rs fails a test that jsonschema passes, or when the two differ in one that jsonschema passes.

Run: ``python benchmarks/json_schema_suite.py FOLDER``, FOLDER being a copy of the suite's repository.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agentctl.documents import authority, engine, references
from agentctl.documents.model import BadDocumentError
from agentctl.documents.schemas import Schema

DRAFT = "draft2020-12"
REMOTES = "http://localhost:1234/"


def tests(suite: Path) -> Iterator[tuple[str, Schema, Any, bool]]:
    """Yield name, schema, value and expected answer of each required test."""
    for path in sorted((suite / "tests" / DRAFT).glob("*.json")):
        for group in json.loads(path.read_bytes()):
            schema = Schema(kind="", path=path.resolve(), content=group["schema"])
            for test in group["tests"]:
                name = f"{path.stem}: {group['description']}: {test['description']}"
                yield name, schema, test["data"], test["valid"]


def know_remotes(suite: Path) -> None:
    """Make the suite's remote schemas known, which a server of its own would hand out otherwise."""
    for path in (suite / "remotes").rglob("*.json"):
        uri = REMOTES + path.relative_to(suite / "remotes").as_posix()
        references.KNOWN[uri] = json.loads(path.read_bytes())


def compiled_answer(schema: Schema, value: Any) -> bool | str:
    """Return what jsonschema-rs says, or why it says nothing."""
    try:
        return engine.is_valid(schema, value)
    except BadDocumentError as error:
        return error.problem.message


def authority_answer(schema: Schema, value: Any) -> bool | str:
    """Return what jsonschema says, or why it says nothing."""
    try:
        return not authority.found(schema, value, 1)
    except Exception as error:  # noqa: BLE001 - whatever it raises is an answer to be reported
        return f"{type(error).__name__}: {error}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    suite = parser.parse_args().folder
    if not (suite / "tests" / DRAFT).is_dir():
        parser.error(f"{suite} holds no tests/{DRAFT}")
    know_remotes(suite)
    return reported(list(tests(suite)))


def reported(wanted: list[tuple[str, Schema, Any, bool]]) -> int:
    failed: dict[str, list[str]] = {"jsonschema-rs": [], "jsonschema": []}
    broken = 0
    for name, schema, value, expected in wanted:
        answers = {"jsonschema-rs": compiled_answer(schema, value), "jsonschema": authority_answer(schema, value)}
        for engine_name, answer in answers.items():
            if answer is not expected:
                failed[engine_name].append(name)
                print(f"{engine_name}: {name}: {answer}, not {expected}")
        broken += answers["jsonschema"] is expected and answers["jsonschema-rs"] is not expected
    print(f"{len(wanted)} required tests of {DRAFT}")
    for engine_name, names in failed.items():
        print(f"{engine_name}: {len(wanted) - len(names)} as the suite has them, {len(names)} not")
    print(f"jsonschema-rs fails {broken} that jsonschema passes")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
