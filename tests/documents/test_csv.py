"""CSV is read as the standard library reads it; every cell is found where it stands, and bad files end as one problem."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentctl.documents import reading, schemas, tables
from agentctl.results import Severity

CELLS = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=8), max_size=4)
WORKFLOW = schemas.builtin("workflow")


def table(text):
    parsed = reading.parse(text.encode(), "csv")
    assert not parsed.problems
    return tables.under(parsed.documents[0], WORKFLOW)


def problem(text):
    (found,) = reading.parse(text if isinstance(text, bytes) else text.encode(), "csv").problems
    return found


def cut(text, span):
    lines = io.StringIO(text, newline="").readlines()[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "".join(lines)


def place(document, *pointer, at_key=False):
    span = document.locate(pointer, at_key=at_key)
    return span.line, span.column, span.end_line, span.end_column


@given(st.lists(CELLS, min_size=1, max_size=4), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_each_cell_is_cut_out_where_its_place_says(rows, newline, quote_all):
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=newline, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL)
    writer.writerow(["key", "a", "b", "c", "d"])
    for number, cells in enumerate(rows):
        out.write("" if number % 2 else f'{newline}# a comment, "with a quote{newline}')
        writer.writerow([f"r{number}", *cells])
    text = out.getvalue()
    (document,) = reading.parse(text.encode("utf-8"), "csv").documents
    assert [list(row.values())[1:] for row in document.value["rows"]] == rows
    for number, row in enumerate(document.value["rows"]):
        for name, cell in row.items():
            held = cut(text, document.locate(("rows", number, name), at_key=False))
            assert next(csv.reader(io.StringIO(held, newline="")), [""]) == [cell]


@given(st.text(st.sampled_from('a,;"#\n\r\t |'), max_size=30))
def test_any_text_ends_with_a_table_or_with_problems(text):
    parsed = reading.parse(text.encode(), "csv")
    assert parsed.problems or parsed.documents
    for document in parsed.documents:
        assert all(one.span is not None for one in document.problems if one.id != "empty")


TEXT = """\
# before the header
graph_name,NODE,on_success,Config

g,a,b | c,"{""x"": 1,
""y"": 2}"
  # between the rows
g,b,"c|d",
"""


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ((), (2, 1, 2, 34)),
        (("columns",), (2, 1, 2, 34)),
        (("columns", "Success_Next"), (2, 17, 2, 27)),
        (("rows", 0), (4, 1, 5, 11)),
        (("rows", 0, "Node"), (4, 3, 4, 4)),
        (("rows", 0, "Success_Next"), (4, 5, 4, 10)),
        (("rows", 0, "Success_Next", 1), (4, 9, 4, 10)),
        (("rows", 0, "Context", "y"), (4, 11, 5, 11)),
        (("rows", 1, "Success_Next", 0), (7, 6, 7, 7)),
        (("rows", 1, "Success_Next", 1), (7, 8, 7, 9)),
        (("rows", 1, "Context"), (7, 11, 7, 11)),
        (("rows", 1, "Prompt"), (7, 1, 7, 11)),
    ],
)
def test_places_of_columns_rows_cells_and_parts_of_cells(pointer, expected):
    assert place(table(TEXT), *pointer) == expected


def test_columns_under_their_own_names_parts_as_lists_contexts_as_mappings():
    assert table(TEXT).value == {
        "columns": {"GraphName": "graph_name", "Node": "NODE", "Success_Next": "on_success", "Context": "Config"},
        "rows": [
            {"GraphName": "g", "Node": "a", "Success_Next": ["b", "c"], "Context": {"x": 1, "y": 2}},
            {"GraphName": "g", "Node": "b", "Success_Next": ["c", "d"], "Context": ""},
        ],
    }


@pytest.mark.parametrize("alias", sorted(tables.known(WORKFLOW)))
def test_every_alias_in_any_case_means_its_column(alias):
    column = tables.known(WORKFLOW)[alias]
    for written in (alias, alias.upper(), alias.title()):
        assert list(table(f"{written},other\nx,y\n").value["columns"]) == [column, "other"]


@pytest.mark.parametrize(
    ("text", "id", "line", "column"),
    [
        ('a,b\n1,"open\n2,3\n', "syntax", 2, 3),
        ('a,b\n1,"closed" late\n', "syntax", 2, 11),
        ("a;b\n1;2\n", "csv-separator", 1, 1),
        ("a\tb\n1\t2\n", "csv-separator", 1, 1),
        (b"a,b\n\xff,2\n", "encoding", 2, 1),
        (f'a,b\n1,"{"x" * 140_000}"\n', "too-large", 2, 1),
    ],
)
def test_what_cannot_be_read_is_one_problem_at_its_place(text, id, line, column):  # noqa: A002
    found = problem(text)
    assert (found.id, found.span.line, found.span.column) == (id, line, column)


@pytest.mark.parametrize(
    ("text", "message"),
    [("a,b\n" + "1,2\n" * 2001, "more than 2000 rows"), ("a,b\n" + "1" * 2_000_000, "larger than 2 MB")],
)
def test_more_than_a_table_of_settings_has_is_refused(text, message):
    assert problem(text).id == "too-large"
    assert message in problem(text).message


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing but a comment\n", ",,,\n"])
def test_nothing_is_empty(text):
    assert problem(text).id == "empty"


def told(text):
    (document,) = reading.parse(text.encode(), "csv").documents
    return [(one.id, one.severity, one.message) for one in document.problems]


def test_rows_of_another_length_are_told_once_for_each_length():
    found = told("a,b,c\n1,2\n1,2,3,4\n1,2,3\n1,2\n1,2\n")
    assert found == [
        ("csv-row", Severity.WARNING, "this row has 2 cells, but the header has 3 columns; so have lines 5, 6"),
        ("csv-row", Severity.ERROR, "this row has 4 cells, but the header has 3 columns"),
    ]


def test_a_byte_order_mark_keeps_no_column_from_being_found():
    parsed = reading.parse(b"\xef\xbb\xbfa,b\r\n1,2\r\n", "csv")
    assert [(one.id, one.severity) for one in parsed.problems] == [("encoding", Severity.WARNING)]
    assert parsed.documents[0].value["rows"] == [{"a": "1", "b": "2"}]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, null]}', {"a": [1, None]}),
        ("{'a': (1, True), 2: {3}}", {"a": [1, True], "2": [3]}),
        ("{}", {}),
        ("{ }", {}),
        ("[1]", None),
        ("plain text", None),
        ("{'a': true}", None),
        ("{a: 1}", None),
        ("{'a': open('x')}", None),
        ('{"a": NaN, "b": 1e999}', {"a": "nan", "b": "inf"}),
        ("{'a': " * 300 + "1" + "}" * 300, None),
        ("{" * 50_000, None),
        (f'{{"a": {"9" * 4000}}}', {"a": "a number too long for any reader"}),
        ("{'a': '\\d'}", {"a": "\\d"}),
        ("key=hunter2-hunter2, token: the one of the caller", None),
        ("password=hunter2!", {"password": "hunter2!"}),
        ("{password: hunter2!, a: b}", {"password": "hunter2!"}),
        ("password: ${SECRET}", None),
        ("password: required", None),
    ],
)
def test_a_mapping_in_a_cell_is_read_and_never_run(text, value):
    assert tables.mapping(text) == value


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("GraphName,Node,Edge", "workflow"),
        ("workflow,name,agent_type,prompt", "workflow"),
        ('# a comment\n\n"graph_name","STEP","on_success"', "workflow"),
        ("GraphName;Node;Edge", "workflow"),
        ("\ufeffGraphName,Node,Edge", "workflow"),
        ("GrpahName,Node,AgentType,Success_Next", "workflow"),
        ("Flow,Do,,Text,custom:Agent,,", "workflow"),
        ("name,description,prompt", None),
        ("workflow,name,status,started", None),
        ("date,amount", None),
        ('"GraphName,Node', None),
        ("", None),
    ],
)
def test_a_workflow_is_known_by_its_columns(header, kind):
    found = tables.claiming_text(f"{header}\n1,2,3\n")
    assert (found.kind if found else None) == kind
