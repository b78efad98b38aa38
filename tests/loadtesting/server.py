"""A small HTTP server whose routes misbehave on request: ``server.py PORT [--never-ready] [--die-at-once] …``.

With port 0 it picks one. Prints ``port N`` once it listens. Standard library only: it runs as somebody's service.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

STALL = 1.0
seen: Counter[str] = Counter()


def log(method: str, target: str, headers: dict[str, str], body: bytes) -> None:
    with Path(options.log).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"method": method, "target": target, "headers": headers, "body": body.decode()}) + "\n")


async def answer(method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    path = target.partition("?")[0]
    seen[path] += 1
    number = seen[path]
    if path == "/error":
        return 500, b"boom"
    if path == "/limited":
        return (200, b"ok") if number % 2 else (429, b"slow down")
    if path == "/redirect":
        return 307, b""
    if path == "/hang":
        await asyncio.sleep(3600)
    if path == "/slow":
        await asyncio.sleep(0.3)
    if path == "/stall" and number == 100:
        time.sleep(STALL)  # noqa: ASYNC251 - the whole server stands still, as one does in a garbage collection
    if path == "/leak" and number == 20:
        print("denied:", headers.get("authorization"), os.environ.get("SIGNING_SECRET"), flush=True)
        os._exit(7)
    if path == "/echo" and options.log:
        log(method, target, headers, body)
    if path == "/health/ready" and options.never_ready:
        return 503, b"no database"
    return 200, b"ok"


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, _ = head[0].split(" ")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)
            }
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            status, content = await answer(method, target, headers, body)
            if target == "/half":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf")
                return
            if target == "/without-length":
                writer.write(b"HTTP/1.1 200 OK\r\n\r\nuntil the end")
                return
            if target == "/chunked":
                writer.write(
                    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"
                )
                await writer.drain()
                content = b"0\r\n\r\n"
                writer.write(content)
                continue
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)
            await writer.drain()
            if target == "/close":
                return
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(b"220 mail ready\r\n")
    await writer.drain()
    writer.close()


def remember() -> None:
    if options.leave_daemon:
        daemon = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
        Path(options.leave_daemon).write_text(str(daemon.pid), encoding="utf-8")
    if options.pid:
        Path(options.pid).write_text(str(os.getpid()), encoding="utf-8")


async def main() -> None:
    if options.die_at_once:
        print("cannot open the database", flush=True)
        raise SystemExit(4)
    server = await asyncio.start_server(garbage if options.garbage else serve, "127.0.0.1", options.port, backlog=1024)
    print(f"port {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("--never-ready", action="store_true")
parser.add_argument("--die-at-once", action="store_true")
parser.add_argument("--garbage", action="store_true")
parser.add_argument("--leave-daemon")
parser.add_argument("--log")
parser.add_argument("--pid")
options = parser.parse_args()
remember()
asyncio.run(main())
