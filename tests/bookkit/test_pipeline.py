"""The build command: quick when nothing changed, loud when something is wrong, and nothing half done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_books import write_ledger

from bookkit import pipeline

TOC = """format: jb-book
root: book/start
chapters:
  - file: notebooks/lab
  - file: book/facts
  - file: book/works
"""
CONFIG = """title: Small book
only_build_toc_files: true
execute:
  execute_notebooks: cache
  cache: _build/.jupyter_cache
  stderr_output: error
parse:
  myst_enable_extensions: [dollarmath]
sphinx:
  extra_extensions: [bookkit.evidence, bookkit.typst]
  config:
    bibtex_bibfiles: [references.bib]
    bibtex_reference_style: book
    bibtex_default_style: book
    bibtex_tooltips: false
    nb_execution_show_tb: true
    evidence_gate_exclude: [book/facts, book/works]
    suppress_warnings: [bibtex.duplicate_citation]
"""
START = "# Start\n\nIt was {fact}`median`.\n"
LAB = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3
  language: python
---
# Lab

```{code-cell} ipython3
print("made by the cell", 6 * 7)
```
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A small whole book with one page, one lab, an index and a bibliography."""
    write_ledger(tmp_path / "evidence")
    files = {
        "_toc.yml": TOC, "_config.yml": CONFIG, "requirements.lock": "", "pyproject.toml": "",
        "book/start.md": START, "book/facts.md": "# Facts\n\n```{evidence-index}\n```\n",
        "book/works.md": "# Works\n\n```{bibliography}\n```\n", "notebooks/lab.md": LAB,
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def build(book: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bookkit", "build"], cwd=book, capture_output=True, text=True, check=False,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "400"},
    )  # fmt: skip


def test_one_command_makes_pages_book_and_handouts_and_then_rests(book):
    first = build(book)
    assert first.returncode == 0, first.stdout + first.stderr
    for name in ("html/index.html", "html/notebooks/lab.html", "pdf/book.pdf", "pdf/handouts/lab.pdf"):
        assert (book / "_build" / name).is_file()
    for name in ("html/index.html", "pdf/book.pdf", "pdf/handouts"):
        assert str(book / "_build" / name) in first.stdout
    assert (book / "_build/html/downloads/pdf/book.pdf").read_bytes() == (book / "_build/pdf/book.pdf").read_bytes()
    assert "made by the cell 42" in (book / "_build/html/notebooks/lab.html").read_text(encoding="utf-8")
    made = (book / "_build/pdf/book.pdf").stat().st_mtime_ns
    second = build(book)
    assert "Nothing changed" in second.stdout
    assert (book / "_build/pdf/book.pdf").stat().st_mtime_ns == made


def test_every_mistake_is_reported_at_once_and_again_until_mended(book):
    (book / "book/start.md").write_text("# Start\n\n{fact}`medain`\n\n{cite:p}`nobody2020`\n\nIt took 7 months.\n")
    (book / "notebooks/lab.md").write_text(LAB.replace("6 * 7", "6 / 0"))
    for _ in range(2):
        done = build(book)
        output = done.stdout + done.stderr
        assert done.returncode == 1
        assert "start.md:3: ERROR: {fact}`medain`: unknown fact 'medain' (did you mean median?)" in output
        assert "start.md:5: WARNING: could not find bibtex key" in output
        assert "start.md:7: ERROR: number without a source: '7'" in output
        assert "ZeroDivisionError" in output
        assert not (book / "_build/pdf").exists()
    (book / "book/start.md").write_text(START)
    (book / "notebooks/lab.md").write_text(LAB)
    assert build(book).returncode == 0


def test_a_broken_ledger_stops_the_build_before_any_page(book):
    (book / "evidence/disease.yaml").write_text("facts: [{id: x}]")
    done = build(book)
    assert done.returncode == 1
    assert "disease.yaml: x: field source" in done.stdout
    assert not (book / "_build").exists()


def test_outside_a_book_the_command_says_where_to_go(tmp_path):
    done = build(tmp_path)
    assert done.returncode == 1
    assert "is not inside the book" in done.stdout


def test_the_fingerprint_follows_content_not_time(tmp_path):
    (tmp_path / "a").mkdir()
    file = tmp_path / "a" / "x.txt"
    file.write_text("one")
    first = pipeline.fingerprint(tmp_path, ["a"])
    os.utime(file, (1, 1))
    assert pipeline.fingerprint(tmp_path, ["a"]) == first
    file.write_text("two")
    assert pipeline.fingerprint(tmp_path, ["a"]) != first
