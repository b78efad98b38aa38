"""The commands of operators: ``python -m @{cookiecutter.package}@ --help``."""

from .handlers.commands import main

if __name__ == "__main__":
    raise SystemExit(main())
