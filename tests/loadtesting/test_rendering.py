from __future__ import annotations

import json

import pytest

from agentctl.loadtesting.rendering import Request, renderer


def rendered(request, number=1, token="", prefix=""):
    head, _, body = renderer(request, "127.0.0.1:8000", prefix)(number, token).partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    return line, dict(field.split(": ", 1) for field in fields), body


def test_a_plain_get():
    line, fields, body = rendered(Request(path="/chat"))
    assert line == "GET /chat HTTP/1.1"
    assert fields == {"Host": "127.0.0.1:8000", "User-Agent": "agentctl", "Accept": "*/*"}
    assert body == b""


def test_number_and_token_are_filled_in_where_they_may_stand():
    request = Request(
        method="POST",
        path="/v1/{n}?as={token}",
        headers={"Authorization": "Bearer {token}", "X-Number": "{n}"},
        body='{"question": "What is {n}? {token}", "options": {}}',
    )
    line, fields, body = rendered(request, 7, 'a"b/c')
    assert line == "POST /v1/7?as=a%22b%2Fc HTTP/1.1"
    assert fields["Authorization"] == 'Bearer a"b/c'
    assert fields["X-Number"] == "7"
    assert json.loads(body) == {"question": 'What is 7? a"b/c', "options": {}}
    assert int(fields["Content-Length"]) == len(body)


def test_the_length_counts_bytes():
    _, fields, body = rendered(Request(method="POST", path="/", body='"naïve {n}"'), 10)
    assert body == '"naïve 10"'.encode()
    assert fields["Content-Length"] == str(len(body))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_method_that_may_carry_content_says_that_it_has_none(method):
    assert rendered(Request(method=method, path="/"))[1]["Content-Length"] == "0"


def test_a_header_of_the_plan_replaces_ours_whatever_its_case():
    _, fields, _ = rendered(Request(path="/", headers={"user-agent": "me", "HOST": "example.test"}))
    assert fields == {"Host": "example.test", "User-Agent": "me", "Accept": "*/*"}


def test_a_prefix_comes_before_the_path():
    assert rendered(Request(path="/chat"), prefix="/api")[0] == "GET /api/chat HTTP/1.1"
