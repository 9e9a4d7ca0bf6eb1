"""Addresses that stay: pages that moved leave a page that leads on, and a lost reader gets a useful 404."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path

import yaml
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

MOVED = """<!DOCTYPE html>
<html lang="en-GB">
<head><meta charset="utf-8" /><title>This page has moved</title>
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta http-equiv="refresh" content="0; url={target}" /><link rel="canonical" href="{target}" /></head>
<body><main><h1>This page has moved</h1><p><a href="{target}">Go on to its new address</a>.</p></main></body>
</html>
"""
LOST = """<!DOCTYPE html>
<html lang="en-GB">
<head><meta charset="utf-8" /><title>Page not found – {title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1" /><base href="{base}" />
<style>body {{ max-width: 36rem; margin: 12vh auto; padding: 0 1rem; font: 1.1rem/1.6 system-ui, sans-serif; }}
a {{ color: #14456b; }} input, button {{ font: inherit; padding: 0.3rem 0.6rem; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #16181b; color: #e4e2dd; }} a {{ color: #8cc4ea; }} }}
</style></head>
<body><main><h1>This page is not in the book</h1>
<p>It may have had another address, or the link that led here has a mistake in it.</p>
<form action="search.html" role="search"><label for="q">Search the book</label>
<p><input id="q" name="q" type="search" /> <button>Search</button></p></form>
<ul>{links}</ul></main></body>
</html>
"""


def read_moves(path: Path) -> dict[str, str]:
    """Return the map of old addresses to documents, each without ``.html``.

    Raises
    ------
    ValueError
        When the file is not such a map.
    """
    content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    if not isinstance(content, dict) or not all(isinstance(part, str) for pair in content.items() for part in pair):
        raise ValueError(f"{path}: write one 'old/address: document' a line")
    return content


def write_moves(app: Sphinx, failure: Exception | None) -> None:
    """Write a page at each old address; an old address that is a page, or leads to none, is an error."""
    if failure is not None or app.builder.name != "html" or not app.config.web_moves:
        return
    for old, new in read_moves(Path(app.srcdir) / app.config.web_moves).items():
        if new not in app.env.found_docs or old in app.env.found_docs:
            reason = f"{old} is a page still" if old in app.env.found_docs else f"there is no page {new}"
            raise ExtensionError(f"{app.config.web_moves}: {old}: {reason}")
        target = Path(app.outdir) / f"{old}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        relative = os.path.relpath(f"{new}.html", os.path.dirname(f"{old}.html") or ".").replace(os.sep, "/")
        target.write_text(MOVED.format(target=escape(relative)), encoding="utf-8")


def write_lost(app: Sphinx, failure: Exception | None) -> None:
    """Write ``404.html``, whose links hold at any depth below the site's own address."""
    if failure is not None or app.builder.name != "html":
        return
    base = app.config.html_baseurl.rstrip("/") + "/" if app.config.html_baseurl else "/"
    names = [app.config.root_doc, *app.config.web_lost_links]
    links = "".join(
        f'<li><a href="{escape(name)}.html">{escape(app.env.titles[name].astext())}</a></li>'
        for name in names
        if name in app.env.titles
    )
    text = LOST.format(title=escape(app.config.html_title), base=escape(base), links=links)
    (Path(app.outdir) / "404.html").write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register both."""
    app.add_config_value("web_moves", "", "", [str])
    app.add_config_value("web_lost_links", [], "", [list])
    app.connect("build-finished", write_moves)
    app.connect("build-finished", write_lost)
