"""AG: agents."""

from __future__ import annotations

import re

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, passed, place, places, unknown, weak
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.ships import Ships

_OWN_CAP = re.compile(
    r"(^|[._])(max_\w*(iterations?|steps?|turns?|rounds?|tool_calls|revisions|calls|retries_total|depth|breadth)|remaining_steps"
    r"|\w*(iteration|step|turn|token|cost)_(limit|budget|cap))$",
    re.IGNORECASE,
)


def ag01(facts: Facts, _ships: Ships) -> Answer:
    """Are steps, tokens, time or cost of one run capped?

    Why: beyond the guides; an agent that loops spends without end.
    Counts: a step, turn or usage limit handed to the framework; a limit of its own that a comparison enforces.
    A token cap together with a time limit around the calls. A token cap alone is a warning.
    Does not count: a framework's default; a limit that nothing compares.
    Closed: never.
    Mend: give the run usage limits or a maximum of steps from the settings.
    """
    given = [c for c in facts.calls if c.has(*frameworks.STEP_CAPS)]
    types = [c for c in facts.calls if c.name in frameworks.STEP_CAP_TYPES]
    own = [place(m) for module in facts.shipped for m in module.compared if _OWN_CAP.search(m.name)]
    if given or types or own:
        return passed("the steps of a run are capped", [*places([*given, *types]), *own])
    tokens = [c for c in facts.calls if c.has(*frameworks.TOKEN_CAPS)]
    timed = facts.called(*frameworks.TIMEOUT_BLOCKS)
    if tokens and timed:
        return passed("tokens and time of a run are capped", [*places(tokens[:3]), *places(timed[:2])])
    if tokens:
        return weak("tokens are capped, steps are not", "cap the steps of a run too", places(tokens))
    return unknown("no cap on steps, tokens, time or cost was found", "give each run a maximum of steps and tokens")
