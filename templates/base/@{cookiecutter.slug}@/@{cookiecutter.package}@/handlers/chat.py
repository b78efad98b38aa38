"""The chat page, where it is switched on: one file without a build, which asks the same routes as every client."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

PATH = "/chat"
PAGE = Path(__file__).with_name("chat.html")


def chat_router() -> APIRouter:
    """Return the route of the page; what it may do is told to the browser with it."""
    page = PAGE.read_text(encoding="utf-8")
    headers = security_headers(page)
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    async def chat() -> HTMLResponse:
        """Return the page; it holds nothing that is secret."""
        return HTMLResponse(page, headers=headers)

    return router


def security_headers(page: str) -> dict[str, str]:
    """Return headers that let the page run its own script and style, ask its own host, and nothing else."""
    policy = {
        "default-src": "'none'",
        "script-src": _hashes(page, "script"),
        "style-src": _hashes(page, "style"),
        "img-src": "data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
    }


def _hashes(page: str, element: str) -> str:
    parts = re.findall(rf"<{element}>(.*?)</{element}>", page, flags=re.DOTALL)
    return " ".join(f"'sha256-{b64encode(sha256(part.encode()).digest()).decode()}'" for part in parts)
