"""Directives that print a claim of the article, a table of facts, and the index of every fact used."""

from __future__ import annotations

from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import set_source_info
from sphinxcontrib.bibtex.roles import CiteRole

from bookkit.evidence import nodes as evidence_nodes
from bookkit.evidence.ledger import CLAIM_FILE, LEVELS, Claim, Fact, LedgerError, Source
from bookkit.evidence.nodes import GENERATED
from bookkit.evidence.roles import make_badge, make_fact_node, parse_reference
from bookkit.evidence.state import evidence_of
from bookkit.evidence.typography import format_number, print_fact

VERDICT_WORDS = {
    "supported": "Supported",
    "partly": "Partly supported",
    "overstated": "Overstated",
    "unsupported": "Unsupported",
    "wrong": "Wrong",
}
SEEN_WORDS = {
    "abstract": "read in the abstract of the work itself",
    "full text": "read in the full text of the work itself",
    "secondary": "read through another page, not in the work itself",
}
REREAD_WORDS = {
    "confirmed": "second reading: confirmed",
    "partial": "second reading: confirmed in part",
    "corrected": "second reading: corrected",
    None: "no second reading recorded",
}


def citation(directive: SphinxDirective, key: str) -> list[nodes.Node]:
    """Return the parenthetical citation of a work from inside a directive."""
    return CiteRole()("cite:p", f"{{cite:p}}`{key}`", key, directive.lineno, directive.state.inliner)[0]


class ClaimDirective(SphinxDirective):
    """Print one claim of the article; only with ``:verdict:`` what we say of it.

    That is the verdict with its reason, links to the sections that teach it, and what would change it. Reason and
    change are text of the ledger with roles, and the gate reads them like paragraphs of the page.
    """

    required_arguments = 1
    option_spec: ClassVar = {"verdict": directives.flag}

    def run(self) -> list[nodes.Node]:
        evidence = evidence_of(self.env)
        try:
            claim = evidence.ledger.claim(self.arguments[0].strip())
        except LedgerError as error:
            raise self.error(f"{{claim}} {self.arguments[0]}: {error}") from None
        self.env.note_dependency(str(evidence.folder / "claims.yaml"))
        with_verdict = "verdict" in self.options
        box = nodes.admonition(classes=["claim"])
        set_source_info(self, box)
        if with_verdict:
            box["classes"].append(f"verdict-{claim.verdict}")
        box["names"].append(f"verdict-{claim.id}" if with_verdict else f"claim-{claim.id}")
        self.state.document.note_explicit_target(box, box)
        box += nodes.title("", f"Claim: {claim.quoted_name}")
        box += nodes.paragraph("", "", nodes.emphasis("", claim.text), classes=[GENERATED])
        if with_verdict:
            box += [
                self._text(claim, "why", f"{VERDICT_WORDS[claim.verdict]}."),
                self._grounds(claim),
                self._text(claim, "change", "What would change it:"),
            ]
        return [box]

    def _text(self, claim: Claim, field: str, head: str) -> nodes.paragraph:
        """Return a field of the claim after its head; what the gate finds in it is reported under the field's name."""
        text = nodes.paragraph("", "", nodes.strong("", head), nodes.Text(" "))
        text["record"] = f"{CLAIM_FILE}: {claim.id}: {field}"
        set_source_info(self, text)
        text += self.state.inline_text(getattr(claim, field), self.lineno)[0]
        return text

    def _grounds(self, claim: Claim) -> nodes.paragraph:
        grounds = nodes.paragraph("", "", nodes.strong("", "Where it is taught:"), nodes.Text(" "), classes=[GENERATED])
        for position, label in enumerate(claim.grounds):
            grounds += [nodes.Text("; ")] * bool(position) + [_numbered_link(label, self.env.docname)]
        grounds += nodes.Text(".")
        return grounds


def _numbered_link(label: str, docname: str) -> pending_xref:
    """Return a link to a section with its number, so that it leads somewhere on paper too."""
    return pending_xref(
        "",
        nodes.inline("", "{number} {name}"),
        refdomain="std",
        reftype="numref",
        reftarget=label,
        refexplicit=True,
        refwarn=True,
        refdoc=docname,
    )


class EvidenceDirective(SphinxDirective):
    """A numbered table of chosen facts: what, value, kind of evidence, work."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar = {"name": directives.unchanged, "widths": directives.positive_int_list}
    heads = ("Finding", "Value", "Kind of evidence", "Source")
    widths = (38, 22, 24, 16)

    def run(self) -> list[nodes.Node]:
        rows, problems = [], []
        for offset, line in enumerate(self.content):
            if not line.strip():
                continue
            try:
                rows.append(self._row(line))
            except LedgerError as error:
                problems.append(f"line {self.content_offset + offset + 1}: {error}")
        if problems or not rows:
            raise self.error("{evidence}: " + ("; ".join(problems) or "no fact listed: one id a line"))
        table = nodes.table(classes=["evidence"])
        set_source_info(self, table)
        table += nodes.title("", "", *self.state.inline_text(self.arguments[0], self.lineno)[0])
        table += self._group(rows)
        self.add_name(table)
        return [table]

    def _group(self, rows: list[nodes.row]) -> nodes.tgroup:
        group = nodes.tgroup(cols=len(self.heads))
        group += [nodes.colspec(colwidth=width) for width in self.options.get("widths", self.widths)]
        head = nodes.row("", *(nodes.entry("", nodes.paragraph("", text)) for text in self.heads))
        group += nodes.thead("", head)
        group += nodes.tbody("", *rows)
        return group

    def _row(self, line: str) -> nodes.row:
        evidence = evidence_of(self.env)
        reference, _, label = (part.strip() for part in line.partition("|"))
        fact_id, path = parse_reference(reference)
        fact = evidence.ledger.fact(fact_id)
        printed = print_fact(fact, path, evidence.units)
        aside = [printed.details] if printed.value else [printed.unit, printed.details]
        brackets = "; ".join(part for part in aside if part)
        value = (printed.value or printed.number) + (f" ({brackets})" if brackets else "")
        work = evidence.ledger.source(fact.source)
        cells = [
            self.state.inline_text(label, self.lineno)[0] if label else [_from_ledger(fact.statement)],
            [make_fact_node(self, fact, "fact-table", value)],
            [make_badge(work), nodes.Text(" "), _from_ledger(kind_of_evidence(work))],
            citation(self, fact.source),
        ]
        return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *cell)) for cell in cells))


def _from_ledger(text: str) -> nodes.inline:
    return nodes.inline("", text, classes=[GENERATED])


def kind_of_evidence(work: Source) -> str:
    """Return the design of a work and its level, in words."""
    level = f"; level{chr(0xA0)}{work.level}" if work.level else ""
    return f"{work.design or 'kind of study not recorded'}{level}"


class EvidenceIndexDirective(SphinxDirective):
    """The place of the index of every fact that the book uses."""

    def run(self) -> list[nodes.Node]:
        self.env.evidence_index_page = self.env.docname
        return [evidence_nodes.evidence_index()]


def fact_details(fact: Fact, work: Source) -> list[tuple[str, str]]:
    """Return what the card and the index say of a fact, as pairs of name and text."""
    details = [
        ("Kind of study", work.design or "not recorded"),
        ("Level of evidence", LEVELS[work.level] if work.level else "not graded"),
        ("Where in the work", fact.locator or "not recorded"),
        ("How it was read", SEEN_WORDS[fact.seen_in] + (f": {fact.via}" if fact.seen_in == "secondary" else "")),
        ("Second reading", REREAD_WORDS[fact.reread].removeprefix("second reading: ")),
    ]
    if fact.n is not None:
        details.insert(1, ("Number studied", format_number(fact.n)))
    return details


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("claim", ClaimDirective)
    app.add_directive("evidence", EvidenceDirective)
    app.add_directive("evidence-index", EvidenceIndexDirective)
