"""Make signed tokens for trying the service out: ``python -m …utils.load_identities [ROLE] [COUNT] [TENANT]``.

Prints one token per line, each for a client of its own, so that a load test meets authentication and rate limiter
as real clients do. Works in development and load only: elsewhere an identity provider issues tokens.
"""

import sys

from .. import AGENT
from ..config.settings import LOCAL_ENVIRONMENTS, Settings, load_settings
from ..exceptions import AgentError, ConfigurationError
from ..models.identity import Role
from ..services.authentication import TENANT
from ..services.container import token_service
from .tenancy import DEFAULT_TENANT

DEFAULT_COUNT = 8


def local_tokens(settings: Settings, role: Role, count: int, tenant: str = DEFAULT_TENANT) -> list[str]:
    """Return tokens for ``count`` different clients of a tenant.

    Raises:
        ConfigurationError: The environment is not a local one.
    """
    if settings.environment not in LOCAL_ENVIRONMENTS:
        message = f"tokens are made here only in {' and '.join(LOCAL_ENVIRONMENTS)}"
        raise ConfigurationError(message)
    tokens = token_service(settings)
    return [tokens.issue(f"{AGENT}-{role}-{number}", [role], tenant=tenant) for number in range(1, count + 1)]


def main(arguments: list[str]) -> int:
    """Print the tokens; return the exit code."""
    try:
        given = dict(zip(("role", "count", "tenant"), arguments, strict=False))
        role, count = Role(given.get("role", Role.CLIENT)), int(given.get("count", DEFAULT_COUNT))
        tenant = TENANT.validate_python(given.get("tenant", DEFAULT_TENANT))
        lines = local_tokens(load_settings(), role, count, tenant)
    except (AgentError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
