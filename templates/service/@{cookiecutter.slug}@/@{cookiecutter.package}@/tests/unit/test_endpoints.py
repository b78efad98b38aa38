import pytest
from pydantic import HttpUrl

from ...exceptions import InvalidInputError
from ...services.endpoints import check_endpoint

HOSTS = ("127.0.0.1", "localhost", "*.agents.example")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost/x", "https://one.agents.example"])
def test_listed_hosts_are_asked(url: str) -> None:
    check_endpoint(HttpUrl(url), HOSTS)


def test_no_address_is_this_service() -> None:
    check_endpoint(None, ())


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://169.254.169.254/latest", "not on the list"),
        ("https://agents.example", "not on the list"),
        ("https://agents.example.evil.test", "not on the list"),
        ("https://evil.test#.agents.example", "not on the list"),
        ("http://one.agents.example", "https"),
        ("https://me:secret@one.agents.example", "credentials"),
    ],
)
def test_nobody_else_gets_our_tokens(url: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        check_endpoint(HttpUrl(url), HOSTS)
