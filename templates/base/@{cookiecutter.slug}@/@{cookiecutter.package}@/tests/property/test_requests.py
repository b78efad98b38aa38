"""Whatever comes in is either understood or refused, and never breaks anything."""

import asyncio
import json
import string
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ...models.answer import Question
from ...models.identity import Role
from ...utils.correlation import correlation_id
from ..fixtures.asgi import call
from ..fixtures.shipped import Shipped, shipped

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
LIKE_A_QUESTION = st.fixed_dictionaries({"question": ANY_JSON}) | st.dictionaries(st.text(), ANY_JSON, max_size=3)


SPACES = "".join(char for char in map(chr, range(0x3001)) if char.isspace() and not "\x1c" <= char <= "\x1f")


@given(st.text(max_size=200) | st.builds("{}{}".format, st.text(), st.just("x" * 3_990)))
def test_a_question_is_a_text_with_something_in_it(text: str) -> None:
    fits = 0 < len(text.strip(SPACES)) <= 4_000
    try:
        question = Question(question=text)
    except ValidationError:
        assert not fits
    else:
        assert question.question == text.strip(SPACES)
        assert Question(question=question.question) == question


@given(st.text() | st.none())
def test_a_correlation_id_is_always_a_short_plain_word(given_id: str | None) -> None:
    plain = set(string.ascii_letters + string.digits + "._-")
    chosen = correlation_id(given_id)
    assert 0 < len(chosen) <= 64
    assert set(chosen) <= plain
    if given_id and len(given_id) <= 64 and set(given_id) <= plain:
        assert chosen == given_id


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shipped]:
    with shipped(tmp_path_factory.mktemp("property")) as service:
        yield service


@given(body=ANY_JSON | LIKE_A_QUESTION)
def test_no_json_breaks_the_service(service: Shipped, body: object) -> None:
    headers = service.headers(Role.CLIENT) | {"Content-Type": "application/json"}
    response = service.client.post("/v1/answers", content=json.dumps(body), headers=headers)
    assert response.status_code in {200, 422}
    assert response.json()


@given(path=st.text(string.printable, max_size=60), method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]))
def test_no_path_gives_a_stranger_more_than_is_open(service: Shipped, path: str, method: str) -> None:
    reply = asyncio.run(call(service.app, method, f"/{path.lstrip('/')}"))
    assert reply.status in {200, 400, 401, 404, 405, 422} | {307}
    assert reply.status != 200 or path.strip("/") in {"health/live", "health/ready", "metrics"}
