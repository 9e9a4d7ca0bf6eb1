"""Times the PDF edition against Sphinx's own LaTeX route, from the same built doctrees, in the same run.

Build the book first (``make book``), then ``python benchmarks/pdf.py``.
Without a TeX system (xelatex, latexmk) only our own time is printed.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pypdfium2

ROOT = Path(__file__).resolve().parents[1]
RUNS = 3
START = "from jupyter_book.cli.main import main; main()"


def sphinx(builder: str) -> float:
    """Run a builder on the doctrees of the last build; return seconds."""
    started = time.perf_counter()
    command = [sys.executable, "-c", START, "build", str(ROOT), "--builder", "custom", "--custom-builder", builder]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - started


def latex_to_pdf(folder: Path) -> tuple[float, Path]:
    """Compile what the LaTeX builder wrote; return seconds and the PDF."""
    source = next(path for path in folder.glob("*.tex") if "\\documentclass" in path.read_text(encoding="utf-8"))
    started = time.perf_counter()
    command = ["latexmk", "-pdfxe", "-interaction=nonstopmode", "-f", source.name]
    subprocess.run(command, cwd=folder, check=False, capture_output=True)
    return time.perf_counter() - started, source.with_suffix(".pdf")


def pages(path: Path) -> int:
    """Return the number of pages of a PDF."""
    return len(pypdfium2.PdfDocument(path))


def main() -> None:
    """Print both times and their ratio."""
    if not (ROOT / "_build/.doctrees/environment.pickle").is_file():
        sys.exit("build the book first: make book")
    ours = statistics.median(sphinx("typst") for _ in range(RUNS))
    made = sorted((ROOT / "_build/typst").rglob("*.pdf"))
    book = ROOT / "_build/typst/book.pdf"
    print(f"ours: {ours:.1f} s for {len(made)} PDFs, {sum(map(pages, made))} pages (the book has {pages(book)})")
    if not (shutil.which("xelatex") and shutil.which("latexmk")):
        print("no TeX system found (xelatex, latexmk): no ratio")
        return
    written = sphinx("latex")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "latex"
        shutil.copytree(ROOT / "_build/latex", folder)
        compiled, pdf = latex_to_pdf(folder)
        if not pdf.is_file():
            print("LaTeX did not produce a PDF: no ratio")
            return
        theirs = written + compiled
        print(f"LaTeX: {theirs:.1f} s for the book alone, {pages(pdf)} pages")
        print(f"ratio (LaTeX, book alone / ours, book and all handouts): {theirs / ours:.1f}")


if __name__ == "__main__":
    main()
