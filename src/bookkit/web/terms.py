"""The definitions of the terms that a page links, carried with the page, for the cards that open beside them."""

from __future__ import annotations

from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from bookkit.teach.glossary import Glossary, plain


def add_definitions(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Append the definitions to the page's body."""
    glossary: Glossary | None = getattr(app, "_glossary", None)
    if doctree is None or glossary is None or "body" not in context:
        return
    by_name = {term.term: term for term in glossary.terms}
    for link in doctree.findall(nodes.reference):
        shown = link.children[0] if link.children else None
        term = by_name.get(shown.get("term", "")) if isinstance(shown, nodes.Element) else None
        target = link.get("refuri", "").partition("#")[2]
        if term and target:
            definition = f"<p><strong>{escape(term.term)}</strong>: {escape(plain(term.definition))}</p>"
            context["body"] += f'<template data-term="{escape(target)}">{definition}</template>'


def setup(app: Sphinx) -> None:
    """Register the definitions."""
    app.connect("html-page-context", add_definitions)
