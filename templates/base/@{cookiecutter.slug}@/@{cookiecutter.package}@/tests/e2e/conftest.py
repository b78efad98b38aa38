from collections.abc import Iterator

import pytest

from ..fixtures.process import Running, serving


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One process for all tests that do not stop it."""
    with serving(tmp_path_factory.mktemp("service"), ENVIRONMENT="production", CHAT_PAGE="true") as running:
        yield running
