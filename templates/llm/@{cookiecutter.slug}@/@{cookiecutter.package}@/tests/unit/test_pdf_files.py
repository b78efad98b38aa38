import json
from pathlib import Path
from unittest import mock

import pytest

from ...exceptions import ConfigurationError
from ...models.documents import Search
from ...services import pdf_files, pdf_text
from ...services.documents import FolderDocuments
from ..fixtures.pdf import encrypted, pdf

PAGES = ("Returning is free within 30 days.", "Gift cards cannot be returned.")


def written(folder: Path, content: bytes, name: str = "returns") -> Path:
    path = folder / f"{name}.pdf"
    path.write_bytes(content)
    return path


async def test_a_pdf_is_a_document_beside_others(tmp_path: Path) -> None:
    written(tmp_path, pdf(*PAGES, title="Returns"))
    (tmp_path / "shipping.md").write_text("# Shipping\n\nA parcel takes 3 days.\n", encoding="utf-8")
    documents = FolderDocuments(tmp_path)
    assert [(one.id, one.title) for one in await documents.all()] == [("returns", "Returns"), ("shipping", "Shipping")]
    (found,) = await documents.search([Search("gift cards", 1)])
    assert [(passage.document_id, passage.text) for passage in found] == [("returns", PAGES[1])]


def test_without_a_title_the_first_line_is_one(tmp_path: Path) -> None:
    assert pdf_text.read(written(tmp_path, pdf(*PAGES)))["title"] == PAGES[0]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no PDF that can be read"),
        (b"%PDF-1.7\n" + b"\xff" * 500, "no PDF that can be read"),
        (pdf(*PAGES)[:300], "no PDF that can be read"),
        (pdf(""), "holds no text"),
        (pdf(*["x"] * 501), "more than 500 pages"),
        (pdf("x", compressed=b"\x00" * 80_000_000), "no PDF that can be read|holds no text"),
        (encrypted(pdf(*PAGES)), "is encrypted"),
    ],
    ids=["empty", "garbage", "cut off", "scanned", "pages", "bomb", "encrypted"],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    path = written(tmp_path, content)
    with mock.patch.object(pdf_files, "_lines", _here), pytest.raises(ConfigurationError, match=problem) as caught:
        FolderDocuments(tmp_path)
    assert str(path) in str(caught.value)


def _here(paths: list[Path]) -> list[str]:
    """Read the files in this process, which is quicker."""
    return [json.dumps(pdf_text.read(path)) + "\n" for path in paths]


def test_sizes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, pdf(*PAGES))
    monkeypatch.setattr(pdf_text, "MAX_CHARS", 40)
    assert "more than 40 characters" in pdf_text.read(path)["problem"]
    monkeypatch.setattr(pdf_text, "MAX_BYTES", 100)
    assert "is larger than" in pdf_text.read(path)["problem"]


@pytest.mark.parametrize("doing", ["import time; time.sleep(60)", "import os; os._exit(9)"])
def test_a_file_that_holds_the_reader_up_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, doing: str) -> None:
    reader = tmp_path / "reader.py"
    reader.write_text(f"print('{{}}', flush=True)\n{doing}\n")
    monkeypatch.setattr(pdf_files, "READER", reader)
    monkeypatch.setattr(pdf_files, "PATIENCE_SECONDS", 1.0)
    with pytest.raises(ConfigurationError, match=r"second\.pdf: takes too long or too much memory"):
        pdf_files.read_pdfs([tmp_path / "first.pdf", tmp_path / "second.pdf"])


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, pdf(*PAGES))
    with mock.patch.dict("sys.modules", {"pypdf": None}), pytest.raises(ConfigurationError, match="the extra 'pdf'"):
        pdf_files.read_pdfs([path])


def test_of_two_documents_with_one_id_none_is_taken(tmp_path: Path) -> None:
    written(tmp_path, pdf(*PAGES))
    (tmp_path / "returns.md").write_text("# Returns\n\nx\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="two documents are named returns"):
        FolderDocuments(tmp_path)
