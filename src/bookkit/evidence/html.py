"""Facts on web pages: a link to the evidence index that a script turns into a card."""

from __future__ import annotations

from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from bookkit.evidence import nodes as evidence_nodes
from bookkit.evidence.directives import fact_details
from bookkit.evidence.index import anchor
from bookkit.evidence.ledger import Fact, Ledger, Source
from bookkit.evidence.state import evidence_of

AS_TEXT = ("fact-source",)


def visit_fact(self: HTML5Translator, node: evidence_nodes.fact) -> None:
    """Open the link from a value to its entry in the evidence index."""
    env = self.builder.env
    page = getattr(env, "evidence_index_page", None)
    if node["variant"] in AS_TEXT or page is None:
        self.body.append(self.starttag(node, "span", "", CLASS="fact-place"))
        node["closing"] = "</span>"
        return
    uri = self.builder.get_relative_uri(self.docnames[0], page) if page != self.docnames[0] else ""
    target = f"{uri}#{anchor(node['fact_id'])}"
    self.body.append(self.starttag(node, "a", "", CLASS="fact", href=target, **{"data-fact": node["fact_id"]}))
    node["closing"] = "</a>"


def depart_fact(self: HTML5Translator, node: evidence_nodes.fact) -> None:
    """Close what `visit_fact` opened."""
    self.body.append(node["closing"])


def visit_inline(self: Any, node: nodes.Element) -> None:
    """Print only the text, for builders without cards."""


depart_inline = visit_inline


def visit_badge(self: HTML5Translator, node: evidence_nodes.level_badge) -> None:
    """Write the badge; what it says stands in words."""
    self.body.append(self.starttag(node, "span", ""))


def depart_badge(self: HTML5Translator, node: evidence_nodes.level_badge) -> None:
    """Close the badge."""
    self.body.append("</span>")


def work_line(work: Source) -> str:
    """Return a work in one line: authors, title, where, year."""
    authors = (work.author or "Author not seen").replace("{", "").replace("}", "")
    first = authors.split(" and ")[0] if not (work.author or "").startswith("{") else authors
    people = first + (" and others" if " and " in authors and first != authors else "")
    title = work.title or "title not seen"
    parts = [
        people,
        title,
        work.journal or work.institution or work.howpublished or "",
        str(work.year or "no date seen"),
    ]
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def card(fact: Fact, ledger: Ledger, index_uri: str) -> str:
    """Return the card of a fact as HTML, to stand in a ``<template>``."""
    work = ledger.source(fact.source)
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in fact_details(fact, work))
    address = work.address or work.read_at
    link = f'<a href="{escape(address)}" rel="external">Open the work</a>' if address else "No address was kept."
    entry = f'<a href="{escape(index_uri)}#{anchor(fact.id)}">Entry in the evidence index</a>'
    return (
        f'<p class="card-statement">{escape(fact.statement)}</p>'
        f'<p class="card-work">{escape(work_line(work))}</p>'
        f"<dl>{rows}</dl>"
        f'<p class="card-links">{link} {entry}</p>'
    )


def add_cards(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Append the cards of the facts on a page to its body."""
    if doctree is None or "body" not in context:
        return
    index = getattr(app.env, "evidence_index_page", None)
    if index is None:
        return
    ledger = evidence_of(app.env).ledger
    uri = app.builder.get_relative_uri(pagename, index)
    places = (node for node in doctree.findall(evidence_nodes.fact) if node["variant"] not in AS_TEXT)
    for fact_id in dict.fromkeys(node["fact_id"] for node in places):
        body = card(ledger.fact(fact_id), ledger, uri)
        context["body"] += f'<template data-card="{escape(fact_id)}">{body}</template>'


def setup(app: Sphinx) -> None:
    """Register how each builder writes the nodes."""
    plain = (visit_inline, depart_inline)
    app.add_node(evidence_nodes.fact, html=(visit_fact, depart_fact), latex=plain, text=plain, man=plain, texinfo=plain)
    app.add_node(evidence_nodes.given, html=plain, latex=plain, text=plain, man=plain, texinfo=plain)
    app.add_node(
        evidence_nodes.level_badge, html=(visit_badge, depart_badge), latex=plain, text=plain, man=plain, texinfo=plain
    )
    app.add_node(evidence_nodes.evidence_index, html=plain, latex=plain, text=plain, man=plain, texinfo=plain)
    app.connect("html-page-context", add_cards)
