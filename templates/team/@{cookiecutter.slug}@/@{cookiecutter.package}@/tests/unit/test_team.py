"""The factory, the configurations of the members, and their tools."""

from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ...config.member_config import MemberConfig, load_members
from ...config.settings import PROJECT, Settings
from ...exceptions import ConfigurationError, InvalidInputError
from ...exceptions.projects import NobodyToAskError, UnknownRoleError
from ...interfaces.member import TeamMember
from ...models.conversation import ToolCall
from ...models.team import TeamRole
from ...services.batching import Batcher
from ...services.calculator import calculate
from ...services.documents import FolderDocuments
from ...services.factory import AgentFactory, Kit
from ...services.guard import Guard
from ...services.members import standard_factory
from ...services.observers import Observers
from ...services.team_models import member_models
from ...services.team_tools import build_team_tools
from ...services.tools import ToolCaller, ToolRegistry
from ..fixtures.quotas import token_quotas
from ..fixtures.team import FakeMember, MemoryStepJournal, behaving, plan, step

LEVELS = 3
CONFIGS = load_members(PROJECT / "config", LEVELS)


@pytest.fixture(scope="module")
def tools() -> ToolRegistry:
    documents = FolderDocuments(PROJECT / "config" / "documents")
    return build_team_tools(documents, Batcher(documents.search, size=4, wait=0.001), CONFIGS.values())


@pytest.fixture
def kit(settings: Settings, tools: ToolRegistry) -> Kit:
    observers = Observers()
    return Kit(
        limits=settings.limits,
        observers=observers,
        tools=lambda _: tools,
        models=lambda config: member_models(config, settings.limits, observers),
        quotas=token_quotas(),
        journal=MemoryStepJournal(),
    )


@pytest.mark.parametrize("role", TeamRole)
async def test_every_role_has_a_member_with_a_configuration_of_its_own(role: TeamRole, kit: Kit) -> None:
    member = standard_factory().create(CONFIGS[role], kit)
    assert member.name == role
    await member.close()


def test_a_role_without_an_agent_is_a_clear_error(kit: Kit) -> None:
    factory = AgentFactory()
    factory.register(TeamRole.WRITING, member)
    with pytest.raises(UnknownRoleError, match="research-v1: no agent is registered for research; registered: writing"):
        factory.create(CONFIGS[TeamRole.RESEARCH], kit)


def test_an_agent_can_be_registered_once(kit: Kit) -> None:
    factory = AgentFactory()
    factory.register(TeamRole.RESEARCH, member)
    assert isinstance(factory.create(CONFIGS[TeamRole.RESEARCH], kit), FakeMember)
    with pytest.raises(ConfigurationError, match="registered for research already"):
        factory.register(TeamRole.RESEARCH, member)


def member(config: MemberConfig, kit: Kit) -> TeamMember:  # noqa: ARG001
    return FakeMember(config.agent_type, behaving(plan(step("a"))))


def changed(folder: Path, role: TeamRole, **changes: object) -> Path:
    """Return a configuration folder with the shipped members, one of them changed."""
    (folder / "agents").mkdir()
    for path in (PROJECT / "config" / "agents").glob("*.yaml"):
        document = yaml.load(path.read_text(), yaml.CSafeLoader)
        if document.get("agent_type") == role:
            document |= changes
        (folder / "agents" / path.name).write_text(yaml.dump(document, Dumper=yaml.CSafeDumper))
    return folder


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"agent_type": "cleaning"}, "agent_type: Input should be 'coordination', 'research'"),
        ({"agent_type": "writing"}, "is enabled for writing too"),
        ({"enabled": False}, "no configuration is enabled for research"),
        ({"metadata": {"budget_share": 0}}, "metadata.budget_share"),
        ({"metadata": {}}, "metadata.budget_share"),
        ({"tools": "search"}, "tools"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_configuration_is_named(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        load_members(changed(tmp_path, TeamRole.RESEARCH, **changes), LEVELS)


def test_a_member_cannot_have_a_tool_that_there_is_not(tmp_path: Path, kit: Kit) -> None:
    configs = load_members(changed(tmp_path, TeamRole.RESEARCH, tools=["search_documents", "rm"]), LEVELS)
    with pytest.raises(ConfigurationError, match="there is no tool 'rm'; there are search_documents, "):
        standard_factory().create(configs[TeamRole.RESEARCH], kit)


def test_a_member_cannot_promise_fields_that_nobody_fills(tmp_path: Path, kit: Kit) -> None:
    field = {"field_name": "mood", "field_type": "str"}
    configs = load_members(
        changed(tmp_path, TeamRole.WRITING, schema_config={"schema_id": "x", "fields": [field]}), LEVELS
    )
    with pytest.raises(ConfigurationError, match="nobody fills the required fields mood"):
        standard_factory().create(configs[TeamRole.WRITING], kit)


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("calculate", '{"expression": "(30 - 14) / 4"}', "4"),
        ("calculate", '{"expression": "__import__(1)"}', "only numbers"),
        ("extract_figures", '{"text": "within 30 days, for 12.50 euros"}', "30 days\n12.50 euros"),
        ("extract_figures", '{"text": "none"}', "no figures"),
        ("check_citations", '{"document_ids": ["returns", "moon"]}', "moon: does not exist"),
        ("list_members", "{}", "research: Finds"),
    ],
)
async def test_tools_say(tools: ToolRegistry, name: str, arguments: str, said: str) -> None:
    guard = Guard("You obey.", Observers(), max_chars=1_000, refuse=True)
    result = await ToolCaller(tools, guard, Observers(), 5.0).call(ToolCall(id="1", name=name, arguments=arguments))
    assert said in result.content


def test_the_coordination_is_no_choice_for_a_plan() -> None:
    assert CONFIGS[TeamRole.COORDINATION].leads == (TeamRole.RESEARCH, TeamRole.ANALYSIS, TeamRole.WRITING)
    assert CONFIGS[TeamRole.RESEARCH].leads == ()


async def test_outside_of_a_project_nobody_is_asked(tools: ToolRegistry) -> None:
    tool = tools.get("ask_person")
    assert tool is not None
    with pytest.raises(NobodyToAskError):
        await tool.run(tool.arguments(question="Who is there?"))


NUMBERS = st.integers(-1_000, 1_000)


@given(left=NUMBERS, right=NUMBERS, operation=st.sampled_from("+-*"))
def test_the_calculator_calculates(left: int, right: int, operation: str) -> None:
    expected = {"+": left + right, "-": left - right, "*": left * right}[operation]
    assert calculate(f"({left}) {operation} ({right})") == Decimal(expected)


@pytest.mark.parametrize(
    "expression",
    ["1 / 0", "1e999", "2 ** 9", "a + 1", "print(1)", "'a' * 3", "True + 1", "", "(" * 300, "1; 2", "[1]", "1\x00"],
)
def test_anything_else_is_refused(expression: str) -> None:
    with pytest.raises(InvalidInputError):
        calculate(expression)
