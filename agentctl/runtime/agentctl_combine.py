"""A script that combines the suites' coverage data and writes the figures: one process for what took two.

It runs in the project's interpreter, whose coverage wrote the data, whose syntax the sources have and where its
coverage plugins are. Its argument is a JSON file: ``parts`` (name to data files), ``folder``, ``result``. Each part's
result has ``lines``, ``covered``, ``branches``, ``covered_branches`` and ``files`` (path to ``[lines, covered]``), or
``problem``.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any


def main(argv: list[str]) -> None:
    """Read the order, measure each part, write the result."""
    spec = json.loads(Path(argv[1]).read_text(encoding="utf-8"))
    import coverage

    result: dict[str, Any] = {"version": coverage.__version__, "parts": {}}
    for number, (name, files) in enumerate(sorted(spec["parts"].items())):
        target = Path(spec["folder"]) / f"combined-{number}"
        result["parts"][name] = _measured(coverage, files, target)
    Path(spec["result"]).write_text(json.dumps(result), encoding="utf-8")


def _measured(coverage: Any, files: list[str], target: Path) -> dict[str, Any]:
    written = target.with_suffix(".json")
    try:
        whole = coverage.Coverage(data_file=str(target))
        whole.combine(files, keep=True)
        whole.json_report(outfile=str(written), ignore_errors=True)
    except coverage.CoverageException as error:
        return {"problem": str(error)}
    return _figures(json.loads(written.read_text(encoding="utf-8")))


def _figures(report: dict[str, Any]) -> dict[str, Any]:
    totals = report["totals"]
    files = {
        path.replace(os.sep, "/"): [values["summary"]["num_statements"], values["summary"]["covered_lines"]]
        for path, values in report["files"].items()
    }
    return {
        "lines": totals["num_statements"],
        "covered": totals["covered_lines"],
        "branches": totals.get("num_branches"),
        "covered_branches": totals.get("covered_branches"),
        "files": files,
    }


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main(sys.argv)
