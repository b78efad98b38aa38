from __future__ import annotations

import json
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentctl.loadtesting.histogram import Histogram, bucket, resolution, upper_edge


def test_below_two_milliseconds_each_microsecond_has_its_own_bucket():
    assert [bucket(value) for value in range(2048)] == list(range(2048))
    assert [upper_edge(value) for value in range(2048)] == list(range(2048))


@given(st.integers(min_value=0, max_value=10**11))
def test_a_value_lies_in_its_bucket_and_the_bucket_keeps_three_digits(value):
    edge = upper_edge(bucket(value))
    width = round(resolution(value / 1_000_000) * 1_000_000) if value < 10**9 else None
    assert value <= edge <= value + max(1, value // 1024)
    assert bucket(edge) == bucket(value)
    assert bucket(edge + 1) == bucket(value) + 1
    assert width is None or width <= max(1, value // 1000)


def test_percentiles_of_the_first_thousand_milliseconds_by_arithmetic():
    histogram = Histogram()
    for milliseconds in range(1, 1001):
        histogram.record(milliseconds / 1000)
    for percent in (50, 90, 95, 99, 99.9):
        true = math.ceil(Fraction(str(percent)) * 10) / 1000
        assert histogram.percentile(percent) == pytest.approx(true, rel=0.001)
    assert histogram.percentile(100) == histogram.highest == 1.0
    assert histogram.mean == pytest.approx(0.5005)


def test_one_sample_is_every_percentile_and_never_above_the_maximum():
    histogram = Histogram()
    histogram.record(1.2345678)
    assert histogram.percentile(1) == histogram.percentile(99.9) == pytest.approx(1.2345678)
    assert histogram.percentile(99.9) <= histogram.highest


def test_without_a_sample_nothing_is_known():
    assert Histogram().percentile(50) is None
    assert Histogram().mean is None


def test_a_negative_duration_counts_as_zero():
    histogram = Histogram()
    histogram.record(-0.001)
    assert histogram.percentile(50) == 0.0


@given(st.lists(st.floats(min_value=0, max_value=3600), min_size=1), st.lists(st.floats(min_value=0, max_value=3600)))
def test_two_merged_are_as_one_that_saw_all_even_across_a_pipe(first, second):
    one, other, whole = Histogram(), Histogram(), Histogram()
    for seconds in first:
        one.record(seconds)
        whole.record(seconds)
    for seconds in second:
        other.record(seconds)
        whole.record(seconds)
    merged = Histogram.from_json(json.loads(json.dumps(one.merge([other]).to_json())))
    assert merged.counts == whole.counts
    assert merged.highest == whole.highest
    assert merged.total == pytest.approx(whole.total)


@pytest.mark.parametrize("values", [{}, {"counts": 3, "total": 1, "highest": 1}])
def test_what_is_no_histogram_is_refused(values):
    with pytest.raises((KeyError, TypeError)):
        Histogram.from_json(values)
