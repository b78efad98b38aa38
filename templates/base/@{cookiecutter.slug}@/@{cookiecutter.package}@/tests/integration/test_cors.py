"""Which web pages may call from a browser."""

import pytest
from httpx2 import Response

from ...config.settings import Settings
from ...exceptions import ConfigurationError
from ...models.identity import Role
from ..fixtures.agents import ScriptedAgent
from ..fixtures.service import Service, make_settings, running

PAGE = "https://chat.example.org"


def allowing(settings: Settings, *origins: str, **more: object) -> Settings:
    return make_settings(settings.state_dir, cors_origins=origins, store=settings.store.model_dump(), **more)


def preflight(service: Service, origin: str) -> Response:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    asked["Access-Control-Request-Headers"] = "authorization,content-type"
    return service.client.options("/v1/answers", headers=asked)


def test_a_named_page_may_call_and_reads_answers_and_problems(settings: Settings) -> None:
    with running(allowing(settings, PAGE), ScriptedAgent()) as service:
        assert preflight(service, PAGE).headers["access-control-allow-origin"] == PAGE
        for headers in (service.headers(Role.CLIENT), {}):
            response = service.client.post("/v1/answers", json={"question": "?"}, headers=headers | {"Origin": PAGE})
            assert response.headers["access-control-allow-origin"] == PAGE
            assert "x-correlation-id" in response.headers["access-control-expose-headers"].lower()
            assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize("origin", ["https://evil.example.org", "https://chat.example.org.evil.org", "null"])
def test_others_may_not(settings: Settings, origin: str) -> None:
    with running(allowing(settings, PAGE), ScriptedAgent()) as service:
        assert "access-control-allow-origin" not in preflight(service, origin).headers


def test_without_a_setting_none_may(service: Service) -> None:
    response = preflight(service, PAGE)
    assert (response.status_code, "access-control-allow-origin" in response.headers) == (405, False)


def test_cookies_go_to_named_pages_alone(settings: Settings) -> None:
    with running(allowing(settings, PAGE, cors_credentials=True), ScriptedAgent()) as service:
        assert preflight(service, PAGE).headers["access-control-allow-credentials"] == "true"
    with pytest.raises(ConfigurationError, match="by name"):
        allowing(settings, "*", cors_credentials=True)
    assert allowing(settings, "*").cors_origins == ("*",)


@pytest.mark.parametrize("origin", ["chat.example.org", "https://a.org/", "ftp://a.org", "https://*.a.org"])
def test_what_is_no_origin_is_refused(settings: Settings, origin: str) -> None:
    with pytest.raises(ConfigurationError, match="CORS_ORIGINS"):
        allowing(settings, origin)


def test_origins_are_taken_as_browsers_write_them(settings: Settings) -> None:
    given = allowing(settings, "HTTPS://Chat.Example.org:443", "http://localhost:5173")
    assert given.cors_origins == (PAGE, "http://localhost:5173")
