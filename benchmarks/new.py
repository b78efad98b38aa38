"""What ``agentctl new --no-git`` costs beside plain cookiecutter on the same files.

Each pair of runs renders the default kind twice in fresh processes: by cookiecutter's own command line from one folder
that holds all layers, and by ``agentctl new --no-git``. The figure is the ratio of their CPU times (user and system,
children included), once with and once without our checks, whose CPU time the command reports itself. The aim for the
ratio without them is 1.5. Run it on a machine with nothing else to do: ``python benchmarks/new.py [PAIRS]``.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from agentctl.scaffold import answers, kinds, names, rendering

NAME = "my-agent"


def merged(folder: Path) -> Path:
    """Lay the layers of the default kind and options over each other in one cookiecutter template."""
    kind = kinds.find(None)
    values = answers.complete(kind, names.checked(NAME), {})
    layers = kind.chosen(values)
    rendering.merge(layers, folder / "template")
    context = {**values, "_jinja2_env_vars": layers[0].private["_jinja2_env_vars"]}
    (folder / "template" / kinds.CONTEXT).write_text(json.dumps(context))
    return folder / "template"


def cpu(command: list[str], home: Path) -> tuple[float, str]:
    """Run a command and return the CPU seconds of it and its children, and its output."""
    environment = {**os.environ, "HOME": str(home)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def pair(template: Path, folder: Path) -> tuple[float, float, float]:
    """Return the CPU seconds of plain cookiecutter, of ours, and of our checks among them."""
    plain, ours = folder / "plain", folder / "ours"
    for path in (plain, ours):
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
    python = [sys.executable, "-m"]
    theirs, _ = cpu([*python, "cookiecutter", "--no-input", "--output-dir", str(plain), str(template)], folder)
    arguments = ["new", NAME, "--no-git", "--yes", "--format", "json", "--output-dir", str(ours)]
    own, output = cpu([*python, "agentctl", *arguments], folder)
    checks = next(figure["value"] for figure in json.loads(output)["figures"] if figure["name"] == "checks_cpu")
    assert files(plain) == files(ours), "the two did not make the same files"
    return theirs, own, checks


def files(folder: Path) -> set[str]:
    """Return the files below a folder, but what we add for later updates."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {path for path in found if "/.agentctl/" not in path}


def main() -> None:
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        template = merged(folder)
        pair(template, folder)  # both warm: byte code, file cache
        measured = [pair(template, folder) for _ in range(pairs)]
        print(f"files               {len(files(folder / 'ours'))}")
    theirs, own, checks = (statistics.median(column) for column in zip(*measured, strict=True))
    print(f"cookiecutter        {theirs:.3f} s CPU")
    print(f"agentctl new        {own:.3f} s CPU, of which checks {checks:.3f} s")
    print(f"ratio               {statistics.median((b - c) / a for a, b, c in measured):.2f} (aim: at most 1.5)")
    print(f"ratio with checks   {statistics.median(b / a for a, b, _ in measured):.2f}")


if __name__ == "__main__":
    main()
