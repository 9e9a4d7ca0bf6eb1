"""The offline copy: one zip of the whole site that works from the file system, search included."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import html as lxml_html

FOLDER = "offline-book"
"""Where the pages lie inside the zip, so that unpacking it scatters nothing."""

NOT_PAGES = ("_static", "downloads")
NOT_CARRIED = (".buildinfo", "objects.inv")
SEARCH_PAGE = "search.html"
SEARCH_SCRIPT = "_static/offline-search.js"
NOTE = f"Unpack this file whole, then open index.html in the folder {FOLDER}. No network is needed.\n"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every entry: a zip of the same pages is the same file."""


def _files(html: Path) -> Iterator[tuple[str, Path]]:
    for path in html.rglob("*"):
        if path.is_file() and path.name not in NOT_CARRIED:
            yield path.relative_to(html).as_posix(), path


def _main_text(page: Path) -> str | None:
    """Return what search shows a line of: the article's words and the anchors between them."""
    document = lxml_html.fromstring(page.read_bytes(), parser=lxml_html.HTMLParser(encoding="utf-8"))
    articles = document.xpath("//article[contains(@class, 'bd-article')]")
    if not articles:
        return None
    article = articles[0]
    for unseen in article.xpath(".//script|.//style|.//template|.//a[@class='headerlink']"):
        unseen.drop_tree()
    for element in article.iter(lxml_html.etree.Element):
        for name in set(element.attrib) - {"id"}:
            del element.attrib[name]
    return f'<div role="main">{lxml_html.tostring(article, encoding="unicode")}</div>'


def search_script(html: Path) -> str:
    """Return the script that lets search show lines of pages that it may not fetch.

    Parameters
    ----------
    html : Path
        The folder of the built pages.
    """
    texts = {}
    for name, path in sorted(_files(html)):
        if name.endswith(".html") and name.split("/")[0] not in NOT_PAGES and (text := _main_text(path)):
            texts[name] = text
    code = Path(__file__).with_name("offline-search.js").read_text(encoding="utf-8")
    return f"const offlinePages = {json.dumps(texts, ensure_ascii=False)};\n{code}"


def _with_script(page: str) -> str:
    head, end, rest = page.partition("</head>")
    if not end:
        raise ValueError(f"{SEARCH_PAGE} has no </head> to put {SEARCH_SCRIPT} before")
    return f'{head}<script src="{SEARCH_SCRIPT}"></script>\n{end}{rest}'


def _entries(html: Path) -> dict[str, bytes]:
    entries = {f"{FOLDER}/{name}": path.read_bytes() for name, path in _files(html)}
    search = f"{FOLDER}/{SEARCH_PAGE}"
    entries[search] = _with_script(entries[search].decode()).encode()
    entries[f"{FOLDER}/{SEARCH_SCRIPT}"] = search_script(html).encode()
    entries["HOW-TO-OPEN.txt"] = NOTE.encode()
    return entries


def write_offline_zip(html: Path, target: Path) -> None:
    """Write the built pages, and all that they link to beside them, into one zip.

    The same pages give the same bytes: entries are sorted and carry a fixed time.

    Parameters
    ----------
    html : Path
        The folder of the built pages.
    target : Path
        The zip; an old one is replaced only when the new one is whole.

    Raises
    ------
    ValueError
        When the search page has no head.
    """
    entries = _entries(html)
    waiting = target.with_name(f".{target.name}-new")
    with zipfile.ZipFile(waiting, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(entries.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, whatever machine builds
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, compresslevel=9)
    os.replace(waiting, target)
