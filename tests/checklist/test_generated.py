"""The agents that ``agentctl new`` makes pass every item, and lose the item whose evidence is taken from them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from agentctl.checklist import checks, run
from agentctl.checklist.facts import parsing, visitor
from agentctl.results import Report
from agentctl.validation import run as validation
from tests.checklist.conftest import Agent

TEMPLATES = Path(__file__).parents[2] / "templates"
KINDS = sorted(path.name for path in TEMPLATES.iterdir() if path.name not in {"base", "options"})
NOT_APPLICABLE = {
    "CF03": "nothing was released yet",
    "CF04": "nothing was released yet",
    "CF05": "nothing changes at run time",
}
MANUAL = {"OP06": "the review of performance is a person's: docs/go-live.md"}

Op = tuple[str, ...]


def gone(*patterns: str) -> Op:
    """Take files away."""
    return ("gone", *patterns)


def without(old: str, new: str = "nothing", *files: str) -> Op:
    """Replace what matches in the shipped code, or in other files."""
    return ("without", old, new, *files)


CODE = "shop_agent/**/*.py"
TESTS = "shop_agent/tests"
MUTATIONS: dict[str, tuple[Op, ...]] = {
    "CQ01": (without(r"\) -> [^:\n]+:", "):"),),
    "CQ02": (without(r"\Z", "\n\ndef quiet() -> None:\n    try:\n        main()\n    except Exception:\n        pass\n", "shop_agent/main.py"),),
    "CQ03": (without(r"\Z", "\n\nasync def raw(request: starlette.requests.Request) -> object:\n    return await request.json()\n", "shop_agent/handlers/health.py"),
             without(r"\A(\"\"\".*?\"\"\"\n)", r"\1\nimport starlette.requests\n", "shop_agent/handlers/health.py")),
    "CQ04": (without("JSONRenderer", "KeyValueRenderer"),),
    "CQ05": (without(r"make [\w-]*test[\w-]*|make check|pytest|agentctl test", "see below", "*.md", "docs/**/*.md"),),
    "CQ06": (without("bind_contextvars|bound_contextvars", "dict"),),
    "TS01": (gone(TESTS),),
    "TS02": (without(r"\A", "# changed\n", "shop_agent/main.py"),),
    "TS03": (gone(f"{TESTS}/[a-tv-z]*"), without(r"\bassert ", "_ = ", f"{TESTS}/unit/**/*.py")),
    "TS04": (gone(f"{TESTS}/e2e"), without("end_to_end", "all_steps", f"{TESTS}/**/*.py")),
    "TS05": (without(r"raises\(|status_code ==|side_effect|raise ", "nothing(", f"{TESTS}/**/*.py"), without(r"\b[45]\d\d\b", "200", f"{TESTS}/**/*.py")),
    "TS06": (without(r"monkeypatch|mocker|unittest(?=\.mock| import mock)|respx|fakeredis|class (_?)(Fake|Stub|Mock|Dummy|Scripted)", "other", f"{TESTS}/**/*.py"),
             without(r"pydantic_ai\.models\.(test|function)", "other.models", CODE, f"{TESTS}/**/*.py")),
    "TS07": (without("hypothesis", "other", f"{TESTS}/**/*.py"),),
    "TS08": (without(r"\A", "# changed\n", "shop_agent/main.py"),),
    "TS09": (gone(f"{TESTS}/performance/*baseline*"),),
    "TS10": (gone(f"{TESTS}/security"), without(r"\b4\d\d\b", "200", f"{TESTS}/**/*.py"), without(r"\bassert ", "_ = ", f"{TESTS}/**/*.py"),
             without(r"raises\(", "nothing(", f"{TESTS}/**/*.py")),
    "TS11": (gone(f"{TESTS}/chaos"),),
    "SE01": (without(r"\.(hit|test)\(", ".nothing("),),
    "SE02": (without(r"(?m)^\.env.*\n", "", ".gitignore"),),
    "SE03": (without(r"Depends\(|Security\(", "Depended("),),
    "SE04": (without(r"pip-audit|bandit|gitleaks|trivy", "other", ".github/workflows/*.yml", "Makefile"),),
    "SE05": (without("==", ">=", "requirements*.lock", "requirements*.txt"),),
    "SE06": (without(r"\baudit\w*", "other"), without("Audit", "Other")),
    "SE07": (without(r"\Z", "\n\ndef run(text: str) -> None:\n    exec(text)\n", "shop_agent/main.py"),),
    "SE08": (without("(?i)quota", "other"),),
    "SE09": (without("tls", "other", "deploy/kubernetes/*.yaml"), without(r"tls|443|websecure", "other", "deploy/**/Caddyfile*", "deploy/**/*.conf", "compose*.yaml")),
    "SE10": (without("MultiFernet", "Fernet"),),
    "SE11": (without("kind: NetworkPolicy", "kind: Policy", "deploy/kubernetes/*.yaml"),),
    "PF01": (without(r"TTLCache\(|\.setex\(|\bex=|\bpx=|cashews|aiocache", "dict("),),
    "PF02": (without(r"\Z", "\n\ndef ask() -> object:\n    import httpx\n\n" + "    httpx.get('https://x', timeout=1)\n" * 9, "shop_agent/main.py"),),  # one would be an exception
    "PF03": (without(r"Semaphore\(|CapacityLimiter\(|range\(self\._policy\.workers\)", "dict("),),
    "PF04": (without("limits:", "requests:", "deploy/kubernetes/*.yaml", "compose*.yaml"), without("mem_limit", "other", "compose*.yaml")),
    "PF05": (without("timeout=|transport=|connection_pool=|http_client=", "patience="),),
    "RL01": (without(r"stamina|tenacity", "other"),),
    "RL02": (without("CircuitBreaker", "Other"),),
    "RL03": (without("(?i)fallback|degraded", "other"),),
    "OB01": (without("generate_latest", "bytes"),),
    "OB02": (without(r'@router\.get\("/(?!live)[^"]*"', '@dict("/x"', "shop_agent/handlers/health.py"),),
    "OB03": (without("TracerProvider", "Other"),),
    "OB04": (without("prometheus_client", "other"),),
    "OB05": (without("prometheus_client", "other"),),
    "DP01": (gone(".env.example", "config", "docs", "README.md"), without("description=", "title=")),
    "DP02": (
        without("(?i)drain|graceful", "other"), without("SIGTERM", "SIGHUP"), without(r"asyncio\.(wait|gather)\w*", "other"),
        without("(?i)grace|preStop", "other", "Dockerfile", "compose*.yaml", "deploy/**/*.yaml"),
    ),
    "DP03": (without(r"(?m)^USER .*\n", "", "Dockerfile"),),
    "DP04": (gone("deploy/kubernetes"),),
    "DP05": (without("(?i)rollout undo|roll ?back|downgrade", "other", "docs/operations/*.md", "deploy/**/*.yaml", "Makefile", "scripts/*", ".github/workflows/*.yml"),),
    "DP06": (gone("deploy/kubernetes"), without("replicas: [2-9]", "replicas: 1", "compose*.yaml")),
    "DP07": (without("restore", "other", f"{TESTS}/**/*.py"),),
    "DP08": (without("make lint|ruff|mypy|agentctl ci", "true", ".github/workflows/*.yml"),),
    "AR01": (without(r"\Z", "\n\nfrom shop_agent.main import *\n", "shop_agent/exceptions/__init__.py"),),
    "AR02": (without(r"frozen=True|@dataclass[^\n]*", "nothing"), without(r"\b(BaseModel|TypedDict)\b", "Other"), without(r"\w+Row\b", "Row")),
    "AR03": (without(r"\.limit\(", ".nothing("), without("trim|truncate|prune|compact|summari[sz]e", "other")),
    "AR04": (without(r"\.tool\(", ".other("), without("function_tool", "other")),
    "AR05": (gone("shop_agent/interfaces", "shop_agent/exceptions"),),
    "AG01": (without(r"max_(\w+_)?(steps|tool_calls|tokens|turns|iterations|cost)|usage_limits|request_limit", "other"),),
    "AG02": (without("Guard", "Other"), without("guard", "other")),
    "AG03": (gone("evals", f"{TESTS}/evals"),),
    "CF01": (without(r"\A", "agent_id: [\n", "config/agents/*.yaml"),),
    "CF02": (without(r"(?m)^version: .*", "version: latest", "config/agents/*.yaml"),),
    "OP01": (gone("docs/slo.md"), without("slo", "other", "deploy/monitoring/**/*.yaml")),
    "OP02": (gone("docs/operations/on-call.md"),),
    "OP03": (gone("docs/operations/incident-response.md"),),
    "OP04": (gone("docs/operations/runbook*.md"),),
    "OP07": (gone("docs/operations/costs.md"),),
    "OP08": (gone("docs/operations/personal-data.md", "docs/operations/data-protection.md"),),
    "DV01": (gone("docs/requirements.md"),),
    "DV02": (gone("docs/openapi.json"),),
    "DV03": (without(r"(?s)(def downgrade\(\)[^:]*:\n).*", r"\1    pass\n", "shop_agent/migrations/versions/*.py"),),
    "DV04": (gone("docs/dependencies.md", "docs/architecture.md"),),
    "DV05": (gone(".github/branch-protection.json"),),
}  # fmt: skip


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each kind, as it is made."""
    made = {}
    for kind in KINDS:
        folder = tmp_path_factory.mktemp(kind)
        command = [sys.executable, "-m", "agentctl", "new", "shop-agent", "--kind", kind, "--yes", "--no-git"]
        done = subprocess.run(
            [*command, "--output-dir", str(folder)], capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stderr
        made[kind] = folder / "shop-agent"
    return made


@pytest.fixture(scope="session", autouse=True)
def remembered() -> None:
    """Parse each text once in all these tests: the copies differ in a few files."""
    seen: dict[tuple[str, str], object] = {}
    parse = visitor.parse

    def once(text: str, path: str) -> object:
        if (path, text) not in seen:
            seen[path, text] = parse(text, path)
        return seen[path, text]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing.visitor, "parse", once)
        yield


class Generated:
    """A kind as it is made, with the records of a passing test and load test; what a test takes away comes back."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.agent = Agent(root)
        self.agent.run_everything()
        self.validation = self.validated()
        self.whole = self.asked()

    def validated(self) -> Report:
        """Return what ``validate`` says of the tree as it is."""
        return validation.validate(self.root, (self.root,), allow_ungoverned=True)

    def asked(self, *only: str) -> dict[str, str]:
        """Return the verdicts as the command gives them: with what ``validate`` says of the same tree."""
        said = self.validated() if any(id_.startswith("CF") for id_ in only) else self.validation
        report = run.check(self.root, run.Options(only=only), validation=said)
        return {result.id: result.verdict.value for result in report.results}

    def mutated(self, ops: Iterable[Op]) -> dict[Path, bytes]:
        """Do the operations and return what the files held that they changed."""
        held: dict[Path, bytes] = {}
        for op in ops:
            for path, new in changes(self.root, op):
                held.setdefault(path, path.read_bytes())
                path.unlink() if new is None else path.write_bytes(new)
        return held

    @staticmethod
    def restore(held: dict[Path, bytes]) -> None:
        """Put back what was changed."""
        for path, content in held.items():
            path.write_bytes(content)


def changes(root: Path, op: Op) -> Iterator[tuple[Path, bytes | None]]:
    """Yield the files that an operation changes, with what they hold then; None for those that it takes away."""
    kind, *rest = op
    if kind == "gone":
        found = [path for pattern in rest for path in sorted(root.glob(pattern))]
        inside = [each for path in found for each in (sorted(path.rglob("*")) if path.is_dir() else [path])]
        yield from ((path, None) for path in dict.fromkeys(inside) if path.is_file())
        return
    old, new, *files = rest
    for path in (path for pattern in files or [CODE] for path in sorted(root.glob(pattern))):
        if path.is_file() and (files or "tests" not in path.relative_to(root).parts):
            text = path.read_text(encoding="utf-8")
            changed = re.sub(old, new, text)
            if changed != text:
                yield path, changed.encode()


@pytest.fixture(scope="session")
def made(rendered: dict[str, Path]) -> dict[str, Generated]:
    """The kinds that were asked for so far: one tree of each is enough for all tests."""
    return {}


@pytest.fixture
def generated(
    request: pytest.FixtureRequest,
    rendered: dict[str, Path],
    made: dict[str, Generated],
    monkeypatch: pytest.MonkeyPatch,
) -> Generated:
    """A kind; nothing is cached, since what is parsed is remembered."""
    monkeypatch.setenv("AGENTCTL_CACHE", "")
    if request.param not in made:
        made[request.param] = Generated(rendered[request.param])
    return made[request.param]


@pytest.mark.parametrize("generated", KINDS, indirect=True)
def test_it_passes_every_automated_item(generated: Generated) -> None:
    verdicts = {id_: verdict for id_, verdict in generated.whole.items() if verdict != "pass"}
    assert {id_ for id_, verdict in verdicts.items() if verdict in {"fail", "error"}} == set()
    assert {id_ for id_, verdict in verdicts.items() if verdict == "n/a"} <= set(NOT_APPLICABLE)
    assert {id_ for id_, verdict in verdicts.items() if verdict == "manual"} <= {"OP05", "DV06", *MANUAL}
    assert {id_ for id_, verdict in verdicts.items() if verdict in {"warn", "unknown"}} == set()


def test_every_automated_item_has_a_mutation() -> None:
    assert set(checks.all_checks()) - set(NOT_APPLICABLE) - set(MANUAL) == set(MUTATIONS)


EACH = [pytest.param(kind, item, id=f"{kind}-{item}") for kind in KINDS for item in sorted(MUTATIONS)]


@pytest.mark.slow
@pytest.mark.parametrize(("generated", "item"), EACH, indirect=["generated"])
def test_taking_away_the_evidence_flips_the_item(generated: Generated, item: str) -> None:
    assert generated.whole[item] == "pass"
    held = generated.mutated(MUTATIONS[item])
    try:
        assert held, "nothing was there to take away"
        assert generated.asked(item)[item] in {"fail", "warn", "unknown", "manual", "n/a"}
    finally:
        generated.restore(held)
