"""Fills the evidence index: every fact the book uses, with its card in full and links back to each place."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform

from bookkit.evidence import nodes as evidence_nodes
from bookkit.evidence.directives import fact_details
from bookkit.evidence.ledger import Fact
from bookkit.evidence.nodes import GENERATED
from bookkit.evidence.state import ASIDE, Evidence, evidence_of
from bookkit.evidence.typography import NBSP


def anchor(fact_id: str) -> str:
    """Return the id of a fact's entry on the index page."""
    return f"fact-{fact_id.lower().replace('.', '-')}"


def pages_to_rewrite(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Have the index written again whenever any page was: it links to all of them."""
    page = getattr(env, "evidence_index_page", None)
    return [page] if page else []


class FillEvidenceIndex(SphinxPostTransform):
    """Write the index before citations are resolved, so that its own are resolved with the rest."""

    default_priority = 5

    def run(self, **kwargs: object) -> None:
        for place in list(self.document.findall(evidence_nodes.evidence_index)):
            place.replace_self(self._entries() or nodes.paragraph("", "No page uses a fact yet."))

    def _entries(self) -> nodes.Element | None:
        evidence = evidence_of(self.env)
        used = used_places(evidence, self.env)
        if not used:
            return None
        listing = nodes.definition_list(classes=["evidence-index", GENERATED])
        for fact_id in sorted(used, key=str.lower):
            listing += self._entry(evidence, evidence.ledger.fact(fact_id), used[fact_id])
        return listing

    def _entry(self, evidence: Evidence, fact: Fact, places: list[tuple[str, str]]) -> nodes.Element:
        work = evidence.ledger.source(fact.source)
        term = nodes.term("", "", nodes.literal("", fact.id), ids=[anchor(fact.id)])
        body = nodes.definition()
        body += nodes.paragraph("", "", nodes.Text(f"{fact.statement} "), self._citation(fact.source))
        detail = nodes.paragraph(classes=["evidence-details"])
        for name, text in fact_details(fact, work):
            detail += [nodes.strong("", f"{name}:"), nodes.Text(" "), *_with_links(text.rstrip(".")), nodes.Text(". ")]
        body += detail
        body += nodes.paragraph("", "", nodes.Text("Used in: "), *self._links(places))
        return nodes.definition_list_item("", term, body)

    def _citation(self, key: str) -> pending_xref:
        return pending_xref(
            "",
            nodes.inline("", key),
            refdomain="cite",
            reftype="p",
            reftarget=key,
            refexplicit=False,
            refwarn=True,
            refdoc=self.env.docname,
            ids=[],
        )

    def _links(self, places: list[tuple[str, str]]) -> list[nodes.Node]:
        links: list[nodes.Node] = []
        for position, (docname, node_id) in enumerate(dict.fromkeys(places), start=1):
            title = self.env.titles[docname].astext()
            uri = self.app.builder.get_relative_uri(self.env.docname, docname)
            text = f"{title}, solutions or notes" if node_id == ASIDE else f"{title}, place{NBSP}{position}"
            link = nodes.reference("", text, internal=True, refuri=f"{uri}#{node_id}".rstrip("#"))
            links += [nodes.Text(", ")] * bool(links) + [link]
        return links


def _with_links(text: str) -> list[nodes.Node]:
    """Return a text whose web addresses are links."""
    parts = re.split(r"(https?://[^\s;,()]+)", text)
    return [nodes.reference("", part, refuri=part) if part.startswith("http") else nodes.Text(part) for part in parts]


def used_places(evidence: Evidence, env: BuildEnvironment) -> dict[str, list[tuple[str, str]]]:
    """Return, for each fact, the pages and ids where it stands, in reading order."""
    order = {name: position for position, name in enumerate(reading_order(env))}
    places: dict[str, list[tuple[str, str]]] = {}
    for docname in sorted(evidence.uses, key=lambda name: (order.get(name, len(order)), name)):
        for fact_id, ids in evidence.uses[docname].items():
            places.setdefault(fact_id, []).extend((docname, node_id) for node_id in ids)
    return {fact_id: found for fact_id, found in places.items() if found}


def reading_order(env: BuildEnvironment) -> list[str]:
    """Return the pages in the order of the table of contents."""
    order, waiting = [], [env.config.root_doc]
    while waiting:
        docname = waiting.pop(0)
        if docname not in order:
            order.append(docname)
            waiting = list(env.toctree_includes.get(docname, [])) + waiting
    return order


def setup(app: Sphinx) -> None:
    """Register the transform and the rewrite."""
    app.add_post_transform(FillEvidenceIndex)
    app.connect("env-updated", pages_to_rewrite)
