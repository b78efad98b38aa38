"""The guides' own checklists, line by line: first what each lists, then what the rest of its text asks for.

A line holds when all of its items do. ``!`` marks a deed: a scan, test or restore that the guide wants *done*, so that
a definition of it is not enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

_TABLE = """
guide-0
Types annotated throughout: CQ01
Errors handled: CQ02
Input validated and cleaned: CQ03
Structured logs: CQ04
Code documented: CQ05
Unit tests with more than 90 % coverage: TS01 TS02
Integration tests on the critical paths: TS03
Load test completed: TS08!
Error scenarios tested: TS05!
What is outside is mocked: TS06
Input validated at the boundary: CQ03
Rate limit: SE01
Secrets managed: SE02
Authentication and authorization: SE03
Security scan completed: SE04!
Caching: PF01
Connection pools: PF02
Batches where they help: PF03
Performance benchmarks: TS09!
Resources bounded: PF04
Metrics: OB01
Health checks: OB02
A way of logging: CQ04
Alert rules: OB04
Dashboard: OB05
Configuration outside the code: DP01
Graceful shutdown: DP02
Container images built: DP03!
Infrastructure as code: DP04
Rollback: DP05
Text: one responsibility each: AR01
Text: timeouts: PF05
Text: fallbacks: RL03
Text: tracing: OB03
guide-1
Domain-driven design: AR01
State managed in one way: AR02
Memory made for scale: AR03
Tool registry with validation: AR04
Errors handled everywhere: CQ02 TS05
Security measures: CQ03 SE02 SE07 AG02
Monitoring and metrics: OB01
A way of logging: CQ04
Unit tests with more than 80 % coverage: TS01 TS02
Integration tests written: TS03
Property-based tests: TS07
Performance tests completed: TS09!
Security testing performed: TS10! SE04!
Chaos testing conducted: TS11!
Containers complete: DP03! SE05
Scaling: DP06 PF04
Dashboards: OB05
Alert rules: OB04
Backup and recovery tested: DP07!
Documentation: CQ05
Runbook: OP04
SLIs and SLOs: OP01
On-call: OP02
Incident response plan: OP03
Security audits scheduled: OP05
Performance work ongoing: OP06
Cost reviewed: OP07
Text: circuit breaker: RL02
Text: fallbacks: RL03
Text: timeouts: PF05
Text: caching: PF01
guide-2
Environment variables configured: DP01 SE02
Connectivity to what is outside verified: OB02!
Monitoring and alerting: OB01 OB04
Backup and recovery tested: DP07!
Performance benchmarks: TS09!
Security review completed: SE04! OP05
Text: configurations and workflows validated: CF01 CQ03
Text: typed code: CQ01
Text: errors, retries and timeouts: CQ02 RL01 PF05
Text: logs: CQ04
Text: documentation: CQ05
Text: test pyramid: TS01 TS03 TS04 TS06
Text: load test: TS08!
Text: caching, parallel work, resources: PF01 PF03 PF04
Text: clean architecture: AR01
Text: scaling: DP06
Text: rollback: DP05
Text: personal data: OP08
Text: release signed off: DV06
guide-3
Versions and names: CF02
Released configurations stay as they are: CF03
Configurations validated: CF01
Schemas evolve compatibly: CF04
Caching: PF01
Connection pools: PF02
Access control: SE03
Input validated: CQ03
Secrets managed: SE02
Audit log: SE06
Tenants isolated, with quotas: SE08
Unit tests: TS01
Integration tests: TS03
Load test: TS08!
Structured logs with bound ids: CQ04 CQ06
Metrics: OB01
Health checks: OB02
Blue-green deployment: DP05
Flags, experiments, hot reload: CF05
Graceful degradation: RL03
Retries and timeouts: RL01 PF05
guide-4
Phase 1, scope and boundaries: DV01
Phase 1, contracts: DV02
Phase 1, database schema and migrations: DV03
Phase 1, dependencies: DV04
Phase 2, errors and validation: CQ02 CQ03
Phase 2, unit tests: TS01
Phase 2, documentation: CQ05
Phase 2, mocks: TS06
Phase 3, integration tests run: TS03!
Phase 3, workflows validated from end to end: TS04!
Phase 3, performance under load: TS08!
Phase 3, code reviewed: DV05
Phase 3, quality assurance: DP08
Phase 3, security validated and audited: SE04! TS10!
Phase 3, performance benchmarks: TS09!
Phase 3, production configuration: DP01 SE02 SE05
Phase 3, monitoring and alerting: OB01 OB04
Phase 3, rollback procedure: DP05
Phase 3, go-live checklist completed: DV06
Standard layout: AR05
Types annotated: CQ01
Structured logs with correlation ids: CQ04 CQ06
Coverage of 90 %: TS02
Text: rate limit: SE01
Text: authentication: SE03
Text: audit trail: SE06
Text: sanitization: SE07 AG02
Text: encryption on the way and at rest: SE09 SE10
Text: network access: SE11
Text: caching: PF01
Text: connection pools: PF02
Text: concurrency: PF03
Text: retries and circuit breaker: RL01 RL02
Text: health checks: OB02
Text: tracing: OB03
Text: runbook: OP04
"""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a guide's checklist; ``done`` are those of its items that must be more than defined."""

    words: str
    items: tuple[str, ...]
    done: frozenset[str]


@cache
def lines() -> Mapping[str, tuple[Line, ...]]:
    """Return the lines of each guide's profile."""
    return {guide: tuple(found) for guide, found in _guides()}


@cache
def deeds(profile: str) -> frozenset[str]:
    """Return the items that a profile wants done: those of its guide, of all guides for ``all``, else none."""
    wanted = lines().values() if profile == "all" else [lines().get(profile, ())]
    return frozenset(id_ for guide in wanted for line in guide for id_ in line.done)


def _guides() -> Iterator[tuple[str, list[Line]]]:
    for block in _TABLE.strip().split("\nguide-"):
        name, *rows = block.splitlines()
        yield f"guide-{name.removeprefix('guide-')}", [_line(row) for row in rows]


def _line(row: str) -> Line:
    words, _, ids = row.rpartition(": ")
    marked = ids.split()
    return Line(
        words=words,
        items=tuple(id_.rstrip("!") for id_ in marked),
        done=frozenset(id_.rstrip("!") for id_ in marked if id_.endswith("!")),
    )
