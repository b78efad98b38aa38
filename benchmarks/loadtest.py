"""What the load generator costs: CPU per request against locust's FastHttpUser, and rate against wrk where it is.

    python benchmarks/loadtest.py [PYTHON]

PYTHON is an interpreter with uvicorn and starlette, whose plain route is then the target (a generated agent's has
them); without it the target is a small asyncio server, faster than any agent. Prints two ratios: our CPU per request
over that of FastHttpUser (aim: at most 0.75), and our rate over wrk's (aim against uvicorn: at least 0.9). On a machine
with two cores or more the server is pinned to one and the generators to another. Rounds alternate; the median counts.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROUNDS = 5
REQUESTS = 10_000
USERS = 10
SECONDS = 5

SERVER = """
import asyncio
ANSWER = b"HTTP/1.1 200 OK\\r\\nContent-Length: 15\\r\\n\\r\\n{\\"answer\\":\\"42\\"}"
class Plain(asyncio.Protocol):
    def connection_made(self, transport): self.transport = transport
    def data_received(self, data): self.transport.write(ANSWER * data.count(b"\\r\\n\\r\\n"))
async def main():
    server = await asyncio.get_running_loop().create_server(Plain, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""

UVICORN = """
import socket, uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
async def chat(request): return PlainTextResponse("42")
listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
print(listening.getsockname()[1], flush=True)
app = Starlette(routes=[Route("/chat", chat)])
uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listening])
"""

FAST_HTTP_USER = """
import locust, sys, time, json
from locust.contrib.fasthttp import FastHttpUser
from locust.env import Environment
left = int(sys.argv[2])
class Fast(FastHttpUser):
    host = sys.argv[1]
    @locust.task
    def chat(self):
        global left
        if left <= 0:
            raise locust.exception.StopUser
        left -= 1
        self.client.get("/chat")
environment = Environment(user_classes=[Fast])
runner = environment.create_local_runner()
cpu = time.process_time()
for _ in range(int(sys.argv[3])):
    Fast(environment).start(runner.user_greenlets)
runner.user_greenlets.join()
print(json.dumps({"cpu": time.process_time() - cpu, "requests": environment.stats.total.num_requests,
                  "failures": environment.stats.total.num_failures}))
"""


def pinned(core: int, *command: str) -> list[str]:
    taskset = shutil.which("taskset")
    return [taskset, "-c", str(core), *command] if taskset and (os.cpu_count() or 1) > 1 else list(command)


@contextmanager
def served() -> Iterator[int]:
    command = (sys.argv[1], "-c", UVICORN) if len(sys.argv) > 1 else (sys.executable, "-c", SERVER)
    child = subprocess.Popen(pinned(0, *command), stdout=subprocess.PIPE, text=True)
    try:
        yield int(child.stdout.readline())
    finally:
        child.kill()
        child.wait()


def ours(port: int, total: int = REQUESTS) -> dict[str, float]:
    """Run our generator flat out: a rate that no target holds, with a cap of ``USERS`` under way."""
    job = {
        "scheme": "http", "host": "127.0.0.1", "port": port, "prefix": "", "authority": f"127.0.0.1:{port}",
        "requests": [{"method": "GET", "path": "/chat"}], "rate": 100_000, "total": total, "timeout": 30.0,
        "max_in_flight": USERS, "tokens": [],
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "job.json"
        path.write_text(json.dumps(job), encoding="utf-8")
        command = pinned(1, sys.executable, "-m", "agentctl.loadtesting.generator", str(path))
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    final = json.loads(done.stdout.splitlines()[-1])
    (tally,) = final["tallies"].values()
    assert dict(tally["statuses"]) == {200: total}, tally["errors"]
    return {"cpu": final["cpu"] / total, "rate": total / final["elapsed"]}


def fast_http_user(port: int) -> float:
    url = f"http://127.0.0.1:{port}"
    command = pinned(1, sys.executable, "-c", FAST_HTTP_USER, url, str(REQUESTS), str(USERS))
    done = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert (done["requests"], done["failures"]) == (REQUESTS, 0), done
    return done["cpu"] / REQUESTS


def wrk(port: int) -> float:
    command = pinned(1, "wrk", "-t1", f"-c{USERS}", f"-d{SECONDS}s", f"http://127.0.0.1:{port}/chat")
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(re.search(r"Requests/sec:\s*([\d.]+)", said)[1])


def main() -> None:
    with served() as port:
        pairs = [(ours(port)["cpu"], fast_http_user(port)) for _ in range(ROUNDS)]
        mine, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
        ratio = statistics.median(one / other for one, other in pairs)
        print(f"CPU per request: ours {mine * 1e6:.0f} us, FastHttpUser's {theirs * 1e6:.0f} us, ratio {ratio:.2f}")
        if shutil.which("wrk") is None:
            print("wrk is not installed: no ratio of rates")
            return
        rates = [(ours(port)["rate"], wrk(port)) for _ in range(ROUNDS)]
        ratio = statistics.median(one / other for one, other in rates)
        print(f"rate: ours {rates[-1][0]:,.0f}/s, wrk {rates[-1][1]:,.0f}/s, ratio {ratio:.2f} (>= 0.9)")


if __name__ == "__main__":
    main()
