"""The built pages, for tests that look at what a browser gets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def html(root: Path) -> Path:
    """The folder of the pages, built by the command that readers use; quick when nothing changed."""
    done = subprocess.run(
        [sys.executable, "-m", "bookkit", "build"], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.fail(f"python -m bookkit build failed:\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}")
    return root / "_build/html"


@pytest.fixture(scope="session")
def pages(html: Path) -> list[Path]:
    """Every page of the site; templates among static files and downloads are none."""
    folders = {"_static", "downloads"}
    found = [path for path in sorted(html.rglob("*.html")) if not folders & set(path.relative_to(html).parts)]
    assert len(found) > 5
    return found
