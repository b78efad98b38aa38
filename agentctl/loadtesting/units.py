"""Durations, rates and percentages as people write them, and as they read them."""

from __future__ import annotations

import re

from agentctl.errors import UsageError

SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
MAX_DURATION = 24 * 3600.0
MAX_RATE = 100_000.0
_PARTS = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|us|s|m|h))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|us|s|m|h)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def duration(value: str | float, name: str) -> float:
    """Return the seconds of ``30s``, ``1m30s``, ``500ms``, or of a plain number of seconds.

    Args:
        value: What was given.
        name: The option or setting, for the message.

    Raises:
        UsageError: It is no duration, zero, or longer than a day.
    """
    text = str(value).strip()
    if _NUMBER.fullmatch(text):
        seconds = float(text)
    elif _PARTS.fullmatch(text):
        seconds = sum(float(number) * SECONDS[unit] for number, unit in _PART.findall(text))
    else:
        raise UsageError(f"{name}: {text!r} is no duration", hint="write it as 30s, 1m30s or 500ms")
    if not 0 < seconds <= MAX_DURATION:
        raise UsageError(f"{name}: {text!r} is out of range", hint="more than zero and at most 24h")
    return seconds


def rate(value: str | float, name: str) -> float:
    """Return requests per second of ``5`` or ``5/s``.

    Raises:
        UsageError: It is no rate, zero, or above 100,000/s.
    """
    text = str(value).strip().removesuffix("/s")
    if not _NUMBER.fullmatch(text):
        raise UsageError(f"{name}: {value!r} is no rate", hint="write requests per second, such as 5 or 0.5")
    if not 0 < float(text) <= MAX_RATE:
        raise UsageError(f"{name}: {value!r} is out of range", hint=f"more than zero and at most {MAX_RATE:,.0f}/s")
    return float(text)


def show_seconds(seconds: float) -> str:
    """Return a duration with three significant digits: ``412 ms``, ``1.95 s``, ``850 us``."""
    for unit, size in (("us", 1e-6), ("ms", 1e-3)):
        if seconds < size * 999.5:
            return f"{_three_digits(seconds / size)} {unit}"
    return f"{_three_digits(seconds)} s"


def _three_digits(number: float) -> str:
    return f"{number:.0f}" if number >= 99.95 else f"{number:.3g}"  # noqa: PLR2004 - .3g writes 1e+02 from here on


def show_rate(per_second: float) -> str:
    """Return ``4.98/s``."""
    return f"{per_second:,.0f}/s" if per_second >= 999.5 else f"{per_second:.3g}/s"  # noqa: PLR2004 - from where three digits are too few


def show_percent(percent: float) -> str:
    """Return a share with enough digits that 99.98 never reads as 100."""
    shown = percent if percent == 100 else min(percent, 99.99)  # noqa: PLR2004 - all
    return f"{f'{shown:.2f}'.rstrip('0').rstrip('.')} %"
