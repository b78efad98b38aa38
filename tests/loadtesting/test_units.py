from __future__ import annotations

import pytest

from agentctl.errors import UsageError
from agentctl.loadtesting import units


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("1m30s", 90), ("500ms", 0.5), ("2h", 7200), ("45", 45), (2.5, 2.5), (20, 20)]
)
def test_a_duration_is_read(text, seconds):
    assert units.duration(text, "--duration") == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "0", "0s", "-5s", "30 seconds", "s", "25h", "inf", "nan", "1e3", "s30"])
def test_what_is_no_duration_is_refused_by_name(text):
    with pytest.raises(UsageError, match="--duration"):
        units.duration(text, "--duration")


@pytest.mark.parametrize("text", ["", "0", "-1", "fast", "nan", "inf", "100001", "5/m"])
def test_what_is_no_rate_is_refused_by_name(text):
    with pytest.raises(UsageError, match="--rate"):
        units.rate(text, "--rate")


@pytest.mark.parametrize(("text", "rate"), [("5", 5), ("0.5", 0.5), ("200/s", 200), (3, 3)])
def test_a_rate_is_read(text, rate):
    assert units.rate(text, "--rate") == rate


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.000001, "1 us"),
        (0.00085, "850 us"),
        (0.0009996, "1 ms"),
        (0.41234, "412 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1 s"),
        (1.951, "1.95 s"),
        (99.96, "100 s"),
        (1234.5, "1234 s"),
    ],
)
def test_a_duration_shows_three_digits(seconds, shown):
    assert units.show_seconds(seconds) == shown


@pytest.mark.parametrize(
    ("percent", "shown"),
    [(100, "100 %"), (0, "0 %"), (99.999, "99.99 %"), (95, "95 %"), (99.5, "99.5 %"), (33.333, "33.33 %")],
)
def test_a_percentage_never_rounds_up_to_all(percent, shown):
    assert units.show_percent(percent) == shown


@pytest.mark.parametrize(
    ("rate", "shown"), [(4.981, "4.98/s"), (999.4, "999/s"), (999.95, "1,000/s"), (12_345.6, "12,346/s")]
)
def test_a_rate_is_shown_without_an_exponent(rate, shown):
    assert units.show_rate(rate) == shown
