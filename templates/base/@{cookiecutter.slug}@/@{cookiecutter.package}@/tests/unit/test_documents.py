"""The documents tell the truth about what can be looked up: links, files, settings, alerts, decisions."""

import re
from pathlib import Path

import pytest
import yaml

from ... import ENV_PREFIX
from ...config.settings import PROJECT, Settings
from ...services.personal_data import holders
from ...services.resources import build_resources
from ..fixtures.markdown import anchors, links

SKILLS = sorted(PROJECT.glob(".claude/skills/*/SKILL.md"))
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md"), *PROJECT.glob("deploy/*.md"), *SKILLS])
OPERATIONS = PROJECT / "docs" / "operations"


def named(page: Path) -> str:
    return page.relative_to(PROJECT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in links(page):
        linked = (page.parent / target).resolve() if target else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_paths_in_code_exist(page: Path) -> None:
    folders = "config|deploy|docs|scripts|\\.github"
    paths = re.findall(rf"`((?:{folders})/[\w./-]+)`", page.read_text())
    assert [path for path in paths if not (PROJECT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_settings_that_are_named_exist(page: Path) -> None:
    known = {name.upper() for name in Settings.model_fields}
    words = re.findall(rf"\b{ENV_PREFIX}([A-Z_]*[A-Z])", page.read_text())
    assert {word for word in words if word.split("__")[0] not in known} == set()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_make_targets_that_are_named_exist(page: Path) -> None:
    targets = re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), flags=re.MULTILINE)
    assert set(re.findall(r"^make ([a-z]+)", page.read_text(), flags=re.MULTILINE)) <= set(targets)


def test_every_page_is_linked_from_another() -> None:
    linked = {(page.parent / target).resolve() for page in PAGES for target, _ in links(page) if target}
    first = {"README.md", "CLAUDE.md"}  # looked for by name
    assert [named(page) for page in PAGES if page.resolve() not in linked and page.name not in first] == []


@pytest.mark.parametrize("page", [PROJECT / "AGENTS.md", *SKILLS], ids=named)
def test_guides_for_agents_name_files_and_commands_that_are_there(page: Path) -> None:
    text = page.read_text()
    words = {word for span in re.findall(r"`([^`]+)`", text) for word in span.split() if "/" in word}
    made = tuple(line for line in (PROJECT / ".gitignore").read_text().splitlines() if line.endswith("/"))
    paths = {word for word in words if not word.startswith(made)}
    assert {path for path in paths if not list(PROJECT.glob(path))} == set()
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), flags=re.MULTILINE))
    asked = [span.split("=")[0].split()[1:] for span in re.findall(r"(?:`|^)(make [^`\n]+)", text, flags=re.MULTILINE)]
    assert {word for words in asked for word in words if word.islower() and not word.startswith("-")} <= targets
    programs = re.findall(r"^python3 (\S+)", text, flags=re.MULTILINE)
    assert [program for program in programs if not (PROJECT / program).is_file()] == []


@pytest.mark.parametrize("skill", SKILLS, ids=named)
def test_a_skill_says_what_it_is_for(skill: Path) -> None:
    _, head, steps = skill.read_text().split("---\n", 2)
    about = yaml.safe_load(head)
    assert set(about) == {"name", "description"}
    assert about["name"] == skill.parent.name
    assert " Use it " in about["description"]
    assert len(about["description"]) <= 1_024  # what those who load skills take
    assert steps.strip()


def test_the_guide_for_agents_is_found_by_each_of_them() -> None:
    imported = re.findall(r"^@(\S+)$", (PROJECT / "CLAUDE.md").read_text(), flags=re.MULTILINE)
    assert "AGENTS.md" in imported
    assert [name for name in imported if not (PROJECT / name).is_file()] == []


def test_alerts_that_documents_name_exist() -> None:
    rules = yaml.load((PROJECT / "deploy/monitoring/rules/alerts.yaml").read_text(), yaml.CSafeLoader)
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"] if "alert" in rule}
    table = (PROJECT / "docs" / "dependencies.md").read_text().split("## Who")[0]
    cells = [line.split("|")[-2] for line in table.splitlines() if line.startswith("| ")][2:]
    assert {word for cell in cells for word in re.findall(r"\w+", cell) if word[0].isupper()} <= alerts


def test_decisions_are_numbered_and_listed() -> None:
    folder = PROJECT / "docs" / "decisions"
    numbers = [int(path.name[:4]) for path in sorted(folder.glob("0*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
    for path in folder.glob("0*.md"):
        text = path.read_text()
        assert text.startswith(f"# {int(path.name[:4])}. ")
        assert all(part in text for part in ("**Context.**", "**Decision.**", "**Consequences.**"))
        assert path.name in (folder / "README.md").read_text()


def test_retention_is_what_the_settings_say(settings: Settings) -> None:
    text = (OPERATIONS / "personal-data.md").read_text()
    rows = [line.split("|") for line in text.splitlines() if line.startswith("|")]
    kept = {row[2].strip(): row[4].strip() for row in rows}
    assert kept["audit trail"].startswith(f"{settings.audit_retention_days} days")
    assert kept["store, table `session_turns`, encrypted"].startswith(f"{settings.session_retention_days} days")


def test_the_inventory_names_every_place_with_personal_data(settings: Settings) -> None:
    inventory = (OPERATIONS / "personal-data.md").read_text().split("## Who decides")[0]
    places = [holder.name for holder in holders(build_resources(settings))]
    assert "sessions" in places
    assert [place for place in places if f"(`{place}`)" not in inventory] == []
