"""A workflow as a drawing."""

from __future__ import annotations

import pytest

from agentctl.errors import NoAnswerError, UsageError
from agentctl.validation.graph import mermaid

TEXT = """\
GraphName,Node,AgentType,Edge,Success_Next,Failure_Next
Letters,Read,reader,,Sort|Copy,Sorry
Letters,Sort,echo,Done,,
Letters,Copy,echo,Gone,,
Letters,Sorry,echo,Done,,
Letters,Done,,,,
Calls,Hear,input,Choose,,
Calls,Choose,orchestrator,,,
Calls,Help,helper,__end__,,
"""
DRAWN = """\
flowchart TD
    subgraph g0["Letters"]
        g0n0(["Read<br/>reader"])
        g0n1["Sort<br/>echo"]
        g0n2["Copy<br/>echo"]
        g0n3["Sorry<br/>echo"]
        g0n4(["Done"])
        g0n0 -->|success| g0n1
        g0n0 -->|success| g0n2
        g0n0 -.->|failure| g0n3
        g0n1 --> g0n4
        g0n2 --> g0x0
        g0n3 --> g0n4
        g0x0(["Gone"]):::missing
    end
    subgraph g1["Calls"]
        g1n0(["Hear<br/>input"])
        g1n1{"Choose<br/>orchestrator"}
        g1n2["Help<br/>helper"]
        g1n0 --> g1n1
        g1n2 --> g1x0
        g1n1 -.->|chooses| g1n2
        g1x0(["__end__"])
    end
    classDef missing stroke:#c00,stroke-dasharray:4
    classDef unreachable stroke:#999,color:#999
"""


def drawn(tmp_path, text):
    path = tmp_path / "flow.csv"
    path.write_text(text, encoding="utf-8")
    return mermaid(path)


def test_nodes_ways_and_what_is_missing(tmp_path):
    assert drawn(tmp_path, TEXT) == DRAWN


def test_what_no_way_leads_to_is_drawn_as_such(tmp_path):
    assert 'g0n1["b<br/>echo"]:::unreachable' in drawn(
        tmp_path, "GraphName,Node,AgentType,Edge\ng,a,echo,c\ng,b,echo,c\ng,c,echo,\n"
    )


def test_names_can_neither_end_a_label_nor_steer_a_terminal_nor_leak(tmp_path):
    text = 'GraphName,Node,Edge\n"g""] end\x1b[31m","a<b>\n#1 sk-abcdefghijklmnopqrstuvwx",\n'
    assert drawn(tmp_path, text).splitlines()[1:3] == [
        '    subgraph g0["g#34;] end\ufffd[31m"]',
        '        g0n0(["a#60;b#62; #35;1 ********"])',
    ]


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("date,amount\n1,2\n", UsageError, "is no workflow"),
        ("GraphName,Node,Edge\n", UsageError, "is no workflow"),
        ('GraphName,Node,Edge\n"g,a,\n', NoAnswerError, "flow.csv:2:1: this quote is never closed"),
        ("", NoAnswerError, "is empty"),
    ],
)
def test_what_cannot_be_drawn_says_why(tmp_path, text, error, words):
    with pytest.raises(error, match=words):
        drawn(tmp_path, text)


def test_a_file_that_is_none(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        mermaid(tmp_path / "nowhere.csv")
    with pytest.raises(UsageError, match="is a folder"):
        mermaid(tmp_path)
