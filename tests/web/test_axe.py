"""axe finds nothing on any page, wide and narrow, closed and open; colours are looked at in both themes."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: WCAG rules that axe leaves off, because they are new or can be wrong elsewhere.
MORE = ["target-size", "label-content-name-mismatch", "css-orientation-lock", "table-fake-caption", "td-has-header"]
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
SHAPES = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {name: {"enabled": name in MORE} for name in (*MORE, *COLOUR_RULES)},
}
COLOURS = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": COLOUR_RULES}}
CHAPTER = "book/01-pleura-asbestos-mesothelioma.html"
#: Contrast is dear to measure, and follows from an element's tag, classes and style and those of all it stands in.
#: Four of each are left, so that a colour of every second row is among them.
THIN = """() => {
    const seen = new Map()
    const visit = (element, path) => {
        const kind = `${path}>${element.tagName}.${element.getAttribute('class')}[${element.getAttribute('style')}]`
        seen.set(kind, (seen.get(kind) || 0) + 1)
        if (seen.get(kind) > 4) element.remove()
        else [...element.children].forEach(child => visit(child, kind))
    }
    visit(document.body, '')
}"""


def violations(page: Any, options: dict[str, Any]) -> list[str]:
    """Return what axe finds on a page as it stands, one line for each element; to look at colours thins the page."""
    if options is COLOURS:
        page.evaluate(THIN)
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [f"{rule['id']}: {node['html'][:160]}: {node['failureSummary']}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize(
    ("width", "theme", "kinds"),
    [(1280, "light", [SHAPES, COLOURS]), (390, "light", [SHAPES]), (1280, "dark", [COLOURS])],
    ids=["wide", "narrow", "dark"],
)
def test_axe_finds_nothing_on_any_page(html, pages, site, open_page, width, theme, kinds):
    """A theme can break nothing but colours, and a width can't break these."""
    page, found = open_page(width, theme), {}
    for path in pages:
        name = path.relative_to(html).as_posix()
        page.goto(site + name)
        if lines := [line for options in kinds for line in violations(page, options)]:
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
    assert violations(page, SHAPES) + violations(page, COLOURS) == []


@pytest.mark.parametrize(
    ("fault", "rule", "options"),
    [
        ('<img src="data:,">', "image-alt", SHAPES),
        ('<p style="color: #777; background: #888">Hardly to be read</p>', "color-contrast", COLOURS),
    ],
)
def test_axe_would_find_a_fault(site, open_page, fault, rule, options):
    page = open_page()
    page.goto(site + CHAPTER)
    page.evaluate("fault => document.querySelector('article').insertAdjacentHTML('beforeend', fault)", fault)
    assert any(line.startswith(rule) for line in violations(page, options))


def test_no_page_scrolls_sideways(html, pages, site, open_page):
    page, wide = open_page(), {}
    for path in pages:
        name = path.relative_to(html).as_posix()
        page.goto(site + name)
        for width in (1280, 390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
                wide[name, width] = needed
    assert wide == {}
