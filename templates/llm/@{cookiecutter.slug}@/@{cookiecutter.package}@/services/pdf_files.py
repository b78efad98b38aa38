"""PDF files as documents; read by a process of its own, once, at the start."""

import json
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from ..exceptions import ConfigurationError
from ..models.documents import Document
from ..utils.text import sanitize

READER = Path(__file__).with_name("pdf_text.py")
PATIENCE_SECONDS = 120.0


def read_pdfs(paths: Sequence[Path]) -> list[Document]:
    """Return the documents of PDF files; a file's name is the document's id.

    Raises:
        ConfigurationError: A file cannot be read, is too large or holds no text, or the package is missing.
    """
    if not paths:
        return []
    if find_spec("pypdf") is None:
        message = f"{paths[0]}: PDF files need their package: install the extra 'pdf'"
        raise ConfigurationError(message)
    lines = _lines(paths)
    if len(lines) < len(paths):
        message = f"{paths[len(lines)]}: takes too long or too much memory to read"
        raise ConfigurationError(message)
    return [_document(path, json.loads(line)) for path, line in zip(paths, lines, strict=True)]


def _lines(paths: Sequence[Path]) -> list[str]:
    """Return what the reader printed, for as many files as it came to."""
    command = [sys.executable, "-P", str(READER), *(str(path.absolute()) for path in paths)]
    try:
        done = subprocess.run(  # noqa: S603  # our own file, no shell, no variables
            command, env={}, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_SECONDS, check=False
        )
        printed = done.stdout
    except subprocess.TimeoutExpired as error:
        printed = error.stdout or b""
    return [line for line in printed.decode("utf-8").splitlines(keepends=True) if line.endswith("\n")]


def _document(path: Path, content: dict[str, str]) -> Document:
    if "problem" in content:
        message = f"{path}: {content['problem']}"
        raise ConfigurationError(message)
    return Document(id=path.stem, title=sanitize(content["title"]), text=sanitize(content["text"]))
