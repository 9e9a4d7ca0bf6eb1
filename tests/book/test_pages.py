"""Promises of the built pages."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

import pytest


@pytest.fixture(scope="module")
def all_pages(book):
    """Every page, by its path; templates among the theme's static files are not pages."""
    paths = (path for path in sorted(book.html.rglob("*.html")) if "_static" not in path.parts)
    return {path: book.parsed(path) for path in paths}


def test_every_page_of_the_contents_was_built(book):
    assert [name for name in book.docnames if not (book.html / f"{name}.html").is_file()] == []


def test_no_internal_link_is_broken(book, all_pages):
    ids = {path: {tag["id"] for tag in soup.find_all(id=True)} for path, soup in all_pages.items()}
    broken = []
    for path, soup in all_pages.items():
        for tag, attribute in (("a", "href"), ("img", "src"), ("link", "href"), ("script", "src")):
            for element in soup.find_all(tag, attrs={attribute: True}):
                url = urlsplit(element[attribute])
                if url.scheme or url.netloc or element[attribute] in ("", "#"):
                    continue
                target = (path.parent / unquote(url.path)).resolve() if url.path else path.resolve()
                if not target.exists() or (url.fragment and target in ids and unquote(url.fragment) not in ids[target]):
                    broken.append(f"{path.name}: {element[attribute]}")
    assert broken == []


def test_links_into_templates_lead_somewhere_too(book, all_pages):
    index = {tag["id"] for tag in book.page("book/99-evidence-index").find_all(id=True)}
    for soup in all_pages.values():
        for link in re.findall(r"99-evidence-index\.html#([\w-]+)", str(soup)):
            assert link in index


def test_every_citation_leads_to_an_entry(book):
    seen = 0
    for name in book.docnames:
        for citation in book.article(name).select(".bibtex-citation"):
            links = citation.select("a[href]")
            assert links, f"{name}: citation without a link: {citation.get_text()}"
            seen += len(links)
    assert seen > 50


def test_a_chapter_s_citations_lead_to_its_own_list(book):
    article = book.article("book/01-pleura-asbestos-mesothelioma")
    ids = {tag["id"] for tag in article.select("[role=doc-biblioentry], .citation")}
    targets = {link["href"] for link in article.select(".bibtex-citation a[href]")}
    assert targets
    assert {target for target in targets if target.removeprefix("#") not in ids} == set()


def test_every_image_says_what_is_seen(book):
    images = [(name, image) for name in book.docnames for image in book.article(name).find_all("img")]
    assert len(images) >= 4
    for name, image in images:
        alt = image.get("alt", "")
        assert len(alt.split()) >= 8, f"{name}: {image['src']}: alt text '{alt}'"
        assert not re.search(r"_images/|\.(png|svg|jpe?g)\b", alt), f"{name}: default alt text '{alt}'"


def test_every_printed_value_opens_its_entry_and_the_entry_leads_back(book):
    index = book.article("book/99-evidence-index")
    back = {link["href"] for link in index.select("a[href*='fact-use-']")}
    values = 0
    for name in book.docnames:
        page = name.split("/")[-1] + ".html"
        for value in book.article(name).select("a.fact"):
            prefix = f"../{name}.html" if not name.startswith("book/") else page
            assert f"{prefix}#{value['id']}" in back, f"{name}: {value.get_text()}"
            values += 1
    assert values > 100


def test_every_value_has_a_card_on_its_page(book):
    for name in book.docnames:
        page = book.page(name)
        cards = {template["data-card"] for template in page.select("template[data-card]")}
        assert {value["data-fact"] for value in page.select("a.fact")} <= cards


def test_all_claims_are_put_before_and_judged_after(root, book):
    from bookkit.evidence.ledger import Ledger

    titles = sorted(f"Claim: {claim.quoted_name}" for claim in Ledger(root / "evidence").claims.values())
    for page in ("book/00-news-part-one", "book/12-news-part-two"):
        heads = book.article(page).select("div.claim > p:first-child")
        assert sorted(head.get_text().strip() for head in heads) == titles
    assert not book.article("book/00-news-part-one").select("[class*=verdict-]")


def test_the_table_of_verdicts_is_the_ledger_s(root, book):
    from bookkit.evidence.directives import VERDICT_WORDS
    from bookkit.evidence.ledger import Ledger

    wanted = {(VERDICT_WORDS[c.verdict], c.quoted_name) for c in Ledger(root / "evidence").claims.values()}
    rows = book.article("book/12-news-part-two").select("table#tab-verdicts tbody tr")
    shown = {(row.td.get_text().strip(), link.get_text()) for row in rows for link in row.select("a")}
    assert shown == wanted


def test_the_page_of_parameters_lists_and_marks_every_parameter(book):
    from mesosim import params

    article = book.article("book/99-model-parameters")
    rows = article.select("table:not(.dataframe) > tbody > tr")
    marked = [row.select_one(".level-badge").get_text() for row in rows if row.select_one(".level-badge")]
    held = params.catalogue()
    assert [row.td.get_text().partition(" (")[0].strip() for row in rows] == [row.name for row in held]
    assert marked == ["ASSUMED"] * sum(row.param.assumed for row in held)
    assert len(rows) - len(marked) == len(article.select("table:not(.dataframe) .bibtex-citation"))


def test_no_page_shows_an_error_or_a_placeholder(book):
    for name in book.docnames:
        article = book.article(name)
        assert not article.select(".problematic, .system-message, .docutils.error")
        assert not re.search(r"\b(TODO|FIXME|lorem ipsum|XXX)\b", article.get_text())


def test_disclaimer_stands_on_the_first_page_only(book):
    said = [name for name in book.docnames if "not medical advice" in book.article(name).get_text().lower()]
    assert said == [book.docnames[0]]


def test_no_path_of_the_building_machine_reaches_a_reader(root, all_pages):
    for path, soup in all_pages.items():
        assert str(root) not in str(soup), path.name


def test_outputs_are_not_committed(root):
    assert list((root / "notebooks").glob("*.ipynb")) == []
