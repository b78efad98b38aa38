"""Tell whether the locks hold what ``pyproject.toml`` asks for: ``python scripts/check_locks.py``.

Every package that is asked for is pinned in the range that is asked for, every pin has a hash, and what is tested is
what runs: the pins of ``requirements.lock`` are those of ``requirements-dev.lock``, too.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[1]
LOCK, DEV_LOCK = "requirements.lock", "requirements-dev.lock"
PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?P<rest>(?:.*\\\n)*.*)$", re.MULTILINE)

Pins = dict[str, str]


def pins(lock: Path) -> Pins:
    """Return the version of each package that a lock pins by hashes."""
    found = PIN.finditer(lock.read_text(encoding="utf-8"))
    return {canonicalize_name(one["name"]): one["version"] for one in found if "--hash=sha256:" in one["rest"]}


def unmet(lock: str, pinned: Pins, wanted: list[str]) -> Iterator[str]:
    """Yield what is asked for and not pinned so."""
    for requirement in map(Requirement, wanted):
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None:
            yield f"{lock}: {requirement.name} is not pinned with a hash"
        elif not requirement.specifier.contains(version, prereleases=True):
            yield f"{lock}: {requirement.name} {version} is not {requirement.specifier}"


def problems(project: Path = PROJECT) -> list[str]:
    """Return what is wrong with the locks of a project."""
    about = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    optional = about["project"].get("optional-dependencies", {}).values()
    wanted = [*about["project"]["dependencies"], *(one for group in optional for one in group)]
    run, dev = pins(project / LOCK), pins(project / DEV_LOCK)
    return [
        *unmet(LOCK, run, wanted),
        *unmet(DEV_LOCK, dev, about["dependency-groups"]["dev"]),
        *(
            f"{DEV_LOCK}: {name} is not {version}, as in {LOCK}"
            for name, version in run.items()
            if dev.get(name) != version
        ),
    ]


def main() -> int:
    """Print what is wrong; return the exit code."""
    found = problems()
    sys.stderr.write("".join(f"{problem}\n" for problem in found))
    if found:
        sys.stderr.write("make lock writes them anew\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
