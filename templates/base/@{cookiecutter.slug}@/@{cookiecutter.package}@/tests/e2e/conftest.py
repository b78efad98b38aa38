from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from ..fixtures.process import Running, serving


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One process for all tests that do not stop it; it tells what it loads."""
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONPROFILEIMPORTTIME", "1")
            folder = tmp_path_factory.mktemp("service")
            running = stack.enter_context(serving(folder, ENVIRONMENT="production", CHAT_PAGE="true"))
        yield running
