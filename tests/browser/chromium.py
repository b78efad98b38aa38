"""Drives headless Chromium over the DevTools protocol, through a pair of pipes: nothing to install beside the browser.

https://chromedevtools.github.io/devtools-protocol/; with ``--remote-debugging-pipe`` Chromium reads its file descriptor 3
and writes to 4, a JSON message up to each NUL.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--hide-scrollbars", "--force-color-profile=srgb", "--remote-debugging-pipe",
)  # fmt: skip
_HANG = 120  # seconds; a guard against a browser that never answers, not a figure
_CODES = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowDown": 40, "ArrowUp": 38, "Home": 36, "End": 35, " ": 32, "/": 191}


class Browser:
    """One browser process, until ``close``."""

    def __init__(self, folder: Path) -> None:
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_browser, from_browser)]  # clear of 3 and 4
        null = os.open(os.devnull, os.O_RDWR)
        program = next(filter(None, map(shutil.which, PROGRAMS)))
        self._pid = os.posix_spawn(
            program,
            [program, *_FLAGS, f"--user-data-dir={folder}"],
            {**os.environ, "HOME": str(folder)},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, ends[0], 3),
                (os.POSIX_SPAWN_DUP2, ends[1], 4),
                *((os.POSIX_SPAWN_DUP2, null, at) for at in (0, 1, 2)),
            ],
            setpgroup=0,
        )
        for end in (to_browser, from_browser, *ends, null):
            os.close(end)
        self._numbers = count(1)
        self._rest = b""
        self._events: list[dict] = []

    def call(self, method: str, *, session: str | None = None, **params) -> dict:
        """Return what a method answers; events that come meanwhile are kept."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params, **({"sessionId": session} if session else {})}
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self._events.append(answer)

    def events(self, session: str) -> list[dict]:
        """Return what has happened in a page so far."""
        return [event for event in self._events if event.get("sessionId") == session]

    def wait_for(self, session: str, method: str) -> None:
        while not any(event["method"] == method for event in self.events(session)):
            self._events.append(self._message())

    def _message(self) -> dict:
        until = time.monotonic() + _HANG
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"Chromium said nothing for {_HANG} s"
            part = os.read(self._read, 1 << 20)
            assert part, "Chromium ended"
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def close(self) -> None:
        with suppress(AssertionError, OSError):
            self.call("Browser.close")
        with suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._write)
        os.close(self._read)


class Page:
    """One tab with a file in it."""

    def __init__(
        self, browser: Browser, file: Path, *, width: int = 1280, height: int = 900, scheme: str = "light"
    ) -> None:
        self._browser = browser
        self._target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.resize(width, height)
        self.media(scheme)
        self.url = file.as_uri()
        self.call("Page.navigate", url=self.url)
        browser.wait_for(self._session, "Page.loadEventFired")

    def call(self, method: str, **params) -> dict:
        return self._browser.call(method, session=self._session, **params)

    def resize(self, width: int, height: int) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def media(self, scheme: str, kind: str = "") -> None:
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.call("Emulation.setEmulatedMedia", media=kind, features=features)

    def js(self, expression: str):
        """Return the value of an expression, as JSON."""
        done = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def press(self, key: str, modifiers: int = 0) -> None:
        """Press and release a key, as a person would: the browser does what it does by itself."""
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        told = {"key": key, "windowsVirtualKeyCode": _CODES.get(key, ord(key[0].upper())), "modifiers": modifiers}
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **told)
        self.call("Input.dispatchKeyEvent", type="keyUp", **told)

    def type(self, text: str) -> None:
        for one in text:
            self.press(one)

    def click(self, selector: str) -> None:
        """Click the middle of an element with the mouse."""
        box = self.js(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView({{block: 'center'}});"
            "const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def said(self) -> list[str]:
        """Return what the console shows: errors, broken policies, messages."""
        lines = []
        for event in self._browser.events(self._session):
            if event["method"] == "Log.entryAdded":
                lines.append(event["params"]["entry"]["text"])
            elif event["method"] == "Runtime.exceptionThrown":
                lines.append(str(event["params"]["exceptionDetails"]))
            elif event["method"] == "Runtime.consoleAPICalled":
                lines.append(str(event["params"]["args"]))
        return lines

    def requested(self) -> list[str]:
        """Return the addresses that the page asked for, its own not."""
        sent = [e["params"] for e in self._browser.events(self._session) if e["method"] == "Network.requestWillBeSent"]
        return [one["request"]["url"] for one in sent if one["request"]["url"] != self.url]

    def dialogs(self) -> int:
        return sum(e["method"] == "Page.javascriptDialogOpening" for e in self._browser.events(self._session))

    def picture(self, *, whole: bool = False) -> bytes:
        done = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **self._clip(whole=whole))
        return base64.b64decode(done["data"])

    def _clip(self, *, whole: bool) -> dict:
        if not whole:
            return {}
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}}

    def paper(self) -> bytes:
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])

    def close(self) -> None:
        self._browser.call("Target.closeTarget", targetId=self._target)
