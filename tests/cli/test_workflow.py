"""Workflows through the command line: by name, from standard input, and drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples" / "documents" / "workflow"


def test_a_workflow_is_checked_by_its_columns(agentctl, tmp_path):
    (tmp_path / "flow.csv").write_bytes((EXAMPLES / "invalid/workflow-target.csv").read_bytes())
    done = agentctl("validate", "flow.csv")
    assert done.returncode == 1
    assert done.stdout.startswith(
        'flow.csv:2:24: error[workflow-target]: there is no node "Cpoy" in graph "Letters", did you mean "Copy"?\n'
        "  2 | Letters,Read,echo,Sort|Cpoy|Copy\n"
        "    |                        ^^^^\n"
        "  = write Copy\n"
    )


def test_from_standard_input_too(agentctl):
    text = (EXAMPLES / "invalid/workflow-end.csv").read_text()
    done = agentctl("validate", "-", "--format", "json", input=text)
    assert done.returncode == 1
    assert "workflow-end" in done.stdout


def test_a_drawing_goes_to_standard_output(agentctl):
    done = agentctl("validate", "--graph", "mermaid", str(EXAMPLES / "valid/guide-2-clean.csv"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith('flowchart TD\n    subgraph g0["Orders"]\n')
    piped = agentctl("validate", "--graph", "mermaid", "-", input=(EXAMPLES / "valid/guide-2-clean.csv").read_text())
    assert piped.stdout == done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--graph", "dot", "x.csv"], 2, "unknown form 'dot'"),
        (["--graph", "mermaid"], 2, "draws one file"),
        (["--graph", "mermaid", "a.csv", "b.csv"], 2, "draws one file"),
        (["--graph", "mermaid", "nowhere.csv"], 2, "nowhere.csv: no such file"),
        (["--graph", "mermaid", str(EXAMPLES / "invalid/syntax.csv")], 3, "this quote is never closed"),
    ],
)
def test_what_cannot_be_drawn_says_why(agentctl, arguments, code, words):
    done = agentctl("validate", *arguments)
    assert done.returncode == code
    assert words in done.stderr
    assert done.stdout == ""


def test_as_dense_a_graph_as_is_taken_on_ends_in_bounded_time(agentctl, tmp_path):
    rows = (
        f"g,n{n},w,{'|'.join(f'n{min(1999, n + 1 + k * 37)}' for k in range(30))},"
        f"{'|'.join(f'f{n}_{k}' for k in range(30))},{'|'.join(f'f{n + 1}_{k}' for k in range(30))}\n"
        for n in range(2000)
    )
    text = "GraphName,Node,AgentType,Success_Next,Input_Fields,Output_Field\n" + "".join(rows)
    (tmp_path / "flow.csv").write_text(text)
    done = agentctl("validate", "flow.csv", timeout=100)
    assert done.returncode == 1
    assert "more are not listed" in done.stdout
