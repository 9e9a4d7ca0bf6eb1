"""What is mended in the markup, and what only a keyboard shows."""

from __future__ import annotations

import browser
import pytest
from bs4 import BeautifulSoup

from bookkit.web import a11y

LAB = "notebooks/01-epidemic-after-the-ban.html"
FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const rings = [element, ...element.querySelectorAll('*')].map(each => getComputedStyle(each))
    .filter(({ outlineStyle, outlineWidth, boxShadow }) =>
      (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none');
  return [element.tagName, String(element.className), element.textContent.trim().slice(0, 40), rings.length];
}"""


def test_entries_of_a_reference_list_are_list_items():
    body = '<div role="list" class="citation-list"><div class="citation" id="id1" role="doc-biblioentry">A</div></div>'
    mended = BeautifulSoup(a11y.mend_reference_lists(body), "lxml")
    assert [entry["id"] for entry in mended.select("[role=list] > [role=listitem]")] == ["id1"]
    assert not mended.select("[role=doc-biblioentry]")


def test_entries_of_a_reference_list_carry_no_keys(book):
    entry = (
        '<div class="citation" id="a" role="listitem">\n<span class="label"><span class="fn-bracket">[</span>'
        '<a href="#b">key2020word</a><span class="fn-bracket">]</span></span>\n<p>Work [2020].</p></div>'
    )
    assert a11y.drop_labels(entry) == '<div class="citation" id="a" role="listitem">\n<p>Work [2020].</p></div>'
    for name in book.docnames:
        assert not book.article(name).select(".citation .label"), name


def test_an_arrow_of_the_sidebar_says_what_it_shows():
    markup = '<li class="has-children"><a href="#">1. Pleura</a><details><summary><i></i></summary></details></li>'
    named = a11y.name_disclosures(BeautifulSoup(markup, "lxml"))
    assert named.summary["aria-label"] == "Pages below 1. Pleura"


def test_an_arrow_with_words_keeps_them():
    markup = '<li class="has-children"><a href="#">x</a><details><summary>Part I</summary></details></li>'
    assert not a11y.name_disclosures(BeautifulSoup(markup, "lxml")).summary.has_attr("aria-label")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_keyboard_reaches_everything_and_shows_where_it_is(site, open_page, width):
    page = open_page(width)
    page.goto(site + LAB)
    stops, unseen = 0, []
    while stops < 2000:
        page.keyboard.press("Tab")
        if (focused := page.evaluate(FOCUS)) is None:
            break
        stops += 1
        if not focused[3]:
            unseen.append(focused)
    assert stops > 50
    assert unseen == []


def test_the_first_stop_leads_past_the_navigation(site, open_page):
    page = open_page()
    page.goto(site + LAB)
    page.keyboard.press("Tab")
    link = page.locator(".skip-link a")
    assert link.evaluate("link => link === document.activeElement && link.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main-content').contains(document.activeElement)")


def test_the_sidebar_can_be_put_away_and_taken_back(site, open_page):
    page = open_page()
    page.goto(site + LAB)
    sidebar = page.locator("#pst-primary-sidebar")
    assert sidebar.is_visible()
    page.locator(".primary-toggle").click()
    sidebar.wait_for(state="hidden")
    page.locator(".primary-toggle").click()
    sidebar.wait_for(state="visible")


@pytest.mark.parametrize("side", ["primary", "secondary"])
def test_on_a_phone_a_sidebar_opens_over_the_page_and_escape_closes_it(site, open_page, side):
    page = open_page(390)
    page.goto(site + LAB)
    dialog = page.locator(f"#pst-{side}-sidebar-modal")
    assert not dialog.is_visible()
    page.locator(f".{side}-toggle").click()
    dialog.wait_for(state="visible")
    assert dialog.locator("nav a").first.is_visible()
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_first_visit_has_its_theme_before_anything_is_drawn(site, open_page, theme):
    page = open_page(theme=theme)
    page.route("**/pydata-sphinx-theme.js*", lambda route: route.abort())
    page.goto(site + LAB)
    assert page.evaluate("document.documentElement.dataset.theme") == theme


def test_every_icon_is_drawn(site, open_page):
    page = open_page()
    page.goto(site + LAB)
    icons = page.evaluate(
        """() => [...document.querySelectorAll('.fa-solid, .fas')].filter(icon => icon.offsetParent).map(icon => {
            const style = getComputedStyle(icon, '::before');
            return [String(icon.className), style.maskImage.startsWith('url(') && parseFloat(style.width) > 5];
        })"""
    )
    assert len(icons) > 5
    assert [name for name, drawn in icons if not drawn] == []


@pytest.mark.parametrize("width", [1280, 390])
def test_no_icon_lies_over_what_is_typed(site, open_page, width):
    page = open_page(width)
    page.goto(site + "search.html")
    icon = page.locator(".bd-search-container .fa-magnifying-glass").bounding_box()
    field = page.locator(".bd-search-container input").bounding_box()
    assert icon["x"] + icon["width"] <= field["x"]


def test_without_a_browser_tests_skip_and_say_how_to_get_one(monkeypatch):
    monkeypatch.setattr(browser, "find", lambda: None)
    monkeypatch.delenv(browser.REQUIRED, raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt install chromium"):
        browser.find_or_skip()


def test_where_a_browser_is_required_its_absence_fails(monkeypatch):
    monkeypatch.setattr(browser, "find", lambda: None)
    monkeypatch.setenv(browser.REQUIRED, "required")
    with pytest.raises(pytest.fail.Exception, match="apt install chromium"):
        browser.find_or_skip()
