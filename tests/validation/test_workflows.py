"""The walks through a workflow's graph against plain ones, and the rules on what has a reason to be let through."""

from __future__ import annotations

import time
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentctl.documents import schemas, tables
from agentctl.results import Severity
from agentctl.validation import run, workflows
from agentctl.validation.rules import rules

EXAMPLES = Path(__file__).parents[1] / "examples" / "documents" / "workflow"
SIZE = 6
NODES = st.lists(
    st.tuples(
        st.lists(st.integers(0, SIZE - 1), max_size=2, unique=True),
        st.lists(st.integers(0, SIZE - 1), max_size=1),
        st.lists(st.sampled_from("xyz"), max_size=2, unique=True),
        st.lists(st.sampled_from("xyz"), max_size=2, unique=True),
    ),
    min_size=SIZE,
    max_size=SIZE,
)


def graph_of(nodes):
    rows = [
        {
            "GraphName": "g",
            "Node": f"n{number}",
            "AgentType": "echo",
            "Success_Next": [f"n{after}" for after in forward],
            "Failure_Next": [f"n{after}" for after in failing],
            "Input_Fields": reads,
            "Output_Field": writes,
        }
        for number, (forward, failing, reads, writes) in enumerate(nodes)
    ]
    (graph,) = workflows.graphs({"rows": rows})
    return graph


def closure(edges):
    """Return who can be reached from whom in one step or more (Floyd and Warshall's way)."""
    reach = [[after in edges[number] for after in range(SIZE)] for number in range(SIZE)]
    for middle, one, other in product(range(SIZE), repeat=3):
        reach[one][other] |= reach[one][middle] and reach[middle][other]
    return reach


@settings(max_examples=300)
@given(NODES)
def test_the_walks_agree_with_plain_ones(nodes):
    graph = graph_of(nodes)
    reach = closure([{*forward, *failing} for forward, failing, _, _ in nodes])
    start = graph.entry
    assert graph.reached == {number for number in range(SIZE) if number == start or reach[start][number]}
    given_fields = set(nodes[start][2])
    missing = {
        (number, name)
        for number in graph.reached - {start}
        for name in nodes[number][2]
        if name not in given_fields
        and not any(name in nodes[before][3] and reach[before][number] for before in graph.reached)
    }
    assert graph.missing == missing
    trapped = {
        number
        for number in graph.reached
        if reach[number][number] and all(reach[after][number] for after in range(SIZE) if reach[number][after])
    }
    assert {number for trap in graph.traps for number in trap} == trapped
    assert graph.has_end == any(not nodes[number][0] and not nodes[number][1] for number in graph.reached)


@settings(max_examples=300)
@given(NODES)
def test_branches_meet_where_a_plain_walk_finds_a_common_node(nodes):
    graph = graph_of(nodes)
    reach = closure([set(forward) for forward, _, _, _ in nodes])
    ahead = [{other for other in range(SIZE) if other == number or reach[number][other]} for number in range(SIZE)]
    for one, other in product(range(SIZE), repeat=2):
        meet = graph.destinations[one] & graph.destinations[other] != 0
        assert meet == bool(ahead[one] & ahead[other])


def test_no_walk_recurses_and_none_is_quadratic():
    count = 4_000
    rows = [
        {"GraphName": "g", "Node": f"n{n}", "AgentType": "w", "Edge": [f"n{n + 1}"], "Input_Fields": [f"f{n}"],
         "Output_Field": [f"f{n + 1}"]} for n in range(count)
    ]  # fmt: skip
    started = time.process_time()
    (graph,) = workflows.graphs({"rows": [*rows, {"GraphName": "g", "Node": f"n{count}"}]})
    assert len(graph.reached) == count + 1
    assert graph.has_end
    assert graph.missing == set()
    assert len(graph.destinations) == count + 1
    assert time.process_time() - started < 60


def findings(tmp_path, text, **options):
    path = tmp_path / "flow.csv"
    path.write_text(text, encoding="utf-8")
    return run.validate(paths=[path], **options).results


@pytest.mark.parametrize("name", ["clean", "errors", "parallel"])
def test_the_good_examples_of_guide_2_give_nothing(name):
    report = run.validate(paths=[EXAMPLES / f"valid/guide-2-{name}.csv"])
    assert report.results == ()
    assert report.exit_code == 0


def test_its_bad_example_is_flagged_with_and_without_a_header(tmp_path):
    row = "Orders,DoItAll,,Validate + Process + Format,custom:GiantAgent,End,Error,input,output,,One agent for all\n"
    ids = [one.id for one in findings(tmp_path, f"# mixed concerns\n{row}")]
    assert sorted(ids) == ["csv-header", "workflow-mixed-concerns", "workflow-target", "workflow-target"]


GOOD = (EXAMPLES / "valid/guide-2-parallel.csv").read_text()


@pytest.mark.parametrize(
    ("old", "new", "id", "severity"),
    [
        ("Left|Middle|Right", "Left|Midle|Right", "workflow-target", Severity.ERROR),
        ("Photos,Right,", "Photos,Left,", "workflow-node-twice", Severity.ERROR),
        ("worker_right,Merge,", "worker_right,Done,", "workflow-input", Severity.ERROR),
        ("worker_right,Merge,Trouble", "worker_right,Merge,", "workflow-failure-path", Severity.WARNING),
        ("strips,strip_right", "strips,right_strip", "workflow-input", Severity.WARNING),
        ("photo,strips", "photo,pieces", "workflow-input", Severity.ERROR),
        ("Cut into three", '"{""cut"": 3"', "workflow-context", Severity.ERROR),
        ("Cut into three", '"{""temperature"": 2}"', "workflow-temperature", Severity.ERROR),
        ("Cut into three", '"{""password"": ""hunter2-hunter2""}"', "inline-secret", Severity.ERROR),
        ("GraphName,Node,Edge", "GraphName,Node,Egde", "workflow-column", Severity.ERROR),
        ("Failure_Next,", "Failure_Nxet,", "workflow-column", Severity.ERROR),
    ],
)
def test_each_defect_that_is_put_into_a_good_workflow_is_found(tmp_path, old, new, id, severity):  # noqa: A002
    assert old in GOOD
    assert (id, severity) in [(one.id, one.severity) for one in findings(tmp_path, GOOD.replace(old, new, 1))]


@pytest.mark.parametrize(
    "context",
    [
        '{""password"": ""hunter2-hunter2""}',
        "{'llm': {'password': 'hunter2-hunter2'}}",
        "{password: hunter2-hunter2}",
        "password=hunter2-hunter2",
        '{""password"": ""hunter2-hunter2"", ""cut"": }',
    ],
)
def test_a_secret_is_found_and_never_printed(tmp_path, context):
    text = GOOD.replace("Cut into three", f'"{context}"').replace("Left|Middle|Right", "Left|Midle|Right")
    found = findings(tmp_path, text)
    assert "inline-secret" in [one.id for one in found]
    assert "hunter2" not in repr(found)


def test_a_secret_in_a_file_that_cannot_be_read_is_not_printed(tmp_path):
    text = GOOD.replace("Cut into three", '"{""password"": ""hunter2-hunter2""}" x')
    (found,) = findings(tmp_path, text)
    assert found.id == "syntax"
    assert "hunter2" not in repr(found)


HEAD = "GraphName,Node,AgentType,Edge,Success_Next,Failure_Next,Context,Input_Fields,Output_Field\n"


@pytest.mark.parametrize(
    "rows",
    [
        "g,a,echo,__end__,,,,,\n",
        "g,a,echo,func:choose,,,,,\ng,b,echo,,,,,,\n",
        "g,a,orchestrator,,,,,,\ng,b,worker,,,,,,\ng,c,worker,a,,,,error,\n",
        "g,a,echo,b,,,,,\ng,b,suspend,,,,,,\ng,c,echo,,,,,,\n",
        "g,a,graph,b,,,{workflow=::inner},error,x\ng,b,echo,,,,,x,\ninner,c,echo,,,,,x,\n",
        "g,a,echo,b,,,,x,\ng,b,echo,,,,,x|error|last_action_success,\n",
        "g,a,custom:Any,b,,,,x|error,\ng,b,echo,,,,,whatever,\n",
        "g,b,echo,,,,,,\ng,a,echo,b,,,,,\n",
        "g,a,Echo,b,,,,,\ng,b,DefaultAgent,,,,,,\n",
    ],
)
def test_what_has_a_reason_is_let_through(tmp_path, rows):
    assert findings(tmp_path, HEAD + rows) == ()


def test_the_rows_of_a_wrong_name_for_a_route_are_one_finding(tmp_path):
    text = "GraphName,Node,AgentType,next_nodes\ng,a,echo,b\ng,b,echo,c\ng,c,echo,\n"
    assert [one.id for one in findings(tmp_path, text, schema="workflow")] == ["workflow-column"]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("GraphName,Node,Edge\ng,Start,end\ng,End,\n", ["workflow-target"]),
        (GOOD.replace("Left|Middle|Right", "Left|Midle|Right"), ["workflow-target"]),
        ('GraphName,Node,Edge,Context\ng,a,b,{"x": 0.5, "y": 1}\ng,b,,\n', ["csv-row"]),
        ("GraphName,Node,Edge\ng,a,a\n", ["workflow-end"]),
        ("GraphName,Node,Edge\ng,a,\ng,b,c\ng,c,b\n", ["workflow-unreachable"]),
        ('GraphName,Node,Edge,Context\ng,a,b,"{""temperature"": null}"\ng,b,,\n', []),
        ('GraphName,Node,Edge,Context\ng,a,b,"{""temperature"": ""0.5""}"\ng,b,,\n', []),
    ],
)
def test_one_cause_is_one_finding(tmp_path, text, ids):
    assert [one.id for one in findings(tmp_path, text)] == ids


def test_folders_are_walked_for_workflows_alone(tmp_path):
    (tmp_path / "flow.csv").write_text(GOOD.replace("Left|Middle|Right", "Left|Midle|Right"))
    (tmp_path / "data.csv").write_text('a;b\n"never closed\n')
    (tmp_path / "big.csv").write_text("name,graph\n" + "x,y\n" * 5_000)
    report = run.validate(tmp_path, paths=[tmp_path])
    assert {one.evidence[0].path.rpartition("/")[2] for one in report.results} == {"flow.csv"}
    assert [figure.value for figure in report.figures][:1] == [1]
    assert report.notes == ()


def test_a_named_table_that_nothing_governs_gets_a_notice(tmp_path):
    (tmp_path / "data.csv").write_text('a;b\n"never closed\n')
    report = run.validate(tmp_path, paths=[tmp_path / "data.csv"])
    assert report.exit_code == 3
    assert report.results == ()
    assert "no schema governs it" in report.notes[0]


def test_the_page_tells_every_column_every_alias_and_every_rule():
    page = (Path(__file__).parents[2] / "docs" / "workflows.md").read_text(encoding="utf-8")
    columns = tables.columns(schemas.builtin("workflow"))
    names = {name for column, about in columns.items() for name in (column, *about["x-aliases"])}
    ids = {one.id for one in rules().values() if "workflow" in one.kinds}
    assert [name for name in sorted(names | ids) if f"`{name}`" not in page] == []
