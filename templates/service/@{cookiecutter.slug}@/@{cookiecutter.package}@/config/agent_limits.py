"""How this kind of agent runs in one environment."""

from pathlib import Path

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr

from .limits import CommonLimits


class AgentLimits(CommonLimits):
    """``agents.<name>`` in ``config/<environment>.yaml``; what a file leaves out is as here."""

    messaging_url: SecretStr | None = Field(
        default=None, description="redis://… or rediss://… for bus and queues; without it they are in the process."
    )
    messaging_url_file: Path | None = Field(default=None, description="A file with that URL.")
    refuse_suspicious: bool = Field(default=True, description="Whether questions that read like an attack are refused.")
    task_workers: PositiveInt = Field(default=4, description="Tasks worked on at once.")
    task_attempts: PositiveInt = Field(default=5, description="Attempts before a task is given up.")
    task_timeout: PositiveFloat = Field(default=120.0, description="Seconds for one attempt.")
    task_backlog: PositiveInt = Field(default=10_000, description="Unfinished tasks; about so many, more are refused.")
    task_retention_days: PositiveInt = Field(default=30, description="How long ended tasks are kept.")
    message_lease: PositiveFloat = Field(default=60.0, description="Seconds until a dead worker's message goes on.")
    tool_timeout: PositiveFloat = Field(default=40.0, description="Seconds for one call of a tool.")
    heartbeat_ttl: PositiveFloat = Field(default=30.0, description="Seconds that a sign of life is good for.")
    agent_hosts: tuple[str, ...] = Field(
        default=("127.0.0.1", "localhost"), description="Hosts (with * as wildcard) that agents may be asked on."
    )
    gather_concurrency: PositiveInt = Field(default=10, description="Agents asked at once for one request.")
    status_streams: PositiveInt = Field(default=500, description="Open status streams; more are turned away.")
    status_buffer: PositiveInt = Field(default=100, description="Events held for one slow stream before it ends.")
    status_lifetime: PositiveFloat = Field(default=3_600.0, description="Seconds until a stream has to be renewed.")
