from __future__ import annotations

import json
import shutil

import pytest

from agentctl import resources
from agentctl.errors import AgentctlError, UsageError
from agentctl.scaffold import kinds


def test_a_folder_is_a_kind(templates):
    shutil.copytree(templates / "service", templates / "team")
    assert [kind.name for kind in kinds.known(templates)] == ["service", "team"]
    assert [layer.name for layer in kinds.find("team", templates).layers] == ["base", "team"]


def test_a_folder_without_context_is_none(templates):
    (templates / "notes").mkdir()
    assert [kind.name for kind in kinds.known(templates)] == ["service"]


def test_the_first_kind_is_the_default(templates):
    kind = kinds.find(None, templates)
    assert (kind.name, kind.description) == ("service", "An agent behind HTTP")


def test_a_kind_can_say_that_it_is_the_default(templates):
    for name in ("team", "zoo"):
        shutil.copytree(templates / "service", templates / name)
    file = templates / "team" / "cookiecutter.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "_default": True}))
    assert kinds.find(None, templates).name == "team"


def over(templates, name, *layers):
    """Make a kind of that name that lies over the layers."""
    shutil.copytree(templates / "service", templates / name, dirs_exist_ok=True)
    file = templates / name / "cookiecutter.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "_layers": layers}))


def test_a_kind_can_lie_over_another(templates):
    over(templates, "team", "service")
    over(templates, "crowd", "service", "team")
    assert [layer.name for layer in kinds.find("team", templates).layers] == ["base", "service", "team"]
    assert [layer.name for layer in kinds.find("crowd", templates).layers] == ["base", "service", "team", "crowd"]


@pytest.mark.parametrize(("layer", "why"), [("none", "is not there"), ("team", "itself"), ("crowd", "itself")])
def test_a_layer_that_cannot_be_is_told(layer, why, templates):
    over(templates, "crowd", "team")
    over(templates, "team", layer)
    with pytest.raises(AgentctlError, match=f"'{layer}' .*{why}"):
        kinds.known(templates)


def value(templates, option, name, **private):
    folder = templates / "options" / option / name
    folder.mkdir(parents=True)
    (folder / "cookiecutter.json").write_text(json.dumps(private))


def test_a_folder_is_a_value_of_an_option(templates):
    value(templates, "ci", "aardvark")
    value(templates, "ci", "github", _default=True)
    value(templates, "voice", "loud", _kinds=["team"])
    kind = kinds.find("service", templates)
    assert kind.variables["ci"] == ["github", "aardvark"]
    assert "voice" not in kind.variables
    assert [layer.name for layer in kind.chosen({"ci": "aardvark"})] == ["base", "service", "ci/aardvark"]
    assert [kind.name for kind in kinds.known(templates)] == ["service"]


def test_a_value_can_lie_over_another(templates):
    value(templates, "deploy", "image")
    value(templates, "deploy", "cluster", _layers=["image"])
    kind = kinds.find("service", templates)
    assert [layer.name for layer in kind.chosen({"deploy": "cluster"})][2:] == ["deploy/image", "deploy/cluster"]
    value(templates, "deploy", "moon", _layers=["rocket"])
    with pytest.raises(AgentctlError, match="'rocket' is not there"):
        kinds.known(templates)


def test_an_option_that_takes_files_away_lies_over_the_others(templates):
    value(templates, "deploy", "none", _removes=["Dockerfile"])
    value(templates, "store", "postgres")
    value(templates, "cache", "redis")
    assert list(kinds.find("service", templates).options) == ["cache", "store", "deploy"]


def test_the_default_of_the_shipped_kinds_is_an_llm_agent():
    assert {"llm", "service"} <= {kind.name for kind in kinds.known(resources.templates())}
    assert kinds.find(None, resources.templates()).name == "llm"


@pytest.mark.parametrize(("name", "meant"), [("servise", "did you mean 'service'? "), ("zzz", ""), ("base", "")])
def test_an_unknown_kind_is_refused_with_the_list(name, meant, templates):
    with pytest.raises(UsageError) as caught:
        kinds.find(name, templates)
    assert caught.value.hint == f"{meant}known kinds: service"


def test_upper_layers_win_over_lower_variables(templates):
    file = templates / "service" / "cookiecutter.json"
    values = json.loads(file.read_text())
    file.write_text(json.dumps({**values, "python_version": ["3.12", "3.13"], "extra": "x"}))
    variables = kinds.find("service", templates).variables
    assert variables["python_version"] == ["3.12", "3.13"]
    assert variables["extra"] == "x"


@pytest.mark.parametrize("content", ["{", "[]", "\xff"])
def test_a_broken_context_names_its_file(content, templates):
    (templates / "service" / "cookiecutter.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(AgentctlError, match=r"service/cookiecutter\.json: cannot be read") as caught:
        kinds.known(templates)
    assert caught.value.exit_code == 70


def test_no_templates_is_an_error(tmp_path):
    with pytest.raises(AgentctlError, match="no templates"):
        kinds.known(tmp_path)


def test_what_templates_import_or_have_beside_is_taken(kind):
    taken = kind.taken()
    assert {"uvicorn", "config", "scripts", "license", "agentctl"} <= taken
    assert not {"about", "print"} & taken


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import yaml", {"yaml"}),
        ("import yaml as y", {"yaml"}),
        ("    from jwt.algorithms import x", {"jwt"}),
        ("import a.b, c", {"a"}),
        ("from the agent that imports", set()),
        ("import what you need", set()),
        ("from @{ cookiecutter.package }@ import x", set()),
    ],
)
def test_imports_are_told_from_sentences(line, found):
    assert {name for pair in kinds._IMPORTED.findall(line) for name in pair if name} == found
