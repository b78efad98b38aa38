"""The names of a new agent: checked when given, so that no template ever meets a bad one."""

from __future__ import annotations

import keyword
import re
import shlex
import sys
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

from agentctl.errors import UsageError

LONGEST = 40  # keeps the imports of the generated code within its line length, and image and host names within theirs
_DEVICES = frozenset({
    "con", "prn", "aux", "nul", *(f"com{digit}" for digit in range(10)), *(f"lpt{digit}" for digit in range(10)),
})  # fmt: skip
# Unquoted, YAML reads these as something else than text.
_YAML_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_STANDARD = sys.stdlib_module_names | {"test"}  # Python's own list leaves its tests out
_KEYWORDS = frozenset(word.lower() for word in (*keyword.kwlist, *keyword.softkwlist))


@dataclass(frozen=True, kw_only=True)
class Names:
    """The spellings of one name.

    Attributes:
        name: As it was given, for sentences.
        slug: The folder and the distribution: lower case with hyphens.
        package: What Python imports: lower case with underscores.
    """

    name: str
    slug: str
    package: str


def checked(given: str, taken: Collection[str] = ()) -> Names:
    """Check a name and return its spellings.

    Args:
        given: What the user typed.
        taken: Packages that the generated code itself imports or has beside it, which the name would shadow.

    Raises:
        UsageError: It cannot be the name of a folder, a distribution and a package; a better one is suggested.
    """
    wrong = _problem(given, taken)
    if wrong is None:
        return _spelled(given)
    raise UsageError(f"the name {_shown(given)} {wrong}", hint=_hint(given, taken))


def of_folder(folder: str) -> str:
    """Return a folder's own name as a name to check: what packaging takes as one separator becomes a hyphen."""
    return re.sub(r"[\s._-]+", "-", folder).strip("-")


def _spelled(given: str) -> Names:
    name = given.strip()
    slug = re.sub(r"[\s_-]+", "-", name.lower())
    return Names(name=name, slug=slug, package=slug.replace("-", "_"))


def _problem(given: str, taken: Collection[str]) -> str | None:
    return _bad_spelling(given) or _bad_word(_spelled(given).package, taken)


def _bad_spelling(given: str) -> str | None:
    name = given.strip()
    odd = next((sign for sign in name if not re.match(r"[A-Za-z0-9 _-]", sign)), None)
    rules = (
        (not name, "is empty"),
        (len(name) > LONGEST, f"has {len(name)} characters, more than {LONGEST}"),
        ("/" in name or "\\" in name or name == "..", "is a path; the folder to create it in is --output-dir"),
        (name[:1] in {"-", "."}, f"begins with {name[:1]!r}"),
        (odd is not None, f"has the character {_character(odd or ' ')}; use a-z, 0-9 and hyphens"),
        (not name[:1].isalpha(), "does not begin with a letter"),
        (name[-1:] in {"-", "_"}, f"ends with {name[-1:]!r}"),
    )
    return next((words for broken, words in rules if broken), None)


def _bad_word(package: str, taken: Collection[str]) -> str | None:
    rules = (
        (package in _KEYWORDS, "is a keyword of Python"),
        (package in _STANDARD, "is a module of Python's standard library, which it would shadow"),
        (package in _DEVICES, "is a reserved device name on Windows"),
        (package in _YAML_WORDS, "is a word that YAML does not read as text"),
        (package in taken or package == "tests", "is taken: the generated project already uses that name itself"),
    )
    return next((words for broken, words in rules if broken), None)


def _hint(given: str, taken: Collection[str]) -> str:
    better = _suggested(given, taken)
    if better is None:
        return "choose a name such as support-agent: letters, digits and hyphens, beginning with a letter"
    parent = PurePosixPath(given.replace("\\", "/")).parent
    where = "" if str(parent) == "." else f" --output-dir {shlex.quote(str(parent))}"
    return f"for example: agentctl new {better}{where}"


def _suggested(given: str, taken: Collection[str]) -> str | None:
    plain = unicodedata.normalize("NFKD", given.replace("\\", "/").rstrip("/").rpartition("/")[2])
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    if not letters.isascii():  # dropping letters would make another name of it
        return None
    slug = re.sub(r"^[\d-]+", "", re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-"))[:LONGEST].strip("-")
    candidates = (slug, f"{slug}-agent")
    return next((name for name in candidates if slug and _problem(name, taken) is None), None)


def _character(sign: str) -> str:
    if sign.isascii() and sign.isprintable():
        return repr(sign)
    return f"U+{ord(sign):04X} {unicodedata.name(sign, 'without a name')}"


def _shown(given: str) -> str:
    return repr(given if len(given) <= LONGEST else given[:LONGEST] + "…")
