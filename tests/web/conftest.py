"""The built pages, for tests that look at what a browser gets."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def html(book) -> Path:
    """The folder of the pages."""
    return book.html


@pytest.fixture(scope="session")
def pages(html: Path) -> list[Path]:
    """Every page of the site; templates among static files and downloads are none."""
    folders = {"_static", "downloads"}
    found = [path for path in sorted(html.rglob("*.html")) if not folders & set(path.relative_to(html).parts)]
    assert len(found) > 5
    return found
