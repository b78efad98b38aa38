"""A log-linear histogram of latencies with three significant digits, as HdrHistogram lays it out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

MICROSECOND = 1e-6
_HALF = 1024  # buckets per power of two: a bucket is at most 1/1024 of its value wide, so three digits hold
_BITS = _HALF.bit_length()


class Histogram:
    """Counts durations in buckets of one microsecond below 2 ms, and of at most 0.1 % of the value above.

    The exact sum and maximum are kept beside the buckets, so the mean and the maximum carry no rounding. Histograms of
    several generators can be merged without loss.

    Args:
        counts: Bucket index to count, as ``counts`` of another histogram.
        total: Sum of the durations, in seconds.
        highest: The longest of them, in seconds.
    """

    __slots__ = ("counts", "highest", "total")

    def __init__(self, counts: Mapping[int, int] | None = None, *, total: float = 0.0, highest: float = 0.0) -> None:
        self.counts: dict[int, int] = dict(counts or {})
        self.total = total
        self.highest = highest

    def record(self, seconds: float) -> None:
        """Count one duration; a negative one (a clock's jitter) counts as zero."""
        if seconds < 0:  # no max(): this runs several times a request
            seconds = 0.0
        index = bucket(int(seconds / MICROSECOND))
        counts = self.counts
        counts[index] = counts.get(index, 0) + 1
        self.total += seconds
        if seconds > self.highest:  # noqa: PLR1730 - the same
            self.highest = seconds

    def __len__(self) -> int:
        return sum(self.counts.values())

    @property
    def mean(self) -> float | None:
        """Seconds; None without a sample."""
        count = len(self)
        return self.total / count if count else None

    def percentile(self, percent: float) -> float | None:
        """Return the nearest-rank percentile in seconds (the upper edge of its bucket), None without a sample."""
        count = len(self)
        if not count:
            return None
        rank = max(1, math.ceil(round(percent / 100 * count, 6)))
        seen = 0
        for index in sorted(self.counts):
            seen += self.counts[index]
            if seen >= rank:
                return min(upper_edge(index) * MICROSECOND, self.highest)
        raise AssertionError  # the ranks are 1 to count

    def merge(self, others: Iterable[Histogram]) -> Histogram:
        """Return one histogram of this and the others."""
        merged = Histogram(self.counts, total=self.total, highest=self.highest)
        for other in others:
            for index, count in other.counts.items():
                merged.counts[index] = merged.counts.get(index, 0) + count
            merged.total += other.total
            merged.highest = max(merged.highest, other.highest)
        return merged

    def to_json(self) -> dict[str, object]:
        """Return what ``from_json`` reads, sparse."""
        return {"counts": sorted(self.counts.items()), "total": self.total, "highest": self.highest}

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> Histogram:
        """Read what ``to_json`` gave.

        Raises:
            KeyError, TypeError, ValueError: The values are not of that form.
        """
        counts, total, highest = values["counts"], values["total"], values["highest"]
        if not isinstance(counts, list) or not isinstance(total, int | float) or not isinstance(highest, int | float):
            raise TypeError("not a histogram")
        return cls({int(index): int(count) for index, count in counts}, total=float(total), highest=float(highest))


def bucket(microseconds: int) -> int:
    """Return the index of the bucket that holds a value."""
    shift = microseconds.bit_length() - _BITS
    return microseconds if shift <= 0 else shift * _HALF + (microseconds >> shift)


def upper_edge(index: int) -> int:
    """Return the highest value, in microseconds, that a bucket holds."""
    shift = max(0, index // _HALF - 1)
    return ((index - shift * _HALF + 1) << shift) - 1


def resolution(seconds: float) -> float:
    """Return the width, in seconds, of the bucket that holds a duration."""
    shift = max(0, int(seconds / MICROSECOND).bit_length() - _BITS)
    return (1 << shift) * MICROSECOND
