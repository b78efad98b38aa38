"""What the server itself does for status streams, before the application gets to see a message."""

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from ...models.identity import Role
from ..fixtures.process import PATIENCE, Running, wait_until


def agents(service: Running, token: str) -> list[dict[str, str]]:
    items: list[dict[str, str]] = service.request("GET", "/v1/agents", Authorization=token).json["items"]
    return items


@pytest.mark.parametrize(("size", "code"), [(100, 1003), (65_537, 1009)], ids=["any message", "one over the limit"])
def test_a_watcher_that_talks_is_cut_off_and_a_large_message_is_not_even_read(
    service: Running, size: int, code: int
) -> None:
    token = service.token(Role.CLIENT)
    wait_until(lambda: agents(service, token) != [], service.process)  # it registers itself soon after its start
    url = f"ws://127.0.0.1:{service.port}/v1/agents/{agents(service, token)[0]['id']}/status"
    with connect(url, additional_headers={"Authorization": token}, proxy=None) as stream:
        assert "snapshot" in str(stream.recv(PATIENCE))
        stream.send("x" * size)
        with pytest.raises(ConnectionClosedError) as closed:
            stream.recv(PATIENCE)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code
