"""Pages ask nobody for anything but their own site, and the offline copy works without any network."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bookkit.web.offline import FOLDER

CHAPTER = "book/01-pleura-asbestos-mesothelioma.html"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 900}
LAB = "notebooks/01-epidemic-after-the-ban.html"


class Traffic:
    """What a page asked for, what failed, and what its scripts complained of."""

    def __init__(self, page: Any, own: str) -> None:
        self.outside: set[str] = set()
        self.failed: set[str] = set()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self._own = own
        page.route("**/*", self._judge)
        page.on("requestfailed", self._fail)
        page.on("response", lambda answer: answer.status >= 400 and self.failed.add(f"{answer.url}: {answer.status}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.complaints.append(message.text))

    def _judge(self, route: Any) -> None:
        url = route.request.url
        self.asked.append(url)
        if url.startswith(self._own) or urlsplit(url).scheme in ("data", "blob"):
            route.continue_()
        else:
            self.outside.add(url)
            route.abort()

    def _fail(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # so the browser says when it leaves a page that still loads
            self.failed.add(f"{request.url}: {request.failure}")

    def problems(self) -> list[str]:
        return [*sorted(self.outside | self.failed), *self.complaints]


def test_no_page_asks_outside_and_no_request_fails(html, pages, site, open_page):
    problems = {}
    page = open_page(WIDE["width"])
    traffic = Traffic(page, site)
    for path in pages:
        name = path.relative_to(html).as_posix()
        page.goto(site + name)
        page.wait_for_load_state("networkidle")
        page.set_viewport_size(NARROW)
        page.evaluate("new Promise(requestAnimationFrame)")  # time to ask for what only a narrow page needs
        page.set_viewport_size(WIDE)
        if found := traffic.problems():
            problems[name] = found
            traffic.outside, traffic.failed, traffic.complaints = set(), set(), []
    assert len(traffic.asked) > len(pages)
    assert problems == {}


def test_a_request_outside_would_be_seen(site, open_page):
    page = open_page()
    traffic = Traffic(page, site)
    page.goto(site + CHAPTER)
    page.evaluate("new Image().src = 'http://192.0.2.1/pixel.png'")
    page.wait_for_timeout(300)
    assert traffic.outside == {"http://192.0.2.1/pixel.png"}


def test_formulas_are_drawn_with_the_book_s_own_font(site, open_page):
    page = open_page()
    page.goto(site + LAB)
    page.evaluate("document.fonts.ready")
    loaded = page.evaluate("[...document.fonts].filter(font => font.status === 'loaded').map(font => font.family)")
    assert "STIX Two Math" in [family.strip('"') for family in loaded]


def test_no_letter_of_an_icon_font_is_shown(html, pages, site, open_page):
    page = open_page()
    for path in pages:
        page.goto(site + path.relative_to(html).as_posix())
        letters = page.evaluate(
            """() => [...document.querySelectorAll('body *')].flatMap(element => ['::before', '::after']
                .map(part => getComputedStyle(element, part).content)
                .filter(content => /[\\ue000-\\uf8ff]/.test(content))
                .map(content => element.className + ': ' + content))"""
        )
        assert letters == [], path.name


@pytest.fixture(scope="module")
def copy(html: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The offline copy as a reader unpacks it, in a folder with a space and an accent in its name."""
    folder = tmp_path_factory.mktemp("Téléchargements du cours")
    with zipfile.ZipFile(html.parent / "offline.zip") as archive:
        archive.extractall(folder)
    return folder / FOLDER


def test_the_offline_copy_opens_and_finds_words_from_the_file_system(copy, open_page):
    page = open_page(offline=True)
    traffic = Traffic(page, "file:")
    page.goto((copy / "index.html").as_uri())
    page.wait_for_url("**/book/00-welcome.html")
    page.goto((copy / CHAPTER).as_uri())
    page.keyboard.press("Control+k")
    page.locator("#pst-search-dialog input").fill("latency")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=latency")
    page.locator(".search-summary", has_text="Search finished").wait_for()
    results = page.locator("#search-results ul.search > li")
    assert results.count() >= 1
    assert "latency" in results.locator("p.context").first.inner_text().lower()
    results.locator("a").first.click()
    page.locator("article h1").first.wait_for()
    assert "latency" in page.locator("article").inner_text().lower()
    assert traffic.problems() == []


def test_every_page_of_the_offline_copy_works_from_the_file_system(copy, html, pages, open_page):
    page = open_page(offline=True)
    traffic = Traffic(page, "file:")
    for path in pages:
        page.goto((copy / path.relative_to(html)).as_uri())
        page.wait_for_load_state("load")
    assert traffic.problems() == []


def test_cards_and_themes_work_from_the_file_system(copy, open_page):
    page = open_page(offline=True)
    page.goto((copy / CHAPTER).as_uri())
    page.locator("a.fact").first.click()
    page.locator("#evidence-card").wait_for(state="visible")
    page.locator("#evidence-card .card-close").click()
    before = page.evaluate("document.documentElement.dataset.mode")
    page.locator(".theme-switch-button").first.click()
    assert page.evaluate("document.documentElement.dataset.mode") != before
