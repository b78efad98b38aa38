from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from agentctl import records
from agentctl.checklist import checks, run, ships, tree
from agentctl.checklist.answer import Answer
from agentctl.checklist.facts import index
from agentctl.results import Finding, Report

EXAMPLES = Path(__file__).parent.parent / "examples" / "checklist"

Change = Callable[[str], str]


class Agent:
    """A copy of the example agent in a folder of its own, and what the checklist says of it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def report(self, **options: object) -> Report:
        return run.check(self.root, run.Options(**options))  # type: ignore[arg-type]

    def findings(self) -> dict[str, Finding]:
        return {result.id: result for result in self.report().results}

    def verdicts(self) -> dict[str, str]:
        return {id_: finding.verdict.value for id_, finding in self.findings().items()}

    def judged(self, item: str, files: dict[str, str]) -> Finding:
        """Return what the report says of one item when the files are there."""
        self._write_all(files)
        return {result.id: result for result in self.report(only=[item]).results}[item]

    def answered(self, item: str, files: dict[str, str]) -> Answer:
        """Return what the item's check alone says when the files are there, which is quicker."""
        self._write_all(files)
        facts = index.gather(tree.read(self.root))
        return checks.all_checks()[item](facts, ships.decide(facts))

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} does not hold {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def write(self, name: str, text: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def _write_all(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            self.write(name, text)

    def remove(self, *names: str) -> None:
        for name in names:
            path = self.root / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def record(self, kind: str, verdict: str = "pass", *, figures: dict[str, float], **details: object) -> None:
        records.write(
            self.root,
            records.Record(
                kind=kind, verdict=verdict, command=["agentctl", kind], content=records.content(self.root),
                figures=figures, details=details,
            ),
        )  # fmt: skip

    def run_everything(self) -> None:
        """Leave the records that a passing test and load test leave."""
        self.record("test", figures={"coverage": 97.5}, suites=[{"name": "unit"}, {"name": "performance"}])
        self.record("loadtest", figures={"p95": 0.12}, bound=True, health_only=False)


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("AGENTCTL_CACHE", str(folder))
    return folder


@pytest.fixture
def agent(tmp_path: Path) -> Agent:
    root = tmp_path / "shop-agent"
    shutil.copytree(EXAMPLES / "agent", root)
    return Agent(root)


@pytest.fixture
def project(tmp_path: Path) -> Agent:
    """An empty project, to be filled by the test."""
    root = tmp_path / "project"
    root.mkdir()
    return Agent(root)
