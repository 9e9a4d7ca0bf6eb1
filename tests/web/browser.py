"""Finds a Chromium on this machine; without one, browser tests skip and say how to get one."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
REQUIRED = "BOOK_BROWSER"
ABSENT = (
    "no Chromium, Chrome or Edge found, so nothing was looked at in a browser: install one "
    "(Debian and Ubuntu: apt install chromium) and run again"
)


def find() -> str | None:
    """Return the path of a browser, or None."""
    commands = (shutil.which(name) for name in COMMANDS)
    return next((path for path in (*commands, *PLACES) if path and Path(path).is_file()), None)


def find_or_skip() -> str:
    """Return the path of a browser, or skip; with BOOK_BROWSER=required, fail."""
    if path := find():
        return path
    if os.environ.get(REQUIRED) == "required":
        pytest.fail(f"{ABSENT}; {REQUIRED}=required forbids to go on without")
    pytest.skip(ABSENT)


def arguments() -> list[str]:
    """Return the browser's arguments: as root, in containers, Chromium starts only without its sandbox."""
    return ["--no-sandbox"] if sys.platform == "linux" and os.geteuid() == 0 else []
