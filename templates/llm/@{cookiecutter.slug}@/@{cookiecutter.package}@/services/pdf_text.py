"""Prints the text of PDF files, a line of JSON for each: ``python -P pdf_text.py FILE…``.

It runs in a process of its own (``pdf_files.py``), which has no variables, little memory and little time: a file that
is made to harm harms nothing else. Of the project it imports nothing.
"""

import contextlib
import json
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

MAX_BYTES = 20_000_000
MAX_PAGES = 500
MAX_CHARS = 1_000_000
MAX_MEMORY_BYTES = 1_000_000_000
MAX_CPU_SECONDS = 60


def main(paths: Sequence[str]) -> None:
    """Print what is in the files, in their order."""
    for kind, most in ((resource.RLIMIT_AS, MAX_MEMORY_BYTES), (resource.RLIMIT_CPU, MAX_CPU_SECONDS)):
        with contextlib.suppress(ValueError, OSError):  # not every system has every bound
            resource.setrlimit(kind, (most, most))
    for path in paths:
        sys.stdout.write(json.dumps(read(Path(path))) + "\n")
        sys.stdout.flush()


def read(path: Path) -> dict[str, str]:
    """Return ``title`` and ``text`` of a file, or its ``problem``."""
    if path.stat().st_size > MAX_BYTES:
        return {"problem": f"is larger than {MAX_BYTES // 1_000_000} MB"}
    try:
        return _read(path)
    except (Exception, MemoryError) as error:  # noqa: BLE001  # nobody knows what a broken file brings about
        return {"problem": f"is no PDF that can be read ({type(error).__name__})"}


def _read(path: Path) -> dict[str, str]:
    from pypdf import PdfReader

    reader = PdfReader(path)
    if reader.is_encrypted:
        return {"problem": "is encrypted"}
    if len(reader.pages) > MAX_PAGES:
        return {"problem": f"has more than {MAX_PAGES} pages"}
    pages: list[str] = []
    for page in reader.pages:
        pages.append(page.extract_text())
        if sum(map(len, pages)) > MAX_CHARS:
            return {"problem": f"has more than {MAX_CHARS} characters"}
    text = "\n\n".join(page.strip() for page in pages if page.strip())
    if not text:
        return {"problem": "holds no text: scanned pages have to be recognized first"}
    title = (reader.metadata.title if reader.metadata else None) or text.partition("\n")[0]
    return {"title": str(title).strip()[:200], "text": text}


if __name__ == "__main__":
    main(sys.argv[1:])
