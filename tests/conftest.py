"""Shared by all tests: where the book is, and the book that one build made."""

from __future__ import annotations

import functools
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """While the first test makes its worker build the book, have the others run what needs no book."""
    on_book = [item for item in items if "book" in item.fixturenames]
    without = [item for item in items if "book" not in item.fixturenames]
    items[:] = on_book[:1] + without + on_book[1:]


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the book."""
    return ROOT


@dataclass(frozen=True)
class Book:
    """What one build made."""

    build: Path
    html: Path
    pdf: Path
    docnames: tuple[str, ...]

    def page(self, docname: str) -> BeautifulSoup:
        """Return a page as a browser gets it; copy what you mean to change, since others look at it too."""
        return self.parsed(self.html / f"{docname}.html")

    @staticmethod
    @functools.cache
    def parsed(path: Path) -> BeautifulSoup:
        """Return a file of HTML; parsing takes a second or more, so each is parsed once."""
        return BeautifulSoup(path.read_text(encoding="utf-8"), "lxml")

    def article(self, docname: str) -> BeautifulSoup:
        """Return what a page says, without navigation."""
        return self.page(docname).select_one("article.bd-article")


def _docnames(root: Path) -> tuple[str, ...]:
    toc = (root / "_toc.yml").read_text(encoding="utf-8")
    yaml.safe_load(toc)
    return tuple(re.findall(r"(?:root|file):\s*(\S+)", toc))


@pytest.fixture(scope="session")
def book(root: Path) -> Book:
    """The whole book, built by the command that readers use; quick when nothing changed."""
    # Of several workers the first builds, and the others find it done.
    with FileLock(root / ".build.lock"):
        done = subprocess.run(
            [sys.executable, "-m", "bookkit", "build"], cwd=root, capture_output=True, text=True, check=False
        )
    if done.returncode:
        pytest.fail(f"python -m bookkit build failed:\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}")
    return Book(root / "_build", root / "_build/html", root / "_build/pdf", _docnames(root))
