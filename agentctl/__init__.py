"""agentctl: takes an AI agent from an empty folder to production, and proves that it is ready."""

__version__ = "0.1.0"
