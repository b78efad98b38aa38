"""The catalogue: every item of every checklist in the guides, once, under a stable id.

``mode`` is how an item is answered: A from the repository, E from a recorded run, H from the repository where there is
evidence and else by a person, M by a person only. ``guides`` are the numbers of the guides whose checklists ask for it.
"""

from __future__ import annotations

from dataclasses import dataclass

WEIGHTS = {"development": 3, "staging": 2, "production": 1}
FAMILIES = {
    "CQ": "Code quality",
    "TS": "Testing",
    "SE": "Security",
    "PF": "Performance",
    "RL": "Resilience",
    "OB": "Monitoring",
    "DP": "Deployment",
    "AR": "Architecture",
    "AG": "Agents",
    "CF": "Configuration",
    "OP": "Operations",
    "DV": "Development",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the catalogue; ``tier`` is the first one that asks for it."""

    id: str
    title: str
    mode: str
    tier: str
    guides: str

    @property
    def family(self) -> str:
        """The heading that reports list it under."""
        return FAMILIES[self.id[:2]]

    @property
    def weight(self) -> int:
        """What it counts for in the two figures."""
        return WEIGHTS[self.tier]


_TIERS = {"d": "development", "s": "staging", "p": "production"}
_ROWS = """
CQ01 A d 024   Type annotations
CQ02 A d 0124  Explicit error handling
CQ03 A d 01234 Input validated at the boundary
CQ04 A d 01234 Structured logging
CQ05 A d 0124  Documentation
CQ06 A s 34    Correlation id in every log record
TS01 A d 01234 Unit tests that CI runs
TS02 E s 014   Line coverage at the floor
TS03 A s 01234 Integration tests
TS04 A p 24    End-to-end tests
TS05 A d 01    Failures tested
TS06 A s 024   Outside world faked in tests
TS07 A p 1     Property-based tests
TS08 E p 0234  Load test meets its limits
TS09 E p 0124  Performance baseline held
TS10 A p 14    Security tests
TS11 A p 1     Fault-injection tests
SE01 A s 04    Rate limit for incoming requests
SE02 A d 01234 Secrets kept out of the tree
SE03 A s 034   Authentication on the endpoints
SE04 A s 0124  Security scan that can fail the build
SE05 A s 14    Dependencies locked
SE06 A p 34    Audit trail
SE07 A s 14    Dangerous execution fenced
SE08 A p 3     Tenant isolation and quotas
SE09 H p 4     Encryption on the way
SE10 H p 4     Encryption at rest
SE11 H p 4     Network access limited
PF01 A p 01234 Caching with bound and expiry
PF02 A s 034   Connections pooled and reused
PF03 A p 024   Bounded concurrency or batching
PF04 A p 012   Resources bounded
PF05 A s 0123  Timeout on every outgoing call
RL01 A s 234   Retries with bound and backoff
RL02 A p 14    Circuit breaker
RL03 A p 013   Fallback
OB01 A s 01234 Metrics recorded and exposed
OB02 A s 0234  Health and readiness
OB03 A p 04    Tracing
OB04 H p 0124  Alert rules
OB05 H p 01    Dashboard
DP01 A d 024   Configuration outside the code
DP02 A s 0     Graceful shutdown
DP03 A s 01    Pinned image that is not root
DP04 H p 0     Infrastructure as code
DP05 H p 0234  Way back
DP06 H p 12    Scaling strategy
DP07 H p 12    Backups and tried restores
DP08 A d 4     CI builds, lints and tests
AR01 A s 012   Responsibilities separated
AR02 A s 1     Explicit agent state
AR03 A p 1     Bounded, durable memory
AR04 A s 1     Typed tools in one registry
AR05 A d 4     Standard agent layout
AG01 A s -     Run capped in steps, tokens or time
AG02 H p 14    Untrusted text cannot steer
AG03 A p -     Evaluations with a gate
CF01 A d 23    Configuration files valid
CF02 A d 3     Configurations versioned
CF03 A s 3     Released configurations unchanged
CF04 A s 3     Schema changes compatible
CF05 A s 3     Change at run time controlled
OP01 H p 1     SLIs and SLOs
OP02 H p 1     On-call
OP03 H p 1     Incident response plan
OP04 H p 14    Runbook
OP05 M p 12    Security audits scheduled
OP06 H p 1     Performance work ongoing
OP07 H p 1     Cost reviewed
OP08 H p 2     Personal data handled
DV01 H d 4     Scope and boundaries written down
DV02 A s 4     Contract published and in step
DV03 A s 4     Reversible schema migrations
DV04 H p 4     Dependencies mapped
DV05 H s 4     Review enforced
DV06 M p 24    Go-live checklist signed off
"""


def _item(row: str) -> Item:
    id_, mode, tier, guides, title = row.split(maxsplit=4)
    return Item(id_, title, mode, _TIERS[tier], guides.strip("-"))


ITEMS: dict[str, Item] = {item.id: item for item in map(_item, _ROWS.strip().splitlines())}
