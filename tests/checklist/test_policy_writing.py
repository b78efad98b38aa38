"""``--waive`` and ``--attest``: the entry is added and nothing else changes; what would be wrong is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentctl.checklist.policy import reading, writing
from agentctl.documents.reading import parse
from agentctl.errors import UsageError

TODAY = date(2026, 11, 21)
ENTRY = {"id": "OB05", "scope": None, "reason": "the platform draws it", "owner": "ops", "expires": "2027-03-31"}
NEW = "  - id: OB05\n    reason: the platform draws it\n    owner: ops\n    expires: 2027-03-31\n"
OTHER = {"id": "TS08", "reason": "no load yet", "owner": "Ann", "expires": "2027-01-01"}
OLD = "- id: TS08\n{0}  reason: no load yet\n{0}  owner: Ann\n{0}  expires: 2027-01-01\n"


def add(root: Path, kind: str = "waivers", file: Path | None = None, **entry: object):
    return writing.add(root, kind, {**ENTRY, **entry}, file=file, today=TODAY)


def written(root: Path) -> str:
    return (root / ".agentctl" / "checklist.yaml").read_bytes().decode()


def given_(root: Path, text: str) -> Path:
    path = root / ".agentctl" / "checklist.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode())
    return path


def test_the_first_entry_makes_the_file_and_keeps_it_out_of_what_is_ignored(tmp_path) -> None:
    report = add(tmp_path)
    assert written(tmp_path).endswith("waivers:\n" + NEW)
    assert report.summary == "OB05 Dashboard is waived until 2027-03-31, in .agentctl/checklist.yaml:3"
    assert "checklist.yaml" not in (tmp_path / ".agentctl" / ".gitignore").read_text()
    assert [waiver.id for waiver in reading.load(tmp_path).waivers] == ["OB05"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("profile: all  # why\n", "profile: all  # why\nwaivers:\n" + NEW),
        ("profile: all", "profile: all\nwaivers:\n" + NEW),
        ("# only words\n", "# only words\nwaivers:\n" + NEW),
        ("waivers:\n  " + OLD.format("  "), "waivers:\n  " + OLD.format("  ") + NEW),
        (
            "waivers:  # those\n" + OLD.format("") + "\n# what follows\nprofile: all\n",
            "waivers:  # those\n" + OLD.format("") + NEW.replace("\n  ", "\n")[2:] + "\n# what follows\nprofile: all\n",
        ),
        ("waivers: []  # none\n", 'waivers: [{"id": "OB05", "reason": "the platform draws it", "owner": "ops", "expires": "2027-03-31"}]  # none\n'),
        (
            "waivers: [{id: TS08, reason: no load yet, owner: Ann, expires: 2027-01-01}]\n",
            'waivers: [{id: TS08, reason: no load yet, owner: Ann, expires: 2027-01-01}, {"id": "OB05", "reason": "the platform draws it", "owner": "ops", "expires": "2027-03-31"}]\n',
        ),
        ("profile: all\r\n", "profile: all\r\nwaivers:\r\n" + NEW.replace("\n", "\r\n")),
        (
            "waivers:\n  - id: TS08\n    reason: |\n      no load\n      yet\n    owner: Ann\n    expires: 2027-01-01",
            "waivers:\n  - id: TS08\n    reason: |\n      no load\n      yet\n    owner: Ann\n    expires: 2027-01-01\n" + NEW,
        ),
    ],
    ids=["other keys", "no end of line", "comments only", "a list", "a flat list", "an empty flow", "a flow", "CRLF", "a block"],
)  # fmt: skip
def test_everything_else_stays_as_it_was(tmp_path, before: str, after: str) -> None:
    given_(tmp_path, before)
    add(tmp_path)
    assert written(tmp_path) == after


def test_a_second_kind_goes_beside_the_first(tmp_path) -> None:
    add(tmp_path)
    entry = {"id": "OP05", "who": "Ann", "when": "2026-11-20", "link": "https://x.example/a", "until": "2027-01-31"}
    writing.add(tmp_path, "attestations", entry, file=None, today=TODAY)
    policy = reading.load(tmp_path)
    assert ([one.id for one in policy.waivers], [one.id for one in policy.attestations]) == (["OB05"], ["OP05"])


@pytest.mark.parametrize(
    "words",
    [
        "yes",
        "a: b",
        "# no",
        "- x",
        "1e3",
        'it\'s "so"',
        "ends in a colon:",
        "ümlaut €",
        "{a}",
        "two\nlines",
        "*star",
        " ",
    ],
)
def test_any_words_come_back_as_they_were(tmp_path, words: str) -> None:
    add(tmp_path, reason=f"{words} and why", owner=words if words.strip() else "x")
    (waiver,) = reading.load(tmp_path).waivers
    assert waiver.reason == " ".join(f"{words} and why".split())


@given(
    words=st.text(min_size=1, max_size=40),
    before=st.sampled_from(
        ["", "waivers: []\n", "waivers:\n- {id: TS08, reason: none yet, owner: a, expires: 2999-01-01}\n"]
    ),
)
def test_whatever_is_written_is_read_again_or_nothing_is_written(tmp_path_factory, words: str, before: str) -> None:
    root = tmp_path_factory.mktemp("tree")
    path = given_(root, before) if before else None
    try:
        add(root, reason=f"why {words}", owner=words)
    except UsageError:
        assert (written(root) if path else "") == before
        return
    values = parse(written(root).encode(), "yaml").documents[0].value["waivers"]
    assert (values[-1]["reason"], values[-1]["owner"], len(values)) == (f"why {words}", words, 1 + ("TS08" in before))


def test_a_scope_is_a_list(tmp_path) -> None:
    add(tmp_path, scope=["services/legacy/**", "a, b"])
    assert reading.load(tmp_path).waivers[0].scope == ("services/legacy/**", "a, b")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"id": "OB50"}, "no such item"),
        ({"expires": "2026-11-20"}, "is past"),
        ({"expires": "2027-02-30"}, "no day of the calendar"),
        ({"expires": "20270331"}, "no day of the calendar"),
        ({"expires": "soon"}, "no day of the calendar"),
        ({"reason": "x"}, "reason"),
        ({"reason": "sk-ant-" + "a1B2c3D4" * 4}, "--reason holds a secret"),
    ],
)
def test_what_would_be_wrong_is_refused_and_nothing_is_written(tmp_path, entry: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        add(tmp_path, **entry)
    assert not (tmp_path / ".agentctl").exists()


def test_a_day_to_come_was_not_seen(tmp_path) -> None:
    entry = {"id": "OP05", "who": "Ann", "when": "2026-12-01", "until": "2027-01-31"}
    with pytest.raises(UsageError, match="still to come"):
        writing.add(tmp_path, "attestations", entry, file=None, today=TODAY)


def test_an_item_is_waived_once(tmp_path) -> None:
    add(tmp_path)
    with pytest.raises(UsageError, match=r"checklist\.yaml:3: OB05 stands there already"):
        add(tmp_path)
    add(tmp_path, scope=["old/**"])
    assert len(reading.load(tmp_path).waivers) == 2


@pytest.mark.parametrize(
    "text", ["waivers: 1\n", "profile: all\n---\nprofile: all\n", "\x00", "waivers:\n  - id: TS08\n", "a: &x [*x]\n"]
)
def test_a_broken_policy_is_left_as_it_is(tmp_path, text: str) -> None:
    path = given_(tmp_path, text)
    with pytest.raises(UsageError, match=r"checklist\.yaml"):
        add(tmp_path)
    assert path.read_text() == text


def test_a_text_that_cannot_take_the_entry_is_left_as_it_is(tmp_path) -> None:
    text = "profile: all\n...\n"
    path = given_(tmp_path, text)
    with pytest.raises(UsageError):
        add(tmp_path)
    assert path.read_text() == text
    assert [one.name for one in path.parent.iterdir() if one.name.startswith(".checklist")] == []


def test_another_file_can_be_named(tmp_path) -> None:
    path = tmp_path / "mine.yaml"
    report = add(tmp_path, file=path)
    assert not (tmp_path / ".agentctl").exists()
    assert [one.id for one in reading.read(path, "mine.yaml").waivers] == ["OB05"]
    assert str(path) in report.summary


def test_permissions_stay(tmp_path) -> None:
    path = given_(tmp_path, "profile: all\n")
    path.chmod(0o640)
    add(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_folder_that_cannot_be_written_is_told(tmp_path) -> None:
    (tmp_path / ".agentctl").write_text("a file")
    with pytest.raises(UsageError, match="cannot be written"):
        add(tmp_path)


def test_a_policy_that_leads_out_of_the_tree_says_nothing_about_it(tmp_path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("profile: all\n")
    root = tmp_path / "tree"
    (root / ".agentctl").mkdir(parents=True)
    (root / ".agentctl" / "checklist.yaml").symlink_to(outside)
    with pytest.raises(UsageError, match="a link out of the tree"):
        reading.load(root)
    with pytest.raises(UsageError, match="a link out of the tree"):
        add(root)
    assert outside.read_text() == "profile: all\n"
