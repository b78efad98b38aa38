"""The commands of operators. Every module in this folder is one: ``NAME``, ``add_arguments()`` and ``run()``.

One with ``NEEDS_SETTINGS = False`` works where there are none.
"""

import argparse
import asyncio
import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from ... import AGENT
from ...config.settings import load_settings
from ...exceptions import AgentError, ConfigurationError
from ...utils.logging import configure_logging

DONE, FAILED, WRONG, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code: 0 done, 1 it failed, 2 the settings or the call are wrong, 130 Ctrl-C."""
    modules = {module.NAME: module for module in commands()}
    wanted = _parser(modules).parse_args(arguments)
    try:
        settings = load_settings() if getattr(modules[wanted.command], "NEEDS_SETTINGS", True) else None
        level, environment = ("WARNING", settings.environment) if settings else ("ERROR", "client")
        configure_logging(level, environment, readable=True, stream=sys.stderr)
        output: Sequence[str] = asyncio.run(modules[wanted.command].run(wanted, settings))
        for line in output:
            sys.stdout.write(f"{line}\n")
    except (AgentError, OSError) as error:
        sys.stderr.write(f"not done: {error}\n")
        return WRONG if isinstance(error, ConfigurationError) else FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return DONE


def commands() -> list[ModuleType]:
    """Return the modules of this folder."""
    return [import_module(module.name) for module in pkgutil.iter_modules(__path__, f"{__name__}.")]


def _parser(modules: dict[str, ModuleType]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {AGENT}", description="Operate the service.")
    choices = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in sorted(modules.items()):
        text = (module.__doc__ or "").strip()
        module.add_arguments(choices.add_parser(name, help=text.splitlines()[0], description=text))
    return parser
