"""Charts of series: inline SVG with axes and units, and the same values as a table for whoever cannot see it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree as ET

from agentctl.reporters._page.elements import Ids, tag
from agentctl.reporters._values import one_line, quantity
from agentctl.results import Series

_WIDTH, _HEIGHT = 420, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 12, 10, 34
_MOST = 120  # columns: more than that no screen tells apart, and a table of more rows nobody reads
_DOTS = 30
_FAR = 4  # times the highest value
_TICKS = 4
_TINIEST = -300  # the decimal exponent below which the powers of ten are no more
_SIZED = frozenset({"s", "B", "1/s"})


@dataclass(frozen=True, kw_only=True)
class Scale:
    """An axis with round steps.

    Attributes:
        low: Where it begins, in ``unit``.
        high: Where it ends, in ``unit``.
        step: From one tick to the next, in ``unit``.
        unit: A power of ten that keeps the arithmetic finite, whatever the values.
    """

    low: float
    high: float
    step: float
    unit: float

    @classmethod
    def over(cls, values: Sequence[float], *, from_zero: bool) -> Scale:
        """Return an axis that holds all values; from zero, so that a small change does not look like a big one."""
        lowest, highest = min(values), max(values)
        largest = max(abs(lowest), abs(highest)) or 1.0
        unit = 10.0 ** max(math.floor(math.log10(largest)), _TINIEST)
        low, high = lowest / unit, highest / unit
        if from_zero and low > 0:
            low = 0.0
        if high <= low:
            high = low + (abs(low) or 1.0)
        step = _round_step((high - low) / _TICKS)
        if from_zero:
            low, high = math.floor(low / step) * step, math.ceil(high / step) * step
        return cls(low=low, high=high, step=step, unit=unit)

    def place(self, value: float) -> float:
        """Return where a value lies, from 0 to 1."""
        return (value / self.unit - self.low) / (self.high - self.low)

    def ticks(self) -> Iterator[float]:
        """Yield the round values on the axis."""
        first, last = math.ceil(self.low / self.step - 1e-9), math.floor(self.high / self.step + 1e-9)
        yield from (number * self.step * self.unit for number in range(first, min(last, first + 2 * _TICKS + 2) + 1))


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next((power * nice for nice in (1, 2, 2.5, 5) if power * nice >= rough * 0.999), power * 10)


@dataclass(frozen=True, kw_only=True)
class _Column:
    """What a chart shows at one place: one point, or the lowest and highest of many."""

    first: float
    last: float
    low: float
    mean: float
    high: float


def chart(series: Series, ids: Ids) -> ET.Element:
    """Return a series as a figure; where nothing was measured it says so."""
    name = one_line(series.name.replace("_", " ")) or "series"
    points = [(x, y) for x, y in series.points if math.isfinite(x) and math.isfinite(y)]
    anchor = ids.make(f"chart-{name}")
    head = tag("figcaption", tag("b", name), " ", tag("small", _span(points, series)), id=anchor)
    if not points:
        return tag("figure", head, class_="chart")
    columns = _columns(points)
    thinned = len(columns) < len(points)
    drawing = _drawing(series, name, columns, thinned=thinned)
    table = _values(series, name, columns, thinned=thinned)
    return tag("figure", head, drawing, table, class_="chart", aria_labelledby=anchor)


def _span(points: Sequence[tuple[float, float]], series: Series) -> str:
    values = [float(y) for _x, y in points]
    if not values:
        return "nothing was measured"
    limit = "" if series.limit is None else f", limit {quantity(series.limit, series.unit)}"
    return f"{quantity(min(values), series.unit)} to {quantity(max(values), series.unit)}{limit}"


def _columns(points: Sequence[tuple[float, float]]) -> list[_Column]:
    count = min(len(points), _MOST)
    parts = [points[len(points) * at // count : len(points) * (at + 1) // count] for at in range(count)]
    return [_column(part) for part in parts]


def _column(part: Sequence[tuple[float, float]]) -> _Column:
    values = [y for _x, y in part]
    mean = math.fsum(value / len(values) for value in values)
    return _Column(first=part[0][0], last=part[-1][0], low=min(values), mean=mean, high=max(values))


def _drawing(series: Series, name: str, columns: Sequence[_Column], *, thinned: bool) -> ET.Element:
    x = Scale.over([columns[0].first, columns[-1].last], from_zero=False)
    limit = _near_limit(series, columns)
    y = Scale.over([*limit, *(value for column in columns for value in (column.low, column.high))], from_zero=True)
    low, high = y.low * y.unit, y.high * y.unit
    axes = f"{_words(low, series.unit)} to {_words(high, series.unit)} over {_when(columns, series.x_unit)}"
    return tag(
        "svg",
        tag("title", f"{name}: {axes}"),
        list(_grid(y, series.unit)),
        list(_feet(x, series.x_unit)),
        [tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=at, y2=at, class_="limit") for at in _heights(limit, y)],
        _band(columns, x, y) if thinned else None,
        [tag("path", d=line, class_="line") for line in _lines(series, columns, x, y)],
        [_spot(column, x, y, series, dot=len(columns) <= _DOTS) for column in columns],
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_label=f"{name}: {axes}",
    )


def _near_limit(series: Series, columns: Sequence[_Column]) -> list[float]:
    """Return the limit, or nothing where it lies so far above all values that they would be a line on the ground."""
    if series.limit is None or not math.isfinite(series.limit):
        return []
    return [series.limit] if series.limit <= _FAR * max(column.high for column in columns) else []


def _heights(values: Sequence[float], scale: Scale) -> list[str]:
    return [f"{_down(value, scale):.1f}" for value in values]


def _across(value: float, scale: Scale) -> float:
    return _LEFT + scale.place(value) * (_WIDTH - _LEFT - _RIGHT)


def _down(value: float, scale: Scale) -> float:
    return _HEIGHT - _BOTTOM - scale.place(value) * (_HEIGHT - _TOP - _BOTTOM)


def _grid(scale: Scale, unit: str) -> Iterator[ET.Element]:
    for value in scale.ticks():
        at = f"{_down(value, scale):.1f}"
        yield tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=at, y2=at, class_="grid")
        yield tag("text", _words(value, unit), x=_LEFT - 6, y=at, dy="0.32em", text_anchor="end")


def _feet(scale: Scale, unit: str) -> Iterator[ET.Element]:
    for value in scale.ticks():
        at = f"{_across(value, scale):.1f}"
        foot = _HEIGHT - _BOTTOM
        yield tag("line", x1=at, x2=at, y1=foot, y2=foot + 4, class_="axis")
        yield tag("text", _words(value, unit), x=at, y=foot + 18, text_anchor="middle")
    yield tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=foot, y2=foot, class_="axis")


def _words(value: float, unit: str) -> str:
    """Return a value on an axis; what is small must not be rounded to nothing."""
    if unit in _SIZED and (value == 0 or abs(value) >= 1e-6):  # noqa: PLR2004 - a microsecond
        return quantity(float(value), unit)
    return f"{value:.6g} {one_line(unit)}".rstrip()


def _lines(series: Series, columns: Sequence[_Column], x: Scale, y: Scale) -> Iterator[str]:
    """Yield a path for each stretch without a gap: what was not measured is not drawn."""
    gaps = [at for at, value in series.points if not math.isfinite(value)]
    spots = [f"{_across((c.first + c.last) / 2, x):.1f} {_down(c.mean, y):.1f}" for c in columns]
    path = f"M{spots[0]}"
    for (before, after), spot in zip(pairwise(columns), spots[1:], strict=True):
        if any(before.last < gap < after.first for gap in gaps):
            yield path
            path = f"M{spot}"
        else:
            path += f"L{spot}"
    yield path


def _band(columns: Sequence[_Column], x: Scale, y: Scale) -> ET.Element:
    """From the lowest to the highest of each column, so that no peak is lost where many values share one."""
    upper = [f"{_across((c.first + c.last) / 2, x):.1f} {_down(c.high, y):.1f}" for c in columns]
    lower = [f"{_across((c.first + c.last) / 2, x):.1f} {_down(c.low, y):.1f}" for c in reversed(columns)]
    return tag("path", d=f"M{'L'.join((*upper, *lower))}Z", class_="band")


def _spot(column: _Column, x: Scale, y: Scale, series: Series, *, dot: bool) -> ET.Element:
    """A place to point at, which tells its values."""
    wide = (_WIDTH - _LEFT - _RIGHT) / _MOST
    told = tag("title", f"{_when([column], series.x_unit)}: {_told(column, series.unit)}")
    at = _across((column.first + column.last) / 2, x)
    mark = tag("circle", cx=f"{at:.1f}", cy=f"{_down(column.mean, y):.1f}", r="2.5", class_="dot") if dot else None
    area = tag("rect", x=f"{at - wide / 2:.1f}", y=_TOP, width=f"{wide:.1f}", height=_HEIGHT - _TOP - _BOTTOM)
    return tag("g", told, area, mark, class_="spot")


def _when(columns: Sequence[_Column], unit: str) -> str:
    first, last = _words(columns[0].first, unit), _words(columns[-1].last, unit)
    return first if first == last else f"{first} to {last}"


def _told(column: _Column, unit: str) -> str:
    if column.low == column.high:
        return _words(column.mean, unit)
    return f"{_words(column.mean, unit)} on average, {_words(column.low, unit)} to {_words(column.high, unit)}"


def _values(series: Series, name: str, columns: Sequence[_Column], *, thinned: bool) -> ET.Element:
    heads = ("at", "lowest", "mean", "highest") if thinned else ("at", "value")
    rows = []
    for column in columns:
        values = (column.low, column.mean, column.high) if thinned else (column.mean,)
        cells = [tag("td", _words(value, series.unit), class_="number") for value in values]
        rows.append(tag("tr", tag("th", _when([column], series.x_unit), scope="row"), cells))
    table = tag(
        "table",
        tag("caption", name),
        tag("thead", tag("tr", [tag("th", head, scope="col") for head in heads])),
        tag("tbody", rows),
    )
    scrolled = tag("div", table, class_="scroll", tabindex="0", role="region", aria_label=f"Values of {name}")
    return tag("details", tag("summary", "Values as a table"), scrolled, class_="values")
