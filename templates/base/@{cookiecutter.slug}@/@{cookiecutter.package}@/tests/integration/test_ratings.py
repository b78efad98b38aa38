"""A client's list of sessions, their names, and ratings of answers, by the public routes."""

from typing import Any

from ...config.settings import Settings
from ...models.identity import Role
from ..fixtures.service import Service


def send(service: Service, method: str, path: str, body: object = None, subject: str = "ann") -> tuple[int, Any]:
    headers = service.headers(Role.CLIENT, subject=subject)
    response = service.client.request(method, path, json=body, headers=headers)
    return response.status_code, response.json() if response.content else None


def say(service: Service, session: str, question: str = "Why?", subject: str = "ann") -> str:
    status, answer = send(service, "POST", "/v1/answers", {"question": question, "session_id": session}, subject)
    assert status == 200
    return f"/v1/sessions/{session}/turns/{answer['turn_id']}/rating"


def test_an_answer_names_its_turn_only_when_it_is_kept(service: Service) -> None:
    assert send(service, "POST", "/v1/answers", {"question": "Why?"})[1]["turn_id"] is None
    say(service, "s")
    (turn,) = send(service, "GET", "/v1/sessions/s")[1]["turns"]
    assert len(turn["turn_id"]) == 32


def test_a_client_finds_names_and_forgets_its_sessions(service: Service, settings: Settings) -> None:
    for session, question in (("one", "How long?"), ("two", "How much?"), ("three", "Where?")):
        say(service, session, question)
    status, page = send(service, "GET", "/v1/sessions?limit=2")
    assert status == 200
    assert [(item["session_id"], item["name"]) for item in page["items"]] == [("three", "Where?"), ("two", "How much?")]
    _, rest = send(service, "GET", f"/v1/sessions?cursor={page['next_cursor']}")
    assert [item["session_id"] for item in rest["items"]] == ["one"]
    assert rest["next_cursor"] is None

    status, changed = send(service, "PATCH", "/v1/sessions/two", {"name": "  The price "})
    assert (status, changed["name"], changed["turns"]) == (200, "The price", 1)
    assert send(service, "GET", "/v1/sessions/two")[1]["name"] == "The price"
    assert send(service, "PATCH", "/v1/sessions/two", {"name": None})[1]["name"] == "How much?"
    assert send(service, "DELETE", "/v1/sessions/two")[0] == 204
    assert send(service, "PATCH", "/v1/sessions/two", {"name": "Again"})[0] == 404
    assert send(service, "GET", "/v1/sessions/two")[1] == {"session_id": "two", "name": None, "turns": []}
    trail = (settings.state_dir / "audit.jsonl").read_text()
    assert trail.count('"sessions:rename"') == 2
    assert "The price" not in trail


def test_a_name_is_one_line_and_a_page_is_one_that_was_told(service: Service) -> None:
    say(service, "s")
    names: list[object] = [{}, {"name": ""}, {"name": "a\nb"}, {"name": "x" * 201}, {"name": "x", "turns": 1}]
    assert {send(service, "PATCH", "/v1/sessions/s", body)[0] for body in names} == {422}
    pages = ("cursor=x", "cursor=1", "cursor=99999999999999999999.s", "limit=0", "limit=201")
    assert {send(service, "GET", f"/v1/sessions?{query}")[0] for query in pages} == {422}


def test_an_answer_is_rated_once_and_the_rating_changed(service: Service, settings: Settings) -> None:
    path = say(service, "s")
    assert send(service, "PUT", path, {"score": 1})[0] == 404
    assert send(service, "POST", path, {"score": 5, "comment": "Right!"}) == (201, {"score": 5, "comment": "Right!"})
    status, problem = send(service, "POST", path, {"score": 1})
    assert (status, problem["type"]) == (409, "urn:problem:conflict")
    assert send(service, "PUT", path, {"score": 2})[0] == 200
    (turn,) = send(service, "GET", "/v1/sessions/s")[1]["turns"]
    assert turn["rating"] == {"score": 2, "comment": None}
    counted = service.client.get("/metrics").text
    assert 'agent_ratings_total{score="5"} 1.0' in counted
    assert 'agent_ratings_total{score="2"} 1.0' in counted
    trail = (settings.state_dir / "audit.jsonl").read_text()
    assert [trail.count(action) for action in ('"ratings:give"', '"ratings:change"', "Right!")] == [1, 1, 0]


def test_a_score_is_a_whole_number_from_1_to_5(service: Service) -> None:
    path = say(service, "s")
    scores = (0, 6, "5", 4.5, True, None)
    assert {send(service, "POST", path, {"score": score})[0] for score in scores} == {422}
