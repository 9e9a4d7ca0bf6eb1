"""What search engines, link previews and reference managers read: descriptions, Open Graph, citation tags, schema.org.

Addresses that must be whole (canonical links, the site map) are written only when `html_baseurl` is set.
"""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape as xml_escape

from docutils import nodes
from sphinx.application import Sphinx

from bookkit.teach.state import lessons_of

LENGTH = 180
NOT_DESCRIBING = (nodes.admonition, nodes.list_item, nodes.table, nodes.figure, nodes.caption, nodes.citation)
LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def description(doctree: nodes.document) -> str:
    """Return the first sentences of a page's prose, cut at a word."""
    for paragraph in doctree.findall(nodes.paragraph):
        inside, node = False, paragraph.parent
        while node is not None:
            inside = inside or isinstance(node, NOT_DESCRIBING)
            node = node.parent
        text = re.sub(r"\s+", " ", re.sub(r"\s*\[[^\]]*\]", "", paragraph.astext())).strip()
        if inside or len(text) < 40:
            continue
        return text if len(text) <= LENGTH else text[:LENGTH].rsplit(" ", 1)[0] + " …"
    return ""


def _address(app: Sphinx, path: str) -> str:
    base = app.config.html_baseurl.rstrip("/")
    return f"{base}/{path}" if base else ""


def learning_resource(app: Sphinx, docname: str, title: str, about: str) -> dict[str, Any]:
    """Return the page as schema.org's LearningResource; a page without metadata is a plain web page."""
    lesson = lessons_of(app.env).get(docname)
    page = lesson.page if lesson else None
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LearningResource" if page else "WebPage",
        "name": title,
        "description": about,
        "inLanguage": "en-GB",
        "license": LICENCE,
        "isAccessibleForFree": True,
        "isPartOf": {"@type": "Book", "name": app.config.html_title},
        "author": {"@type": "Organization", "name": app.config.author},
    }
    if page:
        data |= {
            "learningResourceType": "lab" if docname.startswith("notebooks/") else "chapter",
            "educationalLevel": "university",
            "timeRequired": f"PT{page.minutes.read + page.minutes.do}M",
            "teaches": list(page.objectives.values()),
        }
    if address := _address(app, f"{docname}.html"):
        data["url"] = address
    return data


def tags(app: Sphinx, docname: str, title: str, about: str) -> str:
    """Return the tags for a page's head."""
    address = _address(app, f"{docname}.html")
    date = app.config.typst_date.replace("-", "/")
    named = {
        "description": about,
        "citation_title": f"{title} – {app.config.html_title}",
        "citation_author": app.config.author,
        "citation_publication_date": date,
        "citation_language": "en",
        "twitter:card": "summary",
    }
    handout = docname.rsplit("/", 1)[-1]
    if address and docname in lessons_of(app.env) and lessons_of(app.env)[docname].page:
        named["citation_pdf_url"] = _address(app, f"downloads/pdf/handouts/{handout}.pdf")
    properties = {
        "og:title": title,
        "og:type": "article",
        "og:site_name": app.config.html_title,
        "og:description": about,
        "og:locale": "en_GB",
        "og:url": address,
    }
    lines = [f'<meta name="{name}" content="{escape(text)}" />' for name, text in named.items() if text]
    lines += [f'<meta property="{name}" content="{escape(text)}" />' for name, text in properties.items() if text]
    data = json.dumps(learning_resource(app, docname, title, about), ensure_ascii=False).replace("</", "<\\/")
    lines.append(f'<script type="application/ld+json">{data}</script>')
    return "\n".join(lines)


def add_tags(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the tags into the head of each page that has a source."""
    if doctree is None:
        return
    title = app.env.titles[pagename].astext()
    context["metatags"] = context.get("metatags", "") + "\n" + tags(app, pagename, title, description(doctree))


def write_site_map(app: Sphinx, failure: Exception | None) -> None:
    """Write ``sitemap.xml`` when the address of the site is known."""
    if failure is not None or app.builder.name != "html" or not app.config.html_baseurl:
        return
    places = "".join(
        f"<url><loc>{xml_escape(_address(app, f'{name}.html'))}</loc><lastmod>{app.config.typst_date}</lastmod></url>"
        for name in sorted(app.env.found_docs)
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>\n'
    (Path(app.outdir) / "sitemap.xml").write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register the tags and the site map."""
    app.connect("html-page-context", add_tags)
    app.connect("build-finished", write_site_map)
