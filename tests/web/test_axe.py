"""axe finds nothing on any page, wide and narrow, closed and open; colours are looked at in both themes."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: WCAG rules that axe leaves off, because they are new or can be wrong elsewhere.
MORE = ["target-size", "label-content-name-mismatch", "css-orientation-lock", "table-fake-caption", "td-has-header"]
OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {name: {"enabled": True} for name in MORE},
}
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
#: Contrast is dear to measure. A theme can break nothing else, and a width can't break it.
COLOURS = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": COLOUR_RULES}}
SHAPES = {**OPTIONS, "rules": {**OPTIONS["rules"], **{name: {"enabled": False} for name in COLOUR_RULES}}}
VARIANTS = pytest.mark.parametrize(
    ("width", "theme", "options"), [(1280, "light", OPTIONS), (390, "light", SHAPES), (1280, "dark", COLOURS)]
)
CHAPTER = "book/01-pleura-asbestos-mesothelioma.html"


def violations(page: Any, options: dict[str, Any] = OPTIONS) -> list[str]:
    """Return what axe finds on a page as it stands, one line for each element."""
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [f"{rule['id']}: {node['html'][:160]}: {node['failureSummary']}" for rule in found for node in rule["nodes"]]


def shorten(page: Any) -> None:
    """Leave fifty entries of the evidence index: one template makes them all, and the contrast of all takes minutes."""
    page.evaluate("document.querySelectorAll('dl.evidence-index > :nth-child(n + 101)').forEach(each => each.remove())")


@VARIANTS
def test_axe_finds_nothing_on_any_page(html, pages, site, open_page, width, theme, options):
    page, found = open_page(width, theme), {}
    for path in pages:
        name = path.relative_to(html).as_posix()
        page.goto(site + name)
        if options is not SHAPES:
            shorten(page)
        if lines := violations(page, options):
            found[name] = lines
    assert found == {}


def show_card(page: Any) -> None:
    page.locator("a.fact").first.click()
    page.locator("#evidence-card").wait_for(state="visible")


def show_search(page: Any) -> None:
    page.keyboard.press("Control+k")
    page.locator("#pst-search-dialog[open]").wait_for()


def show_answers(page: Any) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
    page.evaluate("document.querySelectorAll('.quiz-actions button').forEach(each => each.click())")


def show_contents(page: Any) -> None:
    page.locator(".primary-toggle").click()
    page.locator("#pst-primary-sidebar-modal[open]").wait_for()


def show_sections(page: Any) -> None:
    page.locator(".secondary-toggle").click()
    page.locator("#pst-secondary-sidebar-modal[open]").wait_for()


EVERYWHERE, NARROW = [show_card, show_search, show_answers], [show_contents, show_sections]


@pytest.mark.parametrize(
    ("show", "width"),
    [*product(EVERYWHERE, [1280, 390]), *product(NARROW, [390])],
    ids=lambda value: getattr(value, "__name__", value),
)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_what_opens(site, open_page, show, width, theme):
    page = open_page(width, theme)
    page.goto(site + CHAPTER)
    show(page)
    assert violations(page) == []


@pytest.mark.parametrize(
    ("fault", "rule", "options"),
    [
        ('<img src="data:,">', "image-alt", OPTIONS),
        ('<p style="color: #777; background: #888">Hardly to be read</p>', "color-contrast", COLOURS),
    ],
)
def test_axe_would_find_a_fault(site, open_page, fault, rule, options):
    page = open_page()
    page.goto(site + CHAPTER)
    page.evaluate("fault => document.querySelector('article').insertAdjacentHTML('beforeend', fault)", fault)
    assert any(line.startswith(rule) for line in violations(page, options))


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_no_page_scrolls_sideways(html, pages, site, open_page, width):
    page, wide = open_page(width), {}
    for path in pages:
        name = path.relative_to(html).as_posix()
        page.goto(site + name)
        needed = page.evaluate("document.documentElement.scrollWidth")
        if needed > width:
            wide[name] = needed
    assert wide == {}
