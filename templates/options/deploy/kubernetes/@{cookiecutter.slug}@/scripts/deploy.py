"""Bring ``deploy/kubernetes`` to the cluster: ``python scripts/deploy.py [--yes] [--namespace NAME] [--timeout 5m]``.

Shows what would change, asks, applies, and waits until every replica runs it. When they do not in time, it goes back
to what ran before and ends with exit code 1. The cluster is the one that ``kubectl`` points at.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NAME = "@{cookiecutter.slug}@"
WORKLOAD = f"statefulset/{NAME}"
MANIFESTS = Path(__file__).parents[1] / "deploy" / "kubernetes"
UNNAMED = "example.com"
"""What stands in the manifests where a name of yours belongs."""


class DeployError(Exception):
    """It was not deployed; the message says why."""


@dataclass(frozen=True)
class Cluster:
    """The cluster that ``kubectl`` points at."""

    options: tuple[str, ...]

    def run(self, *arguments: str, shown: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run ``kubectl``; what it writes is shown or returned."""
        output = None if shown else subprocess.PIPE
        sys.stdout.flush()
        try:
            return subprocess.run(  # noqa: S603  # arguments are ours
                ["kubectl", *self.options, *arguments],  # noqa: S607  # the operator's own
                stdout=output,
                text=True,
                check=False,
            )
        except FileNotFoundError:
            message = "kubectl is not installed"
            raise DeployError(message) from None

    def told(self, *arguments: str) -> str:
        """Return what ``kubectl`` says.

        Raises:
            DeployError: It failed.
        """
        done = self.run(*arguments, shown=False)
        if done.returncode != 0:
            message = f"kubectl {arguments[0]} failed"
            raise DeployError(message)
        return done.stdout.strip()

    def revision(self) -> str:
        """Return the revision that the replicas are to run; empty before the first deployment."""
        return self.told("get", WORKLOAD, "--ignore-not-found", "--output=jsonpath={.status.updateRevision}")

    def rolled_out(self, timeout: str) -> bool:
        """Wait until every replica runs the newest revision and is ready."""
        return self.run("rollout", "status", WORKLOAD, f"--timeout={timeout}").returncode == 0


def changes(cluster: Cluster) -> bool:
    """Show what would change, and tell whether anything would.

    Raises:
        DeployError: The manifests name nothing of yours, or cannot be compared with the cluster.
    """
    if UNNAMED in cluster.told("kustomize", str(MANIFESTS)):
        message = f"{MANIFESTS} still names {UNNAMED}: put in your registry and host name (deploy/README.md)"
        raise DeployError(message)
    done = cluster.run("diff", "-k", str(MANIFESTS))
    if done.returncode not in {0, 1}:
        message = "kubectl diff failed: is this the right cluster, and may you change it?"
        raise DeployError(message)
    return done.returncode == 1


def agreed(where: str) -> bool:
    """Ask whether to go on.

    Raises:
        DeployError: There is nobody to ask.
    """
    if not sys.stdin.isatty():
        message = "nobody to ask: --yes applies without"
        raise DeployError(message)
    sys.stdout.write(f"Apply this to {where}? [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def unready(cluster: Cluster, revision: str) -> list[str]:
    """Return the pods of a revision that are not ready: a stateful set waits for them before it goes back."""
    selector = f"app.kubernetes.io/name={NAME},controller-revision-hash={revision}"
    pods = json.loads(cluster.told("get", "pods", f"--selector={selector}", "--output=json"))["items"]
    ready = {"type": "Ready", "status": "True"}.items()
    return [
        f"pod/{pod['metadata']['name']}"
        for pod in pods
        if not any(ready <= condition.items() for condition in pod["status"].get("conditions", []))
    ]


def gone_back(cluster: Cluster, before: str, timeout: str) -> str:
    """Undo a rollout that failed, and return what became of it."""
    failed = cluster.revision()
    if not before:
        return "there is nothing to go back to: it was never deployed before"
    if failed == before:
        return "the replicas were not changed by it, nothing is undone: docs/operations/runbook.md"
    if cluster.run("rollout", "undo", WORKLOAD).returncode != 0:
        return "going back failed, too: docs/operations/rollback.md"
    if waiting := unready(cluster, failed):
        cluster.run("delete", "--wait=false", *waiting)
    if not cluster.rolled_out(timeout):
        return "going back did not end in time: docs/operations/rollback.md"
    return "what ran before runs again; bring the repository to the same state (docs/operations/rollback.md)"


def deploy(cluster: Cluster, timeout: str, *, asks: bool) -> str:
    """Deploy, and return what became of it.

    Raises:
        DeployError: It was not deployed, or did not come up.
    """
    where = cluster.told("config", "current-context")
    if not changes(cluster):
        return f"{where} has it already"
    if asks and not agreed(where):
        return "nothing was changed"
    before = cluster.revision()
    if cluster.run("apply", "-k", str(MANIFESTS)).returncode != 0:
        message = "kubectl apply failed; what it applied until then is above"
        raise DeployError(message)
    if not cluster.rolled_out(timeout):
        message = f"it did not come up within {timeout}; {gone_back(cluster, before, timeout)}"
        raise DeployError(message)
    return f"{where} runs it"


def main(arguments: list[str]) -> int:
    """Deploy; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--yes", action="store_true", help="apply without asking")
    parser.add_argument("--namespace", help="instead of the one that kubectl points at")
    parser.add_argument("--timeout", default="5m", help="for the replicas to come up (5m)")
    given = parser.parse_args(arguments)
    cluster = Cluster((f"--namespace={given.namespace}",) if given.namespace else ())
    try:
        sys.stdout.write(f"{deploy(cluster, given.timeout, asks=not given.yes)}\n")
    except DeployError as error:
        sys.stderr.write(f"not deployed: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
