"""What the agent knows: a file of facts, which becomes a part of every prompt."""

from pathlib import Path

from ..exceptions import ConfigurationError

MAX_CHARS = 20_000
"""About 5,000 tokens, which every question costs."""


def load_facts(path: Path) -> str:
    """Return the facts, one on each line that begins with ``- ``; everything else in the file is for people.

    Raises:
        ConfigurationError: There are none, too many, or the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read"
        raise ConfigurationError(message) from error
    facts = "\n".join(line.rstrip() for line in lines if line.startswith("- "))
    if not facts or len(facts) > MAX_CHARS:
        message = f"{path}: holds {len(facts):,} characters of facts (lines with - ); 1 to {MAX_CHARS:,} are good"
        raise ConfigurationError(message)
    return facts
