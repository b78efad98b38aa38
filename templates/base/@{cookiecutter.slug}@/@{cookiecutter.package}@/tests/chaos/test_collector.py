"""The collector of spans fails: nobody who asks notices."""

from pathlib import Path

from ...models.identity import Role
from ..fixtures.faulty import faulty, silence
from ..fixtures.process import serving


def test_answers_do_not_wait_for_a_silent_collector(tmp_path: Path) -> None:
    with faulty(silence) as collector, serving(tmp_path, OTLP_ENDPOINT=f"{collector.address}/v1/traces") as service:
        token = service.token(Role.CLIENT)
        for number in range(3):
            body = {"question": f"What is agent {number}?"}
            assert service.request("POST", "/v1/answers", body, Authorization=token).status == 200
        service.process.terminate()
        output = service.end()
    assert '"event": "stopped"' in output
