"""What the server itself does for status streams, before the application gets to see a message."""

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from ...models.identity import Role
from ..fixtures.process import PATIENCE, Running


@pytest.mark.parametrize(("size", "code"), [(100, 1003), (65_537, 1009)], ids=["any message", "one over the limit"])
def test_a_watcher_that_talks_is_cut_off_and_a_large_message_is_not_even_read(
    service: Running, size: int, code: int
) -> None:
    token = service.token(Role.CLIENT)
    (agent, *_) = service.request("GET", "/v1/agents", Authorization=token).json["items"]
    url = f"ws://127.0.0.1:{service.port}/v1/agents/{agent['id']}/status"
    with connect(url, additional_headers={"Authorization": token}, proxy=None) as stream:
        assert "snapshot" in str(stream.recv(PATIENCE))
        stream.send("x" * size)
        with pytest.raises(ConnectionClosedError) as closed:
            stream.recv(PATIENCE)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code
