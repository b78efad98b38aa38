"""The tools of this service: its operations, for agents that choose what to call by reading about it."""

from dataclasses import dataclass

from ..interfaces.agent import Agent
from ..models.answer import Answer, Question
from ..models.gathering import Gathered, GatherRequest
from ..models.identity import Identity, Permission
from ..models.pages import Page
from ..models.registry import RegisteredAgent
from ..models.tasks import Task
from ..models.tools import AskArguments, FindArguments, SubmitArguments, TaskArguments
from .gathering import Gatherer
from .registry import AgentRegistry
from .tasks import TaskService
from .tools import ToolRegistry


@dataclass(frozen=True, kw_only=True)
class Operations:
    """The parts of the service that tools work with."""

    agent: Agent
    gatherer: Gatherer
    registry: AgentRegistry
    tasks: TaskService


TOOLS: ToolRegistry[Operations] = ToolRegistry()


@TOOLS.tool("answer.text", AskArguments, Permission.ASK)
async def answer_text(arguments: AskArguments, operations: Operations, _identity: Identity) -> Answer:
    """Answer a question at once, from what this agent knows."""
    return await operations.agent.answer(Question(question=arguments.question))


@TOOLS.tool("agents.find", FindArguments, Permission.READ_AGENTS)
async def find_agents(arguments: FindArguments, operations: Operations, _identity: Identity) -> Page[RegisteredAgent]:
    """Find registered agents by what they can do and how they stand."""
    return await operations.registry.page(
        capability=arguments.capability, status=arguments.status, after="", limit=arguments.limit
    )


@TOOLS.tool("agents.ask", GatherRequest, Permission.ASK)
async def ask_agents(arguments: GatherRequest, operations: Operations, identity: Identity) -> Gathered:
    """Ask several agents one question at the same time; those that fail do not keep the others' answers back."""
    return await operations.gatherer.gather(arguments, identity.subject)


@TOOLS.tool("tasks.submit", SubmitArguments, Permission.SUBMIT, later=False)
async def submit_task(arguments: SubmitArguments, operations: Operations, identity: Identity) -> Task:
    """Submit a question, or a call of another tool, to be done later; look after it with tasks.get."""
    task, _ = await operations.tasks.submit(arguments, identity, arguments.idempotency_key)
    return task


@TOOLS.tool("tasks.get", TaskArguments, Permission.READ_TASKS, later=False)
async def get_task(arguments: TaskArguments, operations: Operations, identity: Identity) -> Task:
    """Tell how a task of the caller's own stands, with its answer or result when there is one."""
    return await operations.tasks.get(arguments.task_id, identity)
