from __future__ import annotations

import pytest

from agentctl.errors import NoAnswerError, UsageError
from agentctl.loadtesting.plan import Options, Target, is_loopback, planned, target
from agentctl.loadtesting.settings import Settings


def plan(settings=None, **options):
    return planned(Options(**options), Settings(**(settings or {})))


def test_without_a_plan_it_is_five_a_second_for_twenty_seconds():
    found = plan(path="/chat")
    assert (found.schedule.rate, found.schedule.total, found.schedule.duration) == (5, 100, 20)
    assert [gate.text for gate in found.gates] == ["success>95%", "mean<2s", "p95<2s"]
    assert found.max_in_flight == 150
    assert [request.name for request in found.requests] == ["GET /chat"]


def test_options_win_over_settings():
    settings = {"path": "/a", "rate": 10, "duration": "30s", "gates": ("p95<1s",)}
    found = plan(settings)
    assert (found.schedule.rate, found.schedule.total) == (10, 300)
    assert found.gates[0].text == "p95<1s"
    found = plan(settings, path="/b", rate="20", duration="10s", gates=("p99<1s",), timeout=2.0)
    assert (found.schedule.rate, found.schedule.total, found.max_in_flight) == (20, 200, 40)
    assert found.gates[0].text == "p99<1s"
    assert found.requests[0].path == "/b"


def test_a_body_makes_it_a_post_of_json():
    (request,) = plan(path="/chat", body='{"question": "What is {n}?"}', headers=["X-A: b:c"]).requests
    assert request.method == "POST"
    assert request.headers == {"Content-Type": "application/json", "X-A": "b:c"}


def test_the_plans_requests_with_a_header_from_the_command_line():
    table = {"method": "post", "path": "/v1", "headers": {"authorization": "Bearer {token}"}, "body": {"q": "{n}"}}
    found = plan({"requests": (table, {"path": "/health", "weight": 3})}, headers=["Authorization: Bearer mine"])
    assert [(request.name, request.weight) for request in found.requests] == [("POST /v1", 1), ("GET /health", 3)]
    assert found.requests[0].headers == {"Content-Type": "application/json", "Authorization": "Bearer mine"}
    assert found.requests[0].body == '{"q": "{n}"}'
    assert not found.needs_tokens
    assert not found.health_only


@pytest.mark.parametrize(
    ("path", "health"),
    [("/health/ready", True), ("/healthz?x=1", True), ("/api/ping", True), ("/chat", False), ("/health-advice", False)],
)
def test_a_plan_of_health_routes_only_is_known(path, health):
    assert plan(path=path).health_only is health


@pytest.mark.parametrize(
    ("settings", "options", "words"),
    [
        ({}, {}, "no path"),
        ({}, {"method": "POST"}, "belong to --path"),
        ({}, {"path": "chat"}, "must begin with /"),
        ({}, {"path": "/a b"}, "printable ASCII"),
        ({}, {"path": "/a\r\nX: y"}, "printable ASCII"),
        ({}, {"path": "/", "method": "GET /x"}, "not an HTTP method"),
        ({}, {"path": "/", "body": "{"}, "no JSON"),
        ({}, {"path": "/", "headers": ["Authorization"]}, "not NAME: VALUE"),
        ({}, {"path": "/", "headers": ["X: a\nY: b"]}, "not a header"),
        ({}, {"path": "/", "headers": ["Content-Length: 3"]}, "sets this one itself"),
        ({}, {"path": "/", "rate": "fast"}, "--rate"),
        ({}, {"path": "/", "duration": "soon"}, "--duration"),
        ({}, {"path": "/", "timeout": 0.0}, "--timeout"),
        ({}, {"path": "/", "gates": ["p95<1"]}, "p95<1"),
        ({}, {"path": "/", "rate": "100000", "duration": "24h"}, "too many"),
        ({"rate": "fast", "path": "/"}, {}, "[tool.agentctl.loadtest] rate"),
        ({"requests": ({"method": "GET"},)}, {}, "requests[0]: path is missing"),
        ({"requests": ({"path": "/", "weight": 0},)}, {}, "weight"),
        ({"requests": ({"path": "/", "weight": True},)}, {}, "weight"),
        ({"requests": ({"path": "/", "headers": ["a"]},)}, {}, "headers"),
        ({"requests": ({"path": "/", "heders": {}},)}, {}, "unknown key 'heders'"),
        ({"requests": ({"path": "/", "body": {"a": object()}},)}, {}, "body"),
    ],
)
def test_a_bad_plan_is_named(settings, options, words):
    with pytest.raises(UsageError) as caught:
        plan(settings, **options)
    assert words in caught.value.message


@pytest.mark.parametrize("name", ["Authorization", "X-Key"])
def test_a_malformed_header_never_shows_its_value(name):
    with pytest.raises(UsageError) as caught:
        plan(path="/", headers=[f"{name} Bearer s3cret-value"])
    assert "s3cret" not in f"{caught.value.message} {caught.value.hint}"


def test_too_few_requests_are_refused_before_the_run():
    with pytest.raises(NoAnswerError, match="20 requests are too few") as caught:
        plan(path="/", duration="4s")
    assert caught.value.hint == "--duration 10s is enough"
    with pytest.raises(NoAnswerError, match=r"gate p99\.9<1s"):
        plan(path="/", gates=["p99.9<1s"])


def test_max_requests_cuts_the_plan():
    found = plan(path="/", max_requests=60)
    assert (found.schedule.total, found.cut) == (60, True)
    assert not plan(path="/", max_requests=100).cut
    with pytest.raises(NoAnswerError) as caught:
        plan(path="/", max_requests=10)
    assert caught.value.hint == "raise --max-requests"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://127.0.0.1:8000", Target(host="127.0.0.1", port=8000)),
        ("127.0.0.1:8000/", Target(host="127.0.0.1", port=8000)),
        ("https://localhost/api/", Target(scheme="https", host="localhost", port=443, prefix="/api")),
        ("http://[::1]:9", Target(host="::1", port=9)),
    ],
)
def test_a_host_is_read(text, url):
    assert target(Options(host=text)) == url


def test_a_target_reads_as_its_url():
    assert str(Target(host="::1", port=9, prefix="/api")) == "http://[::1]:9/api"
    assert str(Target(host="localhost", port=80)) == "http://localhost"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ftp://127.0.0.1", "no http or https URL"),
        ("http://", "no http or https URL"),
        ("", "no http or https URL"),
        ("http://127.0.0.1:port", "no URL"),
        ("http://127.0.0.1:99999", "no URL"),
        ("http://127.0.0.1/?a=b", "no http or https URL"),
        ("http://me:s3cret@127.0.0.1", "credentials"),
    ],
)
def test_a_bad_host_is_named_and_its_password_is_not(text, words):
    with pytest.raises(UsageError) as caught:
        target(Options(host=text))
    assert words in caught.value.message
    assert "s3cret" not in caught.value.message


def test_a_remote_host_needs_two_words():
    for options in ({}, {"allow_remote": True}, {"max_requests": 100}):
        with pytest.raises(UsageError, match="not this machine"):
            target(Options(host="https://agent.example", **options))
    assert target(Options(host="https://agent.example", allow_remote=True, max_requests=100)).port == 443


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("LOCALHOST", True),
        ("0.0.0.0", False),  # noqa: S104 - only read
        ("10.0.0.1", False),
        ("localhost.evil.test", False),
        ("notlocalhost", False),
    ],
)
def test_what_is_this_machine(host, ours):
    assert is_loopback(host) is ours
