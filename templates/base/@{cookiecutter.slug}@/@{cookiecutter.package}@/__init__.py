"""The @{cookiecutter.name}@ service."""

__version__ = "0.1.0"

SERVICE = "@{cookiecutter.slug}@"
"""The name in tokens, logs and metrics."""

AGENT = "@{cookiecutter.package}@"
"""The key of this agent in ``config/<environment>.yaml``."""

ENV_PREFIX = "@{cookiecutter.package | upper}@_"
"""The prefix of every environment variable that the service reads."""
