"""Make projects of the shipped templates, and look at what was made: what the tests of all kinds share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from pathlib import Path

from agentctl.results import Report, Verdict
from agentctl.scaffold import kinds, names, run

TEMPLATES = Path(__file__).parents[2] / "templates"
KINDS = {kind.name: kind for kind in kinds.known(TEMPLATES)}
PYTHONS = ("3.11", "3.13")


def made(folder: Path, kind: str, name: str = "my-agent", **answers: str) -> Path:
    """Make a project without the last check, and return where it stands."""
    found = names.checked(name)
    order = run.Order(names=found, kind=KINDS[kind], answers=answers, place=folder / found.slug, git=False)
    run.create(order, check=lambda _: Report(command="validate", verdict=Verdict.PASS, exit_code=0, summary="fine"))
    return folder / found.slug


def files(project: Path) -> list[str]:
    """Return the project's files, without what tools and we ourselves leave there."""
    apart = {".agentctl", ".git", ".venv", "var", "__pycache__", ".ruff_cache", ".mypy_cache", ".pytest_cache"}
    found = (path.relative_to(project) for path in project.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found if not apart & set(path.parts))


def _choices() -> dict[str, tuple[str, ...]]:
    found = {"kind": tuple(sorted(KINDS, key=lambda name: not KINDS[name].is_default)), "python_version": PYTHONS}
    for kind in KINDS.values():
        for option, layers in kind.options.items():
            found[option] = tuple(dict.fromkeys((*found.get(option, ()), *(layer.value for layer in layers))))
    return found


CHOICES = _choices()
"""What can be chosen over all kinds, the default of each first."""


def pairwise(options: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """Return rows that together hold every pair of values of two options: greedily, and the same ones every time."""
    keys = list(options)
    missing = {
        frozenset([(one, a), (other, b)])
        for one, other in combinations(keys, 2)
        for a, b in product(options[one], options[other])
    }
    rows = []
    while missing:
        row = dict(min(missing, key=lambda pair: sorted((keys.index(key), options[key].index(v)) for key, v in pair)))
        for key in keys:
            if key not in row:
                row[key] = max(options[key], key=lambda value: _covered(row | {key: value}, missing))
        missing -= set(_pairs(row))
        rows.append({key: row[key] for key in keys})
    return rows


def _pairs(row: Mapping[str, str]) -> Iterator[frozenset[tuple[str, str]]]:
    return (frozenset(pair) for pair in combinations(row.items(), 2))


def _covered(row: Mapping[str, str], missing: set[frozenset[tuple[str, str]]]) -> int:
    return sum(pair in missing for pair in _pairs(row))


def covering(rows: Sequence[dict[str, str]], keys: Sequence[str]) -> list[dict[str, str]]:
    """Return few of the rows that together hold every value of these options."""
    missing = {(key, row[key]) for row in rows for key in keys}
    found = []
    while missing:
        best = max(rows, key=lambda row: sum((key, row[key]) in missing for key in keys))
        missing -= {(key, best[key]) for key in keys}
        found.append(best)
    return found


def answered(row: Mapping[str, str]) -> dict[str, str]:
    """Return a row's answers that its kind asks for, without the kind itself."""
    asked = {*KINDS[row["kind"]].options, "python_version"}
    return {key: value for key, value in row.items() if key in asked}


_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_QUOTED = re.compile(r"`((?:\.github|\.gitlab|config|deploy|docs|scripts)/[\w./-]*\w)`")
_IN_TESTS = re.compile(r"""\bPROJECT((?:\s*/\s*"[^"]+")+)""")
_WRITTEN = re.compile(
    r"(?<![\w./$-])((?:config|deploy|docs|scripts)/[\w./-]*\w|[\w-]+\.(?:toml|lock|md|yaml|yml))(?![\w/])"
)


def dangling(project: Path) -> list[str]:
    """Return what the project's files name in it and is not there: links, paths, targets of make."""
    found = []
    for name in files(project):
        path = project / name
        if path.suffix == ".md":
            text = path.read_text(encoding="utf-8")
            links = [link for link in _LINK.findall(text) if "://" not in link and not link.startswith("mailto:")]
            found += [f"{name}: {link}" for link in links if not (path.parent / link).exists()]
            found += [f"{name}: {quoted}" for quoted in _QUOTED.findall(text) if not (project / quoted).exists()]
        elif path.suffix == ".py" and "tests" in path.parts:
            named = ("/".join(re.findall(r'"([^"]+)"', one)) for one in _IN_TESTS.findall(path.read_text("utf-8")))
            found += [f"{name}: {one}" for one in named if not (project / one).exists() and not _is_made(project, one)]
        elif name in {"Makefile", "Dockerfile", ".gitlab-ci.yml", ".github/workflows/ci.yml", "compose.yaml"}:
            found += _unknown(project, name, path.read_text(encoding="utf-8"))
    return found


def _is_made(project: Path, name: str) -> bool:
    """Return whether a file lies in a folder that git ignores, where runs write."""
    ignored = (project / ".gitignore").read_text(encoding="utf-8").splitlines()
    return f"{name.partition('/')[0]}/" in ignored


def _unknown(project: Path, name: str, text: str) -> list[str]:
    targets = re.findall(r"^([a-z]+):", (project / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    made = set(re.findall(r"^\s*- make ([a-z]+)|run: make ([a-z]+)", text, flags=re.MULTILINE))
    wanted = {target for pair in made for target in pair if target}
    paths = {path for path in _WRITTEN.findall(re.sub(r"#.*", "", text)) if not (project / path).exists()}
    return [f"{name}: make {one}" for one in sorted(wanted - set(targets))] + [
        f"{name}: {one}" for one in sorted(paths)
    ]
