"""Sessions, names and ratings are their owner's: others neither see nor change them, nor tell that they are there."""

import pytest

from ...models.identity import Role
from ..fixtures.service import Service


@pytest.fixture
def rating(service: Service) -> str:
    """Where the rating of an answer to ann is."""
    headers = service.headers(Role.CLIENT, subject="ann")
    body = {"question": "My number is 4711.", "session_id": "s"}
    turn = service.client.post("/v1/answers", json=body, headers=headers).json()["turn_id"]
    return f"/v1/sessions/s/turns/{turn}/rating"


def test_the_list_of_one_shows_nothing_of_another(service: Service, rating: str) -> None:
    assert rating
    for subject in ("eve", "Ann", "ann ", "an%", "admin"):
        headers = service.headers(Role.ADMIN, subject=subject)
        assert service.client.get("/v1/sessions", headers=headers).json() == {"items": [], "next_cursor": None}


def test_what_is_anothers_looks_as_if_it_were_not_there(service: Service, rating: str) -> None:
    eve, nowhere = service.headers(Role.CLIENT, subject="eve"), f"/v1/sessions/s/turns/{'0' * 32}/rating"
    for method, path, made_up, body in (
        ("PATCH", "/v1/sessions/s", "/v1/sessions/none", {"name": "mine"}),
        ("POST", rating, nowhere, {"score": 1}),
        ("PUT", rating, nowhere, {"score": 1}),
    ):
        theirs, none = (service.client.request(method, url, json=body, headers=eve) for url in (path, made_up))
        assert theirs.status_code == none.status_code == 404
        assert theirs.json()["detail"] == none.json()["detail"]
    session = service.client.get("/v1/sessions/s", headers=service.headers(Role.CLIENT, subject="ann")).json()
    assert session["name"] == "My number is 4711."
    assert session["turns"][0]["rating"] is None


def test_a_turn_is_named_by_its_id_alone(service: Service, rating: str) -> None:
    assert rating
    headers = service.headers(Role.CLIENT, subject="ann")
    for turn in ("0", "../x", "' OR 1=1 --", "0" * 33, "%", "%25"):
        path = f"/v1/sessions/s/turns/{turn}/rating"
        assert service.client.post(path, json={"score": 1}, headers=headers).status_code in {404, 405, 422}
