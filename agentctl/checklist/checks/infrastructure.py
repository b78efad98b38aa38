"""DP: what it runs on: infrastructure as code, a way back, scaling, backups."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, not_applicable, passed, places, unknown, weak
from agentctl.checklist.checks.operations import in_readme
from agentctl.checklist.checks.stores import migrations
from agentctl.checklist.facts import deploy, roles
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, literal
from agentctl.checklist.ships import LIBRARY, Ships
from agentctl.results import Confidence, Location

_RESOURCE = re.compile(r"^(resource|module)\s+(\"|\w+\s+')", re.MULTILINE)
_CODE = ("pulumi", "aws_cdk", "constructs", "troposphere", "cdktf", "cdk8s", "phi.aws", "agno.aws")
_PLATFORM = re.compile(
    r"(^|/)(fly(\.[\w-]+)?\.toml|render\.ya?ml|railway\.(json|toml)|app\.yaml|vercel\.json|procfile|azure\.yaml"
    r"|\.platform\.app\.yaml|langgraph\.json|cloudbuild\.ya?ml|apprunner\.yaml|captain-definition"
    r"|smithery\.ya?ml)$", re.IGNORECASE,
)  # fmt: skip
_BY_COMMAND = re.compile(
    r"\bgcloud (run|functions|app) deploy\b|\baz (webapp|containerapp|functionapp) (create|up|deploy)\b|\bazd up\b|"
    r"\bfly(ctl)? deploy\b|\bmodal deploy\b|\baws (ecs update-service|lambda update-function-code|apprunner)\b"
)
_UNIT = re.compile(r"^\[Service\]\s*$", re.MULTILINE)
_CLUSTERS = ("kubernetes.client.V1Deployment", "kubernetes.client.AppsV1Api", "kubernetes_asyncio.client.V1Deployment")
_TEMPLATE = re.compile(r"AWSTemplateFormatVersion|\bType[\"']?:\s*[\"']?AWS::\w+::\w+|deploymentTemplate\.json#")
_TEMPLATES = (".yaml", ".yml", ".json", ".template")
_DESCRIBED = ("Chart.yaml", "serverless.yml", "serverless.yaml", "cdk.json", "Pulumi.yaml", "sst.config.ts")
_WAY_BACK = re.compile(
    r"kubectl rollout undo|helm rollback|argo rollouts? (abort|undo)|eb abort|gcloud run services update-traffic|"
    r"(alembic|\bdb) downgrade|flyway undo|aws deploy stop-deployment|deployment_circuit_breaker|"
    r"docker service rollback|deployment slot swap|gcloud app services set-traffic|heroku (releases:)?rollback|"
    r"(fly|flyctl) releases|nomad job revert|vercel rollback|cdk rollback|^\s*rollback:\s*\{",
    re.MULTILINE,
)
_DEPLOYING = (
    r"\b(docker|podman|kubectl|helm|systemctl|ssh|git (checkout|reset|revert)|aws|gcloud|az|terraform|flyctl|heroku)\b"
)
_GOING_BACK = re.compile(r"(^|/)([\w-]+[_-])?roll_?back([_-][\w-]+)?\.(sh|ps1|ya?ml)$", re.IGNORECASE)
_TARGET_BACK = re.compile(
    rf"^([\w-]+[_-])?roll_?back([_-][\w-]+)?:.*\n(?:[ \t].*\n)*?[ \t].*{_DEPLOYING}", re.MULTILINE
)
_SECTION_BACK = re.compile(
    rf"^#+[^\n]*\broll(?:ing)?[ -]?back\b[^\n]*\n(?:(?!#)[^\n]*\n){{0,12}}?(?!#)[^\n]*"
    rf"(?:{_DEPLOYING}|`up -d`|\bprevious (?:image|release|tag|version)\b)", re.MULTILINE | re.IGNORECASE,
)  # fmt: skip
_CHANGELOG = re.compile(r"[<\"]databaseChangeLog\b|^databaseChangeLog:|^--\s*liquibase formatted sql", re.MULTILINE)
_CHOSEN = re.compile(
    r"workflow_dispatch:\s*\n\s+inputs:\s*\n(?=(?:[ \t].*\n|\n)*?\s+(?:image_?tag|tag|version|sha|revision):)"
    r"(?=(?:.*\n)*?.*(?:terraform|kubectl|helm |gcloud run|ecs|az webapp|fly deploy))"
)
_WORKERS = re.compile(
    r"--workers[ =\"',]+(\$\{?\w+|[2-9]|\d\d)|\s-w[ =]+(\$\{?\w+|[2-9])|WEB_CONCURRENCY|GUNICORN_WORKERS"
)
_AUTOSCALED = re.compile(
    r"aws_appautoscaling|google_compute_autoscaler|max_instance_count|azurerm_monitor_autoscale|"
    r"desired_(app_)?count\s*=\s*([2-9]|\d\d|[^\n?]*\?\s*([2-9]|\d\d)\s*:)|"
    r"Microsoft\.Insights/autoscale|AWS::ApplicationAutoScaling|autoscaling/v\d|"
    r"\b(maxReplicas|max_replicas|skuCapacity|maximumInstanceCount|numInstances|replicaCount|maxInstances)\s*[:=]\s*"
    r"([2-9]|\d\d|\w+\s*\?\s*\d+\s*:\s*([2-9]|\d\d))|autoscaling\.knative\.dev/maxScale|"
    r"--max-instances[= ]+([2-9]|\d\d)|min_machines_running\s*=\s*([2-9]|\d\d)|\w*[mM]axReplicas int = ([2-9]|\d\d)|"
    r"\bautoscaling_max\w*\s*=\s*([2-9]|\d\d)|^(automatic_scaling|[ ]+scaling):\s*\n\s+m(in|ax)_?[iI]nstances:|"
    r"\bkubectl autoscale\b",
    re.MULTILINE,
)
# Of a manifest whose values are filled in before it is applied, so that it is not read as YAML.
_FILLED_IN = re.compile(
    r"^kind: *(?:Deployment|StatefulSet)\b.*(?:\n(?!---).*)*?\n  replicas: *(?:[2-9]|\d\d)\b", re.MULTILINE
)
_OF_CHART = re.compile(r"^  replicas: *\{\{.*\.Values\.", re.MULTILINE)
_SCALED_BY_TERRAFORM = re.compile(r"\bmax_(capacity|size|count|instances)\s*=\s*([2-9]|\d\d)")
_SCALED_BY_CDK = re.compile(r"\.(autoScaleTaskCount|scaleOnCpuUtilization)\(|\bdesiredCount:\s*([2-9]|\d\d)")
# Functions that a cloud starts as often as they are asked for, by what describes them.
_FUNCTIONS = re.compile(
    r"AWS::(Serverless|Lambda)::Function|\baws_lambda_function\b|google_cloudfunctions2?_function"
    r"|\bnew (\w*[lL]ambda\w*\.\w*Function|NodejsFunction|PythonFunction|DockerImageFunction)\("
    r"|resource \"google_cloud_run(_v2)?_service\""
)
_ALONE = (
    "mangum.Mangum", "azure.functions", "functions_framework", "chalice.Chalice", "modal.App", "modal.Stub",
    "aws_lambda_powertools.event_handler", "bedrock_agentcore",
)  # fmt: skip
_BACKUP = re.compile(
    r"\bpg_dump(all)?\b|\bmysqldump\b|\bmongodump\b|\brestic\b.*\bbackup\b|velero (backup|schedule)|\.backup\(|"
    r"aws_backup_plan|backup_retention(_period)?\b|[bB]ackupRetention|\bbackupPolicy\b|point_in_time_recovery|"
    r"[pP]ointInTimeRecovery|redis-cli.*--rdb|\btar -?c\w*f \S*back_?up"
)
_BACKS_UP = re.compile(r"(^|[/_-])backups?[._-]|(^|[/_-])dump_?(data|db|database)([._-])")
_RESTORES = re.compile(
    r"(^|[/_-])restore(\.(py|sh)$|[_-]\w*(db|data|base|backup|volume|store|snapshot|all)|[\w-]*\.sh$)"
    r"|(^|[/_-])load_?(data|db)_(s3|backup|dump)"
)
_RESTORE = re.compile(r"\bpg_restore\b|\bmongorestore\b|restic restore|velero restore|redis-cli.*restore")
_COMMANDS = (
    ".bicep", ".conf", ".jsonnet", ".just", ".md", ".mdx", ".py", ".sh", ".tf", ".toml", ".yaml", ".yml", "justfile",
    "makefile", "stack.ts",
)  # fmt: skip
_NOT_TO_RUN = re.compile(r"(^|/)(tests?|vendor|examples?|\.devcontainer|\.github)/")
_ASIDE, _ASIDE_OF_TESTS = re.compile(r"(^|/)(tests?|examples?|vendor)/"), re.compile(r"(^|/)(tests?|vendor)/")
_OF_OPERATIONS = re.compile(
    r"runbook|rollback|operations|recovery|backup|deploy|upgrad|self[-_]?host|maintenance|production|administration"
)
_MANAGED = re.compile(r"\bgcloud run deploy\b|\baws apprunner\b|\baz containerapp (create|up)\b|--min-instances\b")
_IN_PROCESS = (
    "langgraph.checkpoint.memory", "google.adk.sessions.InMemorySessionService",
    "langchain_core.chat_history.InMemoryChatMessageHistory",
)  # fmt: skip

_DOWNGRADES = ("alembic.command.downgrade",)
# Runtimes that keep the state of workflows and share their work out.
_RUNTIMES = ("dapr.ext.workflow", "dapr.clients", "temporalio.worker", "dbos")


def dp04(facts: Facts, ships: Ships) -> Answer:
    """Is the infrastructure described as code?

    Why: guide 0 "Infrastructure as code".
    Counts: Terraform resources, Kubernetes workloads, a Helm chart, Bicep or ARM, Pulumi, CDK, CloudFormation, SST or
    Serverless.
    Does not count: compose or units of systemd alone (they warn, since they describe one machine), workloads that code
    makes of a cluster's client (they warn, too), a hosting platform's own file and commands
    that deploy (they warn, too); manifests in documents or examples of how it is deployed (they warn, too).
    Closed: never. n/a for a library.
    Mend: describe what it runs on under deploy/, and let CI check it.
    """
    if ships.kind == LIBRARY:
        return not_applicable("a library has no infrastructure of its own", ships.evidence)
    kinds = {"Deployment", "StatefulSet", "DaemonSet", "Rollout", "Service"}
    found = [Location(path=path, symbol=str(body["kind"])) for path, body in facts.objects if body["kind"] in kinds]
    found += [Location(path=path) for path, text in facts.beside.items()
              if (path.endswith((".tf", ".bicep")) and _RESOURCE.search(text)) or path.endswith(_DESCRIBED)
              or (path.endswith(_TEMPLATES) and _TEMPLATE.search(text))]  # fmt: skip
    found += facts.imported(*_CODE, modules=facts.of(roles.SHIPPED, roles.TOOLING))
    if found:
        return passed("the infrastructure is described as code", found)
    hosted = [Location(path=path) for path in facts.beside if _PLATFORM.search(path)] or commands(facts, _BY_COMMAND)
    if hosted:
        return weak("a hosting platform's file or a command deploys it; what it runs on is not described",
                    "describe the production environment as code", hosted)  # fmt: skip
    return _half_described(facts) or unknown(
        "no infrastructure as code was found", "keep Terraform, Kubernetes or Helm files under deploy/"
    )


def dp05(facts: Facts, ships: Ships) -> Answer:
    """Is there a way back: a rollback, blue-green or canary step, or reversible migrations?

    Why: guide 0 "rollback", guides 2, 3 and 4.
    Counts: a command that rolls back in CI, a script or a document of operations, or a part of one that is named for it
    and tells how the release before comes back; an own command that takes migrations back, of a package that serves
    nothing and that nothing deploys; a script, workflow or target that is named for it and starts what was there
    before; a Rollout with steps.
    Does not count: migrations whose downgrade is empty. Reversible migrations and Liquibase's alone warn, and so does a
    workflow that deploys the version that somebody names.
    Closed: never. n/a for a library.
    Mend: write down and try the command that brings the version before back.
    """
    if ships.kind == LIBRARY:
        return not_applicable("a library is not deployed", ships.evidence)
    steps = [*commands(facts, _WAY_BACK), *_taken_back(facts, ships), *commands(facts, _SECTION_BACK, (".md", ".mdx")),
             *commands(facts, _TARGET_BACK, ("makefile", "justfile")), *_scripted(facts)]  # fmt: skip
    rollouts = [Location(path=path, symbol="Rollout") for path, body in facts.objects
                if body["kind"] in {"Rollout", "Canary"}]  # fmt: skip
    if steps or rollouts:
        return passed("there is a way back", [*rollouts, *steps], confidence=Confidence.MEDIUM)
    older = commands(facts, _CHOSEN, (".yml", ".yaml"))
    if older:
        return weak("an older version can be deployed by hand; no command that goes back was found",
                    "keep the command that rolls back", older)  # fmt: skip
    changes = commands(facts, _CHANGELOG, (".xml", ".yaml", ".yml", ".json", ".sql"))
    if changes:
        return weak("Liquibase can take some changes of the database back, nothing brings a deployment back",
                    "keep the command that rolls back", changes)  # fmt: skip
    good, _empty = migrations(facts)
    if good:
        return weak("migrations can be taken back, a deployment cannot", "keep the command that rolls back", good)
    return unknown("no way back was found", "keep the command that brings the version before back")


def dp06(facts: Facts, ships: Ships) -> Answer:
    """Is there a scaling strategy that its state allows (nothing of a session in the process)?

    Why: guide 1 "Scaling", guide 2.
    Counts: an autoscaler, several replicas, several workers beside a queue whose tasks processes of their own take, or
    functions that a cloud starts as often as they are asked for and that are described as code; and no session that is
    kept in the process.
    Does not count: one replica; a strategy in a document. In-process state beside several replicas warns, and so do
    several workers on one machine alone, replicas that a chart leaves open, tasks that are taken from a queue, an entry
    point for functions that nothing describes, a hosting platform's command, sessions that are said to be kept nowhere
    (``stateless_http``), and a runtime of workflows that keeps their state and shares their work out.
    Closed: never. n/a for a library.
    Mend: keep sessions in a store and let an autoscaler set the replicas.
    """
    if ships.kind == LIBRARY:
        return not_applicable("a library is scaled by what uses it", ships.evidence)
    scalers = {"HorizontalPodAutoscaler", "ScaledObject"}
    scaled = [Location(path=path, symbol=str(body["kind"])) for path, body in facts.objects
              if body["kind"] in scalers or _replicas(body.get("spec")) > 1]  # fmt: skip
    scaled += [Location(path=path, symbol=name) for path, name, s in facts.services if _replicas(s.get("deploy")) > 1]
    scaled += commands(facts, _AUTOSCALED, (".tf", ".bicep", ".yaml", ".yml", ".sh", ".toml"))
    scaled += [spot for spot in commands(facts, _FILLED_IN, (".yaml", ".yml")) if spot.path in facts.beside]
    scaled += commands(facts, _SCALED_BY_TERRAFORM, (".tf",)) + commands(facts, _SCALED_BY_CDK, (".ts",))
    workers = places([c for c in facts.given("command", "workers") if _several(c)])
    workers += [Location(path=image.path, line=step.line) for image in facts.images for step in image.instructions
               if step.word in {"CMD", "ENTRYPOINT", "ENV"} and _WORKERS.search(step.text)]  # fmt: skip
    workers += commands(facts, _WORKERS, (".sh", ".yml", ".yaml", "makefile", "procfile"))
    workers += [
        Location(path=path, symbol="workers")
        for path in facts.tree.python
        if re.search(r"gunicorn[\w.]*\.py$", path)
        and re.search(r"^\s*workers\s*=", facts.tree.texts[path], re.MULTILINE)
    ]
    held = facts.used(_IN_PROCESS)
    functions = commands(facts, _FUNCTIONS, (".tf", ".bicep", ".yaml", ".yml", ".json", ".template", ".ts"))
    if (scaled or workers or functions) and held:
        return weak("it scales out, but keeps sessions in the process", "keep sessions in a store", [*held, *scaled])
    if scaled:
        return passed("it scales out", [*scaled, *workers], confidence=Confidence.MEDIUM)
    shared = facts.used(frameworks.TASK_QUEUES) if workers else []
    if shared:
        return passed("several workers answer, and those that take tasks from a queue are processes of their own",
                      [*workers, *shared], confidence=Confidence.MEDIUM)  # fmt: skip
    if functions:
        return passed("it runs as functions, and the cloud starts as many as are asked for", functions,
                      confidence=Confidence.MEDIUM)  # fmt: skip
    return _half_scaled(facts, workers) or unknown(
        "no scaling strategy was found", "say how many run, and what decides it", held
    )


def dp07(facts: Facts, ships: Ships) -> Answer:
    """Are backups taken and restores tried?

    Why: guide 1 "Backup and recovery", guide 2.
    Counts: a backup and a restore as commands that stand in the repository, and a test that runs both.
    Does not count: a document without a command; code whose name only speaks of restoring. Commands that nothing tries
    warn, those in a guide for whoever hosts it, too.
    Closed: never; a platform may back up. n/a for a library.
    Mend: script the backup and the restore, and restore in a test.
    """
    if ships.kind == LIBRARY:
        return not_applicable("a library keeps no data", ships.evidence)
    scripts = [path for path in (*facts.beside, *facts.roles) if path.endswith((".py", ".sh"))
               and not re.search(r"(^|/)(migrations|versions|tests?)/", path)]  # fmt: skip
    backup = [Location(path=p) for p in scripts if _BACKS_UP.search(p)] + commands(facts, _BACKUP)
    restore = [Location(path=p) for p in scripts if _RESTORES.search(p)] + commands(facts, _RESTORE)
    calling = {c.function for m in facts.tests for c in m.calls if _restores(c)}
    tried = [s for m in facts.tests for s in m.functions if "restore" in s.short and s.name in calling]
    if backup and restore and tried:
        return passed("backups are scripted and a test restores one", [*backup[:2], *restore[:2], *places(tried)])
    if backup or restore:
        what = "backups and restores are scripted, but nothing tries them" if backup and restore else (
            "backups are set up, but no restore is" if backup else "a restore is there, but no backup")  # fmt: skip
        return weak(what, "restore a backup in a test, or attest the last try", [*backup, *restore])
    return unknown("no backup was found", "say what is kept and who backs it up; script backup and restore")


def _half_described(facts: Facts) -> Answer | None:
    """Answer where one machine is described, or what describes more is an example or made by code."""
    texts = facts.tree.plain
    halves = {
        "only compose describes": [path for path in texts
                                   if deploy.is_compose(path) and not _NOT_TO_RUN.search(path.lower())],
        "only examples of manifests describe": list(facts.shown),
        "only units of systemd describe": [path for path, text in facts.beside.items()
                                           if ".service" in path and _UNIT.search(text)],
        "code makes workloads of a cluster, and no manifest describes": [p.path for p in facts.used(_CLUSTERS)],
    }  # fmt: skip
    found = next(((what, paths) for what, paths in halves.items() if paths), None)
    hint = "describe the production environment as code, under deploy/"
    return weak(f"{found[0]} what it runs on", hint, [Location(path=path) for path in found[1]]) if found else None


def _half_scaled(facts: Facts, workers: list[Location]) -> Answer | None:
    """Answer where several could run, and nothing says how many do."""
    managed = commands(facts, _MANAGED) or in_readme(facts, _MANAGED)
    halves = {
        "several workers run on one machine": workers,
        "the replicas are a value of a chart, and nothing says that there are several": commands(
            facts, _OF_CHART, (".yaml", ".yml")
        ),
        "a platform could start as many functions as are asked for, and nothing describes them": facts.used(_ALONE),
        "a hosting platform runs it, and nothing says how many": managed,
        "tasks are taken from a queue, and nothing says how many workers take them": facts.used(frameworks.TASK_QUEUES),
        "a runtime of workflows keeps its state, and nothing says how many share the work": facts.used(
            _RUNTIMES, facts.of(roles.SHIPPED, roles.TOOLING)
        ),
        "it keeps no session in the process, and nothing says how many run": places(
            [call for call in facts.given("stateless_http", "stateless") if call.keywords.get("stateless_http", 1)]
        ),
    }
    found = next(((why, spots) for why, spots in halves.items() if spots), None)
    return weak(found[0], "let an autoscaler set the replicas", found[1]) if found else None


def _taken_back(facts: Facts, ships: Ships) -> list[Location]:
    """Return where a package takes migrations back for whoever installed it, which nothing here deploys."""
    built = facts.images or facts.kubernetes or facts.composes_build
    aside = built or ships.serves or not facts.manifest.packaged
    return [] if aside else facts.used(_DOWNGRADES)


def _scripted(facts: Facts) -> list[Location]:
    """Return the scripts and workflows that are named for going back, with a command that deploys."""
    found = ((path, re.search(_DEPLOYING, text)) for path, text in facts.tree.plain.items() if _GOING_BACK.search(path))
    return [Location(path=path) for path, match in found if match and not _ASIDE.search(path.lower())]


def commands(facts: Facts, pattern: re.Pattern[str], ends: tuple[str, ...] = _COMMANDS) -> list[Location]:
    """Return where a command stands: one place a file, in scripts, CI, infrastructure and documents of operations."""
    found = []
    tools = ((path, facts.tree.texts[path]) for path, role in facts.roles.items() if role == roles.TOOLING)
    for path, text in (*facts.tree.plain.items(), *tools):
        lower = path.lower()
        document = lower.endswith((".md", ".mdx")) and not _OF_OPERATIONS.search(lower)
        aside = _ASIDE_OF_TESTS if facts.ships_examples else _ASIDE
        if lower.endswith(ends) and not document and not aside.search(lower):
            match = pattern.search(text)
            if match:
                found.append(Location(path=path, line=text.count("\n", 0, match.start()) + 1))
    return found


def _several(call: Call) -> bool:
    """Return whether a call starts several workers: by a command, or by a number given to a server."""
    command = literal(call.keywords.get("command"))
    if command is not None:
        return bool(_WORKERS.search(command))
    number = call.keywords.get("workers")
    return call.name in {"uvicorn.run", "uvicorn.Config"} and number not in {None, 1}


def _restores(call: Call) -> bool:
    """Return whether a call runs something that bears the name of a restore script."""
    said = [part for value in call.args for part in (value if isinstance(value, tuple) else (value,))]
    texts = (part for part in said if isinstance(part, bytes))
    return any(re.search(rb"restore[\w-]*\.(sh|py)|pg_restore|restore-", text) for text in texts)


def _replicas(value: object) -> int:
    number = value.get("replicas") if isinstance(value, Mapping) else None
    return int(number) if isinstance(number, (int, str)) and str(number).isdigit() else 0
