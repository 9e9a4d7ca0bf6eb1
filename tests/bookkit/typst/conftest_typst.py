"""Small books set as PDF."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pytest
from small_books import write_ledger
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from bookkit.evidence import bibliography
from bookkit.evidence.ledger import Ledger

CONFIG = {
    "project": "Small",
    "author": "Someone",
    "html_title": "Small book",
    "language": "en-GB",
    "extensions": [
        "myst_nb",
        "sphinx_design",
        "sphinx_exercise",
        "sphinxcontrib.bibtex",
        "sphinx_proof",
        "bookkit.typst",
    ],
    "bibtex_bibfiles": [],
    "myst_enable_extensions": ["dollarmath", "amsmath", "colon_fence", "deflist", "attrs_block", "attrs_inline"],
    "nb_execution_mode": "off",
    "numfig": True,
    "typst_date": "2026-01-02",
    "typst_version": "9.9",
}


def red_dot() -> bytes:
    """Return the smallest PNG."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\x00\xff\x00\x00")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


@dataclass
class Printed:
    """One small book after its build."""

    out: Path
    warnings: str
    app: Sphinx

    def text(self, name: str = "book") -> str:
        """Return the text of a PDF in one line."""
        pages = pypdfium2.PdfDocument(self.out / f"{name}.pdf")
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in pages).split())

    def source(self, name: str = "book") -> str:
        """Return the Typst source of a PDF."""
        return (self.out / "source" / f"{name}.typ").read_text(encoding="utf-8")


class Press:
    """A folder whose pages are set as PDF."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "dot.png").write_bytes(red_dot())
        bibliography.write(Ledger(write_ledger(folder / "evidence")), folder / "references.bib")

    def print(self, index: str, config: dict[str, object] | None = None, **pages: str) -> Printed:
        """Set an index page (Markdown) and others below it."""
        toc = "\n\n```{toctree}\n" + "\n".join(pages) + "\n```\n" if pages else ""
        for name, text in {"index": index + toc, **pages}.items():
            (self.folder / f"{name}.md").write_text(text, encoding="utf-8")
        warnings = io.StringIO()
        with patch_docutils(), docutils_namespace():
            app = Sphinx(
                str(self.folder), None, str(self.folder / "_out"), str(self.folder / "_trees"), "typst",
                confoverrides={**CONFIG, **(config or {})}, status=None, warning=warnings,
            )  # fmt: skip
            app.build()
        return Printed(self.folder / "_out", warnings.getvalue(), app)


@pytest.fixture
def press(tmp_path: Path) -> Press:
    """A press for small books."""
    return Press(tmp_path)
