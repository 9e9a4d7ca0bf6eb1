"""Pages are light: what a first visit transfers, figures apart, reckoned from the pages and the files they name."""

from __future__ import annotations

import gzip
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from bookkit.web import weight

BUDGET = 300_000
BUDGET_WITH_MATHEMATICS = 600_000
ALREADY_COMPRESSED = {".woff2", ".png", ".webp"}


@cache
def transferred(path: Path) -> int:
    """Return the bytes of a file as a server sends it."""
    content = path.read_bytes()
    return len(content) if path.suffix in ALREADY_COMPRESSED else len(gzip.compress(content, 6, mtime=0))


def local(base: Path, address: str) -> Path:
    return (base.parent / unquote(urlsplit(address).path)).resolve()


@cache
def loaded(page: Path) -> set[Path]:
    """Return the page, its scripts and styles, and whatever the styles may load."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "lxml")
    links = soup.select("link[rel=stylesheet], link[rel=preload], link[rel=icon]")
    addresses = [link["href"] for link in links] + [script["src"] for script in soup.select("script[src]")]
    files = {local(page, address) for address in addresses}
    for style in [file for file in files if file.suffix == ".css"]:
        named = re.findall(r"url\(['\"]?(?!data:)([^)'\"]+)", style.read_text(encoding="utf-8"))
        # Old formats stand second in a font's list; a browser takes the first that it knows.
        files |= {file for name in named if (file := local(style, name)).is_file() and file.suffix != ".ttf"}
    return {page, *files}


def measure(page: Path) -> int:
    return sum(transferred(file) for file in loaded(page))


def test_no_page_is_heavier_than_its_budget(html, pages):
    heavy = {}
    for page in pages:
        budget = BUDGET_WITH_MATHEMATICS if "<math" in page.read_text(encoding="utf-8") else BUDGET
        if (size := measure(page)) > budget:
            heavy[page.relative_to(html).as_posix()] = f"{size} bytes of {budget}"
    assert heavy == {}


def test_every_file_that_a_page_loads_is_its_own_and_there(html, pages):
    for page in pages:
        for file in loaded(page):
            assert file.is_file(), f"{page.name} loads {file}"
            assert html in file.parents


def test_the_search_index_is_loaded_by_the_search_page_alone(html, pages):
    loading = {page.name for page in pages if html / "searchindex.js" in loaded(page)}
    assert loading == {"search.html"}


def test_no_page_loads_an_icon_script_or_a_kernel_starter(html, pages):
    for page in pages:
        text = page.read_text(encoding="utf-8").lower()
        assert "fontawesome" not in text
        assert "thebe" not in text
        assert "mathjax-script" not in text
    assert not list(html.rglob("fontawesome*.js"))
    assert not list(html.rglob("fa-*.woff2"))


def test_only_the_letters_of_the_icon_font_leave_the_theme_s_styles(html):
    css = (
        '.fa-0{--fa:"0"}.fa-car,.fa-auto{--fa:"\\f1b9"}.fa-lg{font-size:1.25em}'
        "@font-face{font-display:block;font-family:Font Awesome\\ 6 Free;src:url(x)}"
        "@font-face{font-family:Own;src:url(y)}"
        'a:before{content:"\\f1b9"}'
    )
    assert weight.without_icon_letters(css) == (
        '.fa-lg{font-size:1.25em}@font-face{font-family:Own;src:url(y)}a:before{content:"\\f1b9"}'
    )
    shipped = (html / "_static" / weight.ICON_STYLES).read_text(encoding="utf-8")
    assert not re.search(r"@font-face\{[^}]*Font ?Awesome", shipped)
    assert ".fa-car" not in shipped
    assert "--pst-color-link" in shipped


def test_every_icon_on_a_page_has_a_shape(html, pages):
    sizes = {"fa-lg", "fa-solid"}
    drawn = set(re.findall(r"\.(fa-[a-z-]+) \{ --icon", (html / "_static/icons.css").read_text(encoding="utf-8")))
    for page in pages:
        for icon in BeautifulSoup(page.read_text(encoding="utf-8"), "lxml").select("[class*='fa-']"):
            names = {name for name in icon["class"] if name.startswith("fa-")} - sizes
            assert names <= drawn, f"{page.name}: {names - drawn}"
            assert names


@pytest.mark.parametrize(
    ("asset", "body", "needed"),
    [
        ("book.css", "", True),
        ("sphinx-design.min.css", '<div class="sd-card">', True),
        ("sphinx-design.min.css", "<p>usd-based</p>", False),
        ("copybutton.js", "<pre>code</pre>", True),
        ("copybutton.js", "<p>text</p>", False),
        ("sphinx-thebe.js", "<pre>code</pre>", False),
        ('const THEBE_JS_URL = "https://"', "<pre>code</pre>", False),
        ("let toggleHintShow = 'Click to show';", '<div class="dropdown admonition">', True),
    ],
)
def test_a_page_gets_what_its_body_needs(asset, body, needed):
    assert weight.is_needed(asset, body) is needed
