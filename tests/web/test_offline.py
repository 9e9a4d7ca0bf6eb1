"""The offline copy is whole, always the same for the same pages, and never half written."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest

from bookkit.web import offline

PAGE = '<html><head></head><body><article class="bd-article">{}</article></body></html>'


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A site of a search page, a page in a folder and a file to download."""
    files = {
        "search.html": PAGE.format("<h1>Search</h1>"),
        "book/one.html": PAGE.format(
            '<section id="a" class="x"><h1>Ünï</h1><a class="headerlink" href="#a">#</a><p>First line.</p></section>'
            '<template data-card="x">hidden</template><script>secret()</script>'
        ),
        "_static/template.html": PAGE.format("not a page"),
        "downloads/pdf/book.pdf": "%PDF",
        ".buildinfo": "configuration of this machine",
    }
    for name, text in files.items():
        (tmp_path / "html" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "html" / name).write_text(text, encoding="utf-8")
    return tmp_path / "html"


def test_the_same_pages_give_the_same_bytes(small, tmp_path):
    offline.write_offline_zip(small, tmp_path / "a.zip")
    (small / "book/one.html").touch()
    offline.write_offline_zip(small, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    names = zipfile.ZipFile(tmp_path / "a.zip").namelist()
    assert names == sorted(names)


def test_it_carries_what_readers_use_and_nothing_of_the_machine(small, tmp_path):
    offline.write_offline_zip(small, tmp_path / "a.zip")
    assert {name.removeprefix("offline-book/") for name in zipfile.ZipFile(tmp_path / "a.zip").namelist()} == {
        "HOW-TO-OPEN.txt", "search.html", "book/one.html", "_static/template.html", "_static/offline-search.js",
        "downloads/pdf/book.pdf",
    }  # fmt: skip


def test_search_has_the_words_and_anchors_of_pages_and_not_their_machinery(small):
    script = offline.search_script(small)
    texts = json.loads(re.match(r"const offlinePages = (.*);\n", script)[1])
    assert set(texts) == {"search.html", "book/one.html"}
    text = texts["book/one.html"]
    assert '<section id="a">' in text
    assert "Ünï" in text
    for machinery in ("hidden", "secret", "headerlink", "class="):
        assert machinery not in text


def test_a_search_page_without_a_head_is_refused_and_the_old_copy_stays(small, tmp_path):
    target = tmp_path / "a.zip"
    offline.write_offline_zip(small, target)
    before = target.read_bytes()
    (small / "search.html").write_text("<p>no head</p>")
    with pytest.raises(ValueError, match=r"search\.html has no </head>"):
        offline.write_offline_zip(small, target)
    assert target.read_bytes() == before


def test_the_book_s_copy_holds_every_page_and_download(html, pages):
    archive = zipfile.ZipFile(html.parent / "offline.zip")
    assert archive.testzip() is None
    names = set(archive.namelist())
    wanted = [*pages, *(path for path in (html / "downloads").rglob("*") if path.is_file())]
    assert {f"{offline.FOLDER}/{path.relative_to(html).as_posix()}" for path in wanted} <= names
