"""OP: what people do to keep it running, as far as documents and rules of the repository show it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from agentctl.checklist.answer import Answer, counted, not_applicable, passed, unasked, weak
from agentctl.checklist.checks.observation import alert_rules
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.ships import LIBRARY, Ships
from agentctl.results import Confidence, Location, Verdict

_PROSE = (".md", ".mdx", ".rst", ".adoc", ".txt")
_OTHER = {"readme", "changelog", "security", "contributing", "requirements dev"}
_FOLDERS = {"docs", "doc", "documentation", "operations", "ops", "runbooks", "runbook", "deploy", "deployment", "sre",
            "handbook", ".github"}  # fmt: skip
_OPERATED = {"operations", "ops", "runbooks", "runbook", "sre", "handbook"}
_GENERAL = {
    "a", "agent", "agents", "and", "app", "application", "availability", "business", "contact", "contacts", "data",
    "description", "design", "document", "documentation", "engineering", "faq", "for", "functional", "guide",
    "handbook", "handling", "incident", "list", "management", "matrix", "metrics", "non", "notes", "objective",
    "objectives", "of", "on",
    "operations", "our", "overview", "plan", "policy", "postmortem", "procedure", "procedures", "process",
    "product", "production", "project", "protection", "report", "response", "review", "reviews", "rota", "rotation",
    "runbook", "s", "scope", "security", "service", "services", "sla", "software", "spec", "system", "team",
    "technical", "template", "the", "us", "user", "v", "version",
}  # fmt: skip
_DATA = re.compile(r"data|benchmark|example|sample|test|vendor|node_modules|prompt|fixture")
_LINES = 8  # of text; fewer are a heading without a body
_GAP = re.compile(
    r"\b(TODO|TBD|FIXME|lorem ipsum|fill (this )?in|xx+%|to be (defined|decided))\b|<(name|team|your)[^>]*>",
    re.IGNORECASE,
)
_OBJECTIVE = re.compile(r"record:.*slo|sli:|error_budget|kind: SLO|openslo", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(\.\d+)?\s*(%|ms\b|s\b|seconds|percent)")
_REACHED = re.compile(
    r"[\w.+-]+@[\w-]+\.\w+|pagerduty|opsgenie|\+\d[\d ()-]{6,}|#[a-z][\w-]{2,}|\breached\b|\bcontact\b|telephone"
    r"|\bpaging\b",
    re.IGNORECASE,
)
_SEVERITY = re.compile(r"\b(sev[- ]?\d|severit(y|ies)\b|p[0-4]\b|critical|major)", re.IGNORECASE)
_CODE = re.compile(r"```(?:\w*)\n(.+?)```|^ {4}\S", re.DOTALL | re.MULTILINE)
_DATE = re.compile(r"\b20\d\d-\d\d-\d\d\b")
_MONEY = re.compile(
    r"[$€£]\s?\d|\d\s?(USD|EUR|GBP|cents?)\b|max_(cost|budget|spend)|(quarter|month|week)ly"
    r"|(once a|every) (quarter|month|week)",
    re.IGNORECASE,
)


def op01(facts: Facts, ships: Ships) -> Answer:
    """Are SLIs and SLOs defined?

    Why: guide 1 "SLIs and SLOs defined".
    Counts: a document named for objectives with numbers, or recording rules named for them.
    Does not count: the word in a README.
    Closed: never; without evidence a person answers. n/a for a library.
    Mend: write down what is measured, the objective and the window, under docs/slo.md.
    """
    rules = [
        Location(path=path)
        for path, text in facts.beside.items()
        if path.endswith((".yml", ".yaml")) and _OBJECTIVE.search(text)
    ]
    return _documented(facts, ships, r"\bslos?\b|\bslis?\b|service[-_ ]level", "objectives", rules, _NUMBER.search,
                       "numbers for each objective")  # fmt: skip


def op02(facts: Facts, ships: Ships) -> Answer:
    """Is it documented who is on call and how they are reached?

    Why: guide 1 "On-call rotation".
    Counts: a document named for it that says how they are reached (a channel, an address, a pager).
    Does not count: placeholders for the names.
    Closed: never; without evidence a person answers. n/a for a library.
    Mend: name the rotation, the channel and what happens when nobody answers, under docs/operations/on-call.md.
    """
    return _documented(facts, ships, r"on[-_ ]?call|escalation", "who is on call", (), _REACHED.search,
                       "how they are reached")  # fmt: skip


def op03(facts: Facts, ships: Ships) -> Answer:
    """Is there an incident response plan?

    Why: guide 1 "Incident response".
    Counts: a document named for incidents with severities and steps.
    Does not count: how to report a vulnerability (SECURITY.md).
    Closed: never; without evidence a person answers. n/a for a library.
    Mend: severities, who leads, what is told to whom, and the review afterwards.
    """
    return _documented(facts, ships, r"incident", "incident response", (), _SEVERITY.search, "severities")


def op04(facts: Facts, ships: Ships) -> Answer:
    """Is there a runbook with commands for the alerts that it has?

    Why: guide 1 "Runbook", guide 4.
    Counts: a runbook with commands that has a section for each alert rule of the repository.
    Does not count: a runbook without commands; alerts that it does not name, and that do not link to it, warn, and so
    does a guide to troubleshooting with commands.
    Closed: never; without evidence a person answers. n/a for a library.
    Mend: for each alert: what it means, what to look at, the command that helps.
    """
    found = documents(facts, r"runbook|playbook")
    names = {rule.name for rule in facts.once(alert_rules) if not rule.linked}
    text = "\n".join(facts.tree.plain[path] for path in found).lower()
    missing = sorted(name for name in names if name.lower() not in text and _spaced(name) not in text)
    if found and missing:
        return weak(f"the runbook does not name {counted(missing, 'alert')}: {', '.join(missing[:3])}",
                    "add a section for each alert", [Location(path=path) for path in found])  # fmt: skip
    answer = _documented(facts, ships, r"runbook|playbook", "a runbook", (), _CODE.search, "commands")
    helping = [path for path in documents(facts, r"trouble[-_ ]?shooting") if _CODE.search(facts.tree.plain[path])]
    if answer.verdict is Verdict.MANUAL and helping:
        return weak(f"{helping[0]} gives commands by symptom, and is no runbook for alerts",
                    "for each alert: what it means and the command that helps",
                    [Location(path=path) for path in helping])  # fmt: skip
    return answer


def op06(facts: Facts, ships: Ships) -> Answer:
    """Is performance work ongoing (tracked baseline, dated review)?

    Why: guide 1 "Performance optimization".
    Counts: a document named for performance with dated figures.
    Does not count: a benchmark that nobody looks at (TS09).
    Closed: never; without evidence a person answers. n/a for a library.
    Mend: keep dated figures and what was changed for them.
    """
    return _documented(facts, ships, r"performance|benchmark|capacity", "performance", (), _DATE.search, "dates")


def op07(facts: Facts, ships: Ships) -> Answer:
    """Is cost reviewed (budget in code or a dated review)?

    Why: guide 1 "Cost optimization".
    Counts: a document named for costs with amounts; a budget in infrastructure as code.
    Does not count: prices in a README.
    Closed: never; without evidence a person answers. n/a for a library.
    Mend: write down what a thousand answers cost, the budget, and who looks at it when.
    """
    budgets = [Location(path=path) for path, text in facts.beside.items()
               if path.endswith(".tf") and re.search(r"aws_budgets_budget|google_billing_budget", text)]  # fmt: skip
    return _documented(
        facts, ships, r"\bcosts?\b|budget|finops", "costs", budgets, _MONEY.search, "amounts or when they are looked at"
    )


def op08(facts: Facts, ships: Ships) -> Answer:
    """Is personal data known and handled: inventory, retention, erasure, who decided?

    Why: guide 2 "Data privacy compliance".
    Counts: a document named for personal data with retention and erasure.
    Does not count: a privacy notice for visitors of a site; the word in a README.
    Closed: never; without evidence a person answers. n/a for a library.
    Mend: list what is kept about whom, how long, how it is erased, and who decided, under docs/operations.
    """

    def whole(text: str) -> object:
        lower = text.lower()
        return "retention" in lower and re.search(r"eras|delet", lower)

    return _documented(facts, ships, r"personal[-_ ]?data|privacy|gdpr|data[-_ ]protection", "personal data", (), whole,
                       "retention and erasure")  # fmt: skip


# ---------------------------------------------------------------- what the checks look for


def _documented(
    facts: Facts, ships: Ships, named: str, what: str, rules: Iterable[Location], holds: Callable[[str], object],
    needs: str,
) -> Answer:  # fmt: skip
    """Pass on a document of that name with a body that holds what it must, or on rules; else a person answers."""
    if ships.kind == LIBRARY:
        return not_applicable("a library is operated by what uses it", ships.evidence)
    paths = documents(facts, named)
    spots = [Location(path=path) for path in paths]
    good = [path for path in paths if holds(facts.tree.plain[path]) and not _GAP.search(facts.tree.plain[path])]
    kept = [*(Location(path=path) for path in good), *rules]
    if kept:
        return passed(f"{what}: {kept[0].path}", kept, confidence=Confidence.MEDIUM)
    if paths:
        gap = any(_GAP.search(facts.tree.plain[path]) for path in paths)
        return weak(
            f"{paths[0]} {'has gaps to fill in' if gap else f'does not give {needs}'}", f"write down {needs}", spots
        )
    return unasked(f"no document of {what} stands in the repository", f"write down {needs}, or attest where it is")


def documents(facts: Facts, named: str) -> list[str]:
    """Return the documents with a body that bear a name, at the root or in a folder for documents.

    READMEs, changelogs and the like are about something else, and so is what serves as data.
    """
    pattern = re.compile(named, re.IGNORECASE)
    project = set(re.findall(r"[a-z]+", facts.manifest.name.lower()))
    return [path for path, text in facts.tree.plain.items() if _is_document(path, pattern, text, project)]


def in_readme(facts: Facts, pattern: re.Pattern[str]) -> list[Location]:
    """Return where the README holds something, at most one place."""
    readme = facts.text("README.md", "README.rst", "docs/README.md")
    match = pattern.search(readme[1]) if readme else None
    return [Location(path=readme[0], line=readme[1].count("\n", 0, match.start()) + 1)] if readme and match else []


def _is_document(path: str, pattern: re.Pattern[str], text: str, project: set[str]) -> bool:
    pure = PurePosixPath(path)
    folders = {part.lower() for part in pure.parts[:-1]}
    plain = pure.suffix.lower() in _PROSE and pure.stem.lower() not in _OTHER
    placed = (not folders or bool(folders & _FOLDERS)) and not any(_DATA.search(part) for part in folders)
    title = re.sub(r"[-_.]", " ", pure.stem)
    if not (plain and placed and pattern.search(title)):
        return False
    others = set(re.findall(r"[a-z]+", pattern.sub(" ", title).lower())) - _GENERAL - project
    if others and not folders & _OPERATED:
        return False  # of a part of the product: backup-specification.md, incident-agent-example.md
    return sum(bool(row.strip()) for row in text.splitlines()) >= _LINES


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
