"""The book can be found: descriptions, citation tags, a site map, search in other spellings, addresses that stay."""

from __future__ import annotations

import json
from types import SimpleNamespace
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from lxml import etree

from bookkit.web import addresses, metadata, synonyms


def head(book, docname):
    return book.page(docname).head


def schema(book, docname):
    return json.loads(head(book, docname).find("script", type="application/ld+json").string)


def meta(soup, name):
    found = soup.find("meta", attrs={"name": name}) or soup.find("meta", attrs={"property": name})
    return found and found["content"]


def test_every_page_describes_itself(book):
    seen = set()
    for name in book.docnames:
        found = head(book, name)
        text = meta(found, "description")
        assert text, name
        assert len(text) <= metadata.LENGTH + 2
        assert "[" not in text
        assert meta(found, "og:description") == text
        assert meta(found, "citation_title").endswith("Cells, images and evidence")
        seen.add(text)
    assert len(seen) == len(book.docnames)


def test_lessons_say_what_they_teach_and_how_long_it_takes(book):
    data = json.loads(
        head(book, "book/01-pleura-asbestos-mesothelioma").find("script", type="application/ld+json").string
    )
    assert data["@type"] == "LearningResource"
    assert data["timeRequired"] == "PT65M"
    assert len(data["teaches"]) == 6
    lab = json.loads(
        head(book, "notebooks/01-epidemic-after-the-ban").find("script", type="application/ld+json").string
    )
    assert lab["learningResourceType"] == "lab"
    index = schema(book, "book/99-evidence-index")
    assert index["@type"] == "WebPage"


@pytest.fixture
def published(tmp_path):
    config = SimpleNamespace(
        html_baseurl="https://example.org/b/", typst_date="2026-01-02", html_title="Book", author="Somebody",
        web_moves="moved.yaml", web_lost_links=["two"], root_doc="one",
    )  # fmt: skip
    titles = {name: nodes.title("", name.title()) for name in ("one", "two", "deep/three")}
    env = SimpleNamespace(found_docs=set(titles), titles=titles, teach_lessons={})
    builder = SimpleNamespace(name="html")
    return SimpleNamespace(config=config, env=env, builder=builder, outdir=str(tmp_path), srcdir=str(tmp_path))


def test_the_site_map_lists_every_page_once_the_address_is_known(published, tmp_path):
    metadata.write_site_map(published, None)
    tree = etree.fromstring((tmp_path / "sitemap.xml").read_bytes())
    places = [place.text for place in tree.iter("{*}loc")]
    assert places == [f"https://example.org/b/{name}.html" for name in ("deep/three", "one", "two")]
    (tmp_path / "sitemap.xml").unlink()
    published.config.html_baseurl = ""
    metadata.write_site_map(published, None)
    assert not (tmp_path / "sitemap.xml").exists()


def test_a_page_that_moved_leads_on(published, tmp_path):
    (tmp_path / "moved.yaml").write_text("old/place: deep/three\nformer: two\n")
    addresses.write_moves(published, None)
    for old, new in (("old/place", "deep/three"), ("former", "two")):
        page = BeautifulSoup((tmp_path / f"{old}.html").read_text(), "lxml")
        target = page.find("a")["href"]
        assert urljoin(f"https://x/{old}.html", target) == f"https://x/{new}.html"
        assert page.find("meta", attrs={"http-equiv": "refresh"})["content"] == f"0; url={target}"


@pytest.mark.parametrize(
    ("text", "message"), [("old: nowhere\n", "there is no page nowhere"), ("one: two\n", "one is a page still")]
)
def test_a_move_to_nowhere_is_refused(published, tmp_path, text, message):
    (tmp_path / "moved.yaml").write_text(text)
    with pytest.raises(Exception, match=message):
        addresses.write_moves(published, None)


def test_every_address_that_was_ever_given_out_leads_to_a_page(book, root):
    """Add a line for a new page; never take one away: an old address belongs into book/moved.yaml."""
    given = (root / "tests/web/addresses.txt").read_text(encoding="utf-8").split()
    assert [name for name in given if not (book.html / f"{name}.html").is_file()] == []
    assert set(book.docnames) - set(given) == set()


def test_a_lost_reader_finds_search_and_contents(book):
    page = BeautifulSoup((book.html / "404.html").read_text(encoding="utf-8"), "lxml")
    assert page.find("form")["action"] == "search.html"
    assert page.find("label")["for"] == page.find("input")["id"]
    for link in page.select("main a"):
        assert (book.html / link["href"]).is_file()


def test_synonyms_lead_to_words_that_the_search_knows(book, root):
    words = synonyms.read_synonyms(root / "book/synonyms.yaml")
    assert words["tumor"] == "tumour"
    assert json.loads(synonyms.script(words).split("const words = ")[1].split(";\n")[0]) == words


@pytest.mark.parametrize(("text", "message"), [("- a", "write one"), ("a: A", "'a' leads to itself")])
def test_wrong_synonyms_are_refused(tmp_path, text, message):
    path = tmp_path / "s.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        synonyms.read_synonyms(path)
