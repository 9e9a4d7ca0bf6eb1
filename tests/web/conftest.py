"""The built pages, for tests that look at what a browser gets."""

from __future__ import annotations

import functools
import http.server
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))
import browser


@pytest.fixture(scope="session")
def html(book) -> Path:
    """The folder of the pages."""
    return book.html


@pytest.fixture(scope="session")
def pages(html: Path) -> list[Path]:
    """Every page of the site; templates among static files, downloads and mere redirections are none."""
    folders = {"_static", "downloads"}
    files = [path for path in sorted(html.rglob("*.html")) if not folders & set(path.relative_to(html).parts)]
    found = [path for path in files if "<body" in path.read_text(encoding="utf-8")]
    assert len(found) > 5
    return found


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves without a line for each request."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="package")
def site(html: Path) -> Iterator[str]:
    """The address of the pages on a server of this machine."""
    handler = functools.partial(_Quiet, directory=str(html))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


# Not for the whole session: while Playwright runs, no other test could start an event loop of its own.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A browser, or a skip that says how to get one."""
    path = browser.find_or_skip()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=browser.arguments())
        yield started
        started.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Give pages of fresh browsers, by width and theme, which remember nothing and report their requests."""
    contexts = []

    def new(width: int = 1280, theme: str = "light", **options: object) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce", **options
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        return context.new_page()

    yield new
    for context in contexts:
        context.close()
