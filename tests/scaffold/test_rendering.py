from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agentctl.errors import AgentctlError
from agentctl.scaffold import answers, kinds, names, rendering

PROJECT = "@{cookiecutter.slug}@"
PACKAGE = "@{cookiecutter.package}@"


@pytest.fixture
def render(work):
    def rendered(templates, **given):
        kind = kinds.find("service", templates)
        values = answers.complete(kind, names.checked("my-agent"), given)
        return rendering.render(kind, values, work)

    return rendered


def test_layers_lie_over_each_other(render, templates, work):
    project = render(templates)
    assert project == work / "my-agent"
    assert "service layer" in (project / "README.md").read_text()
    assert (project / "my_agent" / "core.py").is_file()
    assert (project / "my_agent" / "api.py").read_text() == 'NAME = "my-agent"\n'


def test_newlines_at_the_end_and_binaries_are_kept(render, templates):
    project = render(templates)
    assert (project / "my_agent" / "__init__.py").read_text().endswith('"""\n\n')
    source = templates / "base" / PROJECT / "data" / "logo.bin"
    assert (project / "data" / "logo.bin").read_bytes() == source.read_bytes()


def test_answers_are_text_and_never_templates(render, templates):
    project = render(templates, description="{{ 7 * 7 }} {% if %} 'quoted' #")
    assert "{{ 7 * 7 }} {% if %} 'quoted' #" in (project / "pyproject.toml").read_text()


def test_scripts_stay_executable_and_permissions_follow_the_umask(render, templates):
    for path in templates.rglob("*"):
        if path.is_file():
            path.chmod(0o555 if path.suffix == ".sh" else 0o444)
    before = os.umask(0o027)
    try:
        project = render(templates)
    finally:
        os.umask(before)
    assert (project / "scripts" / "run.sh").stat().st_mode & 0o777 == 0o750
    assert (project / "pyproject.toml").stat().st_mode & 0o777 == 0o640


def test_caches_in_a_template_are_left_out(render, templates):
    """Installing a wheel with pip compiles the Python files of its templates, too."""
    root = templates / "base" / PROJECT
    for cache in (root / PACKAGE / "__pycache__", root / ".mypy_cache" / "3.11", root / ".ruff_cache"):
        cache.mkdir(parents=True)
        (cache / "x.cpython-311.pyc").write_bytes(b"\0\1")
        (cache / "cached.json").write_text("@{ broken")
    project = render(templates)
    names = {path.name for path in project.rglob("*")}
    assert "core.py" in names
    assert not names & {"__pycache__", ".mypy_cache", ".ruff_cache", "cached.json"}


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("a.txt", "one\n@% if %@", r"a\.txt:2: Expected an expression"),
        ("a.txt", "@{ cookiecutter.nmae }@", r"Unable to create file 'a\.txt': .* has no attribute 'nmae'"),
        ("a.txt", "one\n\n@% include 'none.txt' %@", "none.txt"),
        ("@{cookiecutter.nmae}@/a.txt", "x", "has no attribute 'nmae'"),
        ("@{cookiecutter.slug.txt", "x", "a name:1: unexpected end"),
        ("a.txt", "caf\xe9", "codec can't decode"),
    ],
)
def test_a_broken_template_is_told_with_its_place(path, text, why, render, templates):
    file = templates / "service" / PROJECT / path
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(text.encode("latin-1"))
    here = Path.cwd()
    with pytest.raises(AgentctlError, match=why) as caught:
        render(templates)
    assert caught.value.exit_code == 70
    assert "the template 'service' cannot be rendered" in caught.value.message
    assert Path.cwd() == here


def test_a_layer_without_a_project_folder_is_told(render, templates):
    (templates / "service" / PROJECT).rename(templates / "service" / "plain")
    with pytest.raises(AgentctlError, match="has no folder for the project"):
        render(templates)


def test_layers_whose_folders_or_syntax_differ_are_told(render, templates):
    (templates / "service" / PROJECT).rename(templates / "service" / "@{cookiecutter.name}@")
    with pytest.raises(AgentctlError, match=r"not named @\{cookiecutter\.slug\}@"):
        render(templates)
    (templates / "service" / "@{cookiecutter.name}@").rename(templates / "service" / PROJECT)
    file = templates / "service" / "cookiecutter.json"
    file.write_text(file.read_text().replace('"@{"', '"<<"'))
    with pytest.raises(AgentctlError, match="_jinja2_env_vars differ"):
        render(templates)


def choice(templates, option, value, files=(), **private):
    """Add a value of an option to the templates."""
    folder = templates / "options" / option / value
    folder.mkdir(parents=True)
    syntax = json.loads((templates / "base" / "cookiecutter.json").read_text())["_jinja2_env_vars"]
    (folder / "cookiecutter.json").write_text(json.dumps({"_jinja2_env_vars": syntax, **private}))
    for path, text in dict(files).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def test_the_chosen_values_lie_over_the_kind(render, templates):
    choice(templates, "speed", "slow", {f"{PROJECT}/README.md": "slow @{ cookiecutter.speed }@"}, _default=True)
    choice(templates, "speed", "fast", {f"{PROJECT}/{PACKAGE}/fast.py": "FAST = True\n"})
    assert (render(templates) / "README.md").read_text() == "slow slow"
    shutil.rmtree(render(templates))
    project = render(templates, speed="fast")
    assert (project / "my_agent" / "fast.py").is_file()
    assert "service layer" in (project / "README.md").read_text()


def test_a_value_takes_files_away(render, templates):
    choice(templates, "data", "kept", _default=True)
    choice(templates, "data", "none", _removes=["data/*", f"{PACKAGE}/core.py"])
    assert (render(templates) / "data" / "logo.bin").is_file()
    shutil.rmtree(render(templates))
    project = render(templates, data="none")
    assert not (project / "data").exists()
    assert not (project / "my_agent" / "core.py").exists()
    assert (project / "my_agent" / "api.py").is_file()


def test_what_a_value_takes_away_another_that_lies_over_it_keeps(render, templates):
    choice(templates, "data", "some", {f"{PROJECT}/some.txt": "some"}, _removes=["data/*"])
    choice(templates, "data", "all", _layers=["some"], _default=True)
    project = render(templates)
    assert (project / "data" / "logo.bin").is_file()
    assert (project / "some.txt").is_file()


def test_a_value_fills_in_what_any_layer_includes(render, templates):
    (templates / "service" / PROJECT / "page.md").write_text("one\n@% include 'speed/how.md' %@\nthree\n")
    choice(templates, "speed", "slow", {"templates/speed/how.md": "@{ cookiecutter.slug }@ is slow"})
    assert (render(templates) / "page.md").read_text() == "one\nmy-agent is slow\nthree\n"
    assert not (render(templates) / "templates").exists()


def test_installed_templates_may_be_read_only(render, templates):
    folders = [path for path in templates.rglob("*") if path.is_dir()]
    for path in templates.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert "service layer" in (render(templates) / "README.md").read_text()
    finally:
        for path in folders:
            path.chmod(0o755)


def test_an_unwritable_place_is_the_operating_systems_error(render, templates, work):
    (work / "my-agent").write_text("a file")
    with pytest.raises(OSError, match="my-agent"):
        render(templates)


def test_no_hook_runs_and_nothing_is_written_to_the_home(templates, tmp_path):
    home, out = tmp_path / "home", tmp_path / "out"
    home.mkdir()
    out.mkdir()
    hooks = templates / "service" / "hooks"
    hooks.mkdir()
    for name in ("pre_prompt", "pre_gen_project", "post_gen_project"):
        (hooks / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    code = (
        "import sys; from pathlib import Path\n"
        "from agentctl.scaffold import answers, kinds, names, rendering\n"
        "kind = kinds.find(None, Path(sys.argv[1]))\n"
        "values = answers.complete(kind, names.checked('my-agent'), {})\n"
        "rendering.render(kind, values, Path(sys.argv[2]))\n"
    )
    environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")}
    subprocess.run([sys.executable, "-c", code, templates, out], env=environment, check=True, timeout=60)
    assert (out / "my-agent").is_dir()
    assert list(home.iterdir()) == []
    assert not (tmp_path / "ran").exists()
