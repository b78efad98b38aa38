"""Print the API contract: ``python -m …utils.openapi``; kept as ``docs/openapi.json``."""

import json
import sys

from fastapi import FastAPI


def contract(app: FastAPI) -> str:
    """Return the application's OpenAPI document, always in the same order."""
    return json.dumps(app.openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    from ..main import app as service

    sys.stdout.write(contract(service))
