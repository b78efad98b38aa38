"""The script that deploys, before a scripted cluster: what it asks of it, in which order, and when it goes back."""

import json
import runpy
from dataclasses import dataclass
from pathlib import Path

import pytest

from ... import SERVICE
from ...config.settings import PROJECT

KUBECTL = """#!/bin/sh
# Writes down how it is called, and says what the file of its command says: "CODE OUTPUT", a line for each call.
cd "$CLUSTER" || exit 9
echo "$*" >> calls
case "$1" in --*) shift ;; esac
file="$1"
[ -f "$1 ${2%%/*}" ] && file="$1 ${2%%/*}"
{
  read -r code words
  rest=""
  while read -r line; do rest="$rest$line
"; done
} < "$file"
[ -z "$rest" ] || printf '%s' "$rest" > "$file"
echo "$words"
exit "$code"
"""
PODS = {
    "items": [
        {"metadata": {"name": "new-1"}, "status": {"conditions": [{"type": "Ready", "status": "False"}]}},
        {"metadata": {"name": "new-2"}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}},
        {"metadata": {"name": "new-3"}, "status": {}},
    ]
}


@dataclass
class Cluster:
    folder: Path
    capfd: pytest.CaptureFixture[str]

    def says(self, **answers: str) -> None:
        for name, lines in answers.items():
            (self.folder / name.replace("_", " ")).write_text(f"{lines}\n")

    def deploy(self, *options: str) -> tuple[int, str, str]:
        """Run the script; its exit code, and what it and what it runs wrote."""
        code = runpy.run_path(str(PROJECT / "scripts" / "deploy.py"))["main"](list(options))
        return code, *self.capfd.readouterr()

    def changed(self) -> list[str]:
        """What it was asked to do, without questions."""
        calls = (self.folder / "calls").read_text().splitlines()
        return [call for call in calls if call.split()[0] not in {"config", "kustomize", "diff", "get"}]


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cluster:
    """One that runs a version, and takes the next one without trouble."""
    monkeypatch.setenv("CLUSTER", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (tmp_path / "kubectl").write_text(KUBECTL)
    (tmp_path / "kubectl").chmod(0o755)
    made = Cluster(tmp_path, capfd)
    made.says(config="0 here", kustomize="0 image: registry/agent", diff="1 -old +new", apply="0 configured")
    made.says(get_statefulset="0 rev-1\n0 rev-2", get_pods=f"0 {json.dumps(PODS)}")
    made.says(rollout_status="0 complete", rollout_undo="0 rolled back", delete="0 deleted")
    return made


def test_what_is_applied_is_shown_before_and_watched_after(cluster: Cluster) -> None:
    code, out, err = cluster.deploy("--yes")
    assert (code, err) == (0, "")
    assert "-old +new" in out
    assert out.endswith("here runs it\n")
    assert cluster.changed() == [
        f"apply -k {PROJECT / 'deploy' / 'kubernetes'}",
        f"rollout status statefulset/{SERVICE} --timeout=5m",
    ]


def test_what_does_not_come_up_is_undone(cluster: Cluster) -> None:
    cluster.says(rollout_status="1 timed out\n0 complete")
    code, _, err = cluster.deploy("--yes", "--timeout", "1s")
    assert code == 1
    assert "did not come up within 1s; what ran before runs again" in err
    status = f"rollout status statefulset/{SERVICE} --timeout=1s"
    undo = f"rollout undo statefulset/{SERVICE}"
    assert cluster.changed()[1:] == [status, undo, "delete --wait=false pod/new-1 pod/new-3", status]


@pytest.mark.parametrize(
    ("revisions", "found"),
    [("0 ", "nothing to go back to"), ("0 rev-1", "replicas were not changed by it")],
    ids=["the first time", "another part changed"],
)
def test_what_was_not_there_before_is_not_gone_back_to(cluster: Cluster, revisions: str, found: str) -> None:
    cluster.says(get_statefulset=revisions, rollout_status="1 timed out")
    code, _, err = cluster.deploy("--yes")
    assert (code, found in err) == (1, True)
    assert [call for call in cluster.changed() if "undo" in call] == []


def test_going_back_that_fails_is_told(cluster: Cluster) -> None:
    cluster.says(rollout_status="1 timed out")
    assert "going back did not end in time" in cluster.deploy("--yes")[2]
    cluster.says(rollout_undo="1 no", get_statefulset="0 rev-1\n0 rev-2")
    assert "going back failed, too" in cluster.deploy("--yes")[2]


@pytest.mark.parametrize(
    ("answers", "options", "code", "found"),
    [
        ({"diff": "0 "}, ("--yes",), 0, "here has it already"),
        ({"diff": "2 forbidden"}, ("--yes",), 1, "kubectl diff failed"),
        ({}, (), 1, "nobody to ask"),
        ({"kustomize": "0 host: agent.example.com"}, ("--yes",), 1, "still names example.com"),
        ({"config": "1 "}, ("--yes",), 1, "kubectl config failed"),
    ],
)
def test_nothing_is_changed_without_need_leave_or_a_cluster(
    cluster: Cluster, answers: dict[str, str], options: tuple[str, ...], code: int, found: str
) -> None:
    cluster.says(**answers)
    done, out, err = cluster.deploy(*options)
    assert (done, cluster.changed()) == (code, [])
    assert found in out + err


def test_an_apply_that_fails_is_told(cluster: Cluster) -> None:
    cluster.says(apply="1 invalid")
    code, _, err = cluster.deploy("--yes", "--namespace", "agents")
    assert (code, "kubectl apply failed" in err) == (1, True)
    calls = (cluster.folder / "calls").read_text().splitlines()
    assert {call.split()[0] for call in calls} == {"--namespace=agents"}
