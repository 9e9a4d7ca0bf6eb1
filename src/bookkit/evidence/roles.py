"""Roles that print facts and cite their works: ``{fact}``, ``{fact-value}``, ``{fact-number}`` and so on."""

from __future__ import annotations

import re
from collections.abc import Callable

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx.util.nodes import make_id, split_explicit_title
from sphinxcontrib.bibtex.roles import CiteRole

from bookkit.evidence import nodes as evidence_nodes
from bookkit.evidence.ledger import Fact, LedgerError, Source
from bookkit.evidence.nodes import GENERATED
from bookkit.evidence.state import evidence_of
from bookkit.evidence.typography import NBSP, Printed, print_fact

_REFERENCE = re.compile(r"^(?P<id>[A-Za-z0-9.-]+)(?P<path>(\[[^\]]+\])*)$")


def parse_reference(text: str) -> tuple[str, tuple[int | str, ...]]:
    """Split ``id[1][0]`` into the fact's id and the way to one element.

    Raises
    ------
    LedgerError
        When the text has another form.
    """
    match = _REFERENCE.match(text.strip())
    if not match:
        raise LedgerError(f"'{text}' is not a fact: write an id, or id[0] for one element of a list")
    steps = re.findall(r"\[([^\]]+)\]", match["path"])
    return match["id"], tuple(int(step) if step.isdigit() else step for step in steps)


def _full(printed: Printed) -> str:
    details = f" ({printed.details})" if printed.details else ""
    return _value(printed) + details


def _value(printed: Printed) -> str:
    if printed.value is None:
        raise LedgerError(
            f"the unit '{printed.unit}' has no printed form: use {{fact-number}} and write the unit in words, "
            "or add the unit to evidence/units.yaml"
        )
    return printed.value


def _interval(printed: Printed) -> str:
    if not printed.interval:
        raise LedgerError("this fact, or this element of it, has no interval in the ledger")
    return printed.interval


VARIANTS: dict[str, Callable[[Printed], str]] = {
    "fact": _full,
    "fact-value": _value,
    "fact-number": lambda printed: printed.number,
    "fact-interval": _interval,
}
CITING = ("fact", "fact-source")


class _EvidenceRole(SphinxRole):
    """Shared by the roles: the ledger, citations, and errors that name file and line."""

    def fail(self, message: str) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        error = self.inliner.reporter.error(f"{{{self.name}}}`{self.text}`: {message}", line=self.lineno)
        return [self.inliner.problematic(self.rawtext, self.rawtext, error)], [error]

    def cite(self, key: str) -> list[nodes.Node]:
        return cite(self, key)


def cite(role: SphinxRole, key: str, style: str = "p") -> list[nodes.Node]:
    """Return the citation of a work, as ``{cite:p}`` would."""
    return CiteRole()(f"cite:{style}", f"{{cite:{style}}}`{key}`", key, role.lineno, role.inliner)[0]


class FactRole(_EvidenceRole):
    """Print a fact in the variant that the role's name asks for."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        evidence = evidence_of(self.env)
        variant = self.name.lower()
        try:
            fact_id, path = parse_reference(self.text)
            fact = evidence.ledger.fact(fact_id)
            text = VARIANTS[variant](print_fact(fact, path, evidence.units))
        except LedgerError as error:
            return self.fail(str(error))
        found: list[nodes.Node] = [make_fact_node(self, fact, variant, text)]
        if variant in CITING:
            found += [nodes.Text(NBSP), *self.cite(fact.source)]
        return found, []


class FactSourceRole(_EvidenceRole):
    """Cite the work of a fact, and note that the page rests on the fact."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        try:
            fact_id, _ = parse_reference(self.text)
            fact = evidence_of(self.env).ledger.fact(fact_id)
        except LedgerError as error:
            return self.fail(str(error))
        mark = make_fact_node(self, fact, "fact-source", "")
        mark += self.cite(fact.source)
        return [mark], []


class GivenRole(_EvidenceRole):
    """``{given}`90 minutes|why``: a number of the book's own, with the reason for typing it."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        text, _, reason = (part.strip() for part in self.text.partition("|"))
        if not text or not reason:
            return self.fail(
                "write {given}`number|reason`: what the number is and why no source or computation gives it"
            )
        return [evidence_nodes.given(self.rawtext, text, reason=reason)], []


class ClaimRole(_EvidenceRole):
    """``{claim}`id``` or ``{claim}`words <id>```: a link to the claim, which shows its name or these words."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        has_words, words, claim_id = split_explicit_title(self.text.strip())
        try:
            claim = evidence_of(self.env).ledger.claim(claim_id)
        except LedgerError as error:
            return self.fail(str(error))
        text = words if has_words else claim.quoted_name
        return [evidence_nodes.reference_to_label(f"claim-{claim.id}", self.env.docname, text)], []


class LevelRole(_EvidenceRole):
    """``{level}`fact-id``` or ``{level}`work-key```: the kind of evidence, in words."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        ledger = evidence_of(self.env).ledger
        try:
            if self.text in ledger.sources:
                work = ledger.source(self.text)
            else:
                work = ledger.source(ledger.fact(parse_reference(self.text)[0]).source)
        except LedgerError as error:
            return self.fail(str(error))
        return [make_badge(work)], []


def make_badge(work: Source) -> evidence_nodes.level_badge:
    """Return the badge that names a work's kind of evidence."""
    return evidence_nodes.level_badge("", work.kind, classes=["level-badge", GENERATED])


def make_fact_node(place: SphinxRole | SphinxDirective, fact: Fact, variant: str, text: str) -> evidence_nodes.fact:
    """Return a fact node with an id of its own, noted for the evidence index."""
    env, evidence = place.env, evidence_of(place.env)
    document = place.inliner.document if isinstance(place, SphinxRole) else place.state.document
    node = evidence_nodes.fact("", text, fact_id=fact.id, source=fact.source, variant=variant)
    node.source, node.line = place.get_source_info()
    uses = evidence.uses_in(env.docname, fact.id)
    node["ids"] = [make_id(env, document, "fact-use", f"{fact.id}-{len(uses) + 1}")]
    uses.append(node["ids"][0])
    for name in (evidence.ledger.fact_file[fact.id], "sources.yaml", "units.yaml"):
        env.note_dependency(str(evidence.folder / name))
    return node


def setup(app: Sphinx) -> None:
    """Register the roles."""
    for name in VARIANTS:
        app.add_role(name, FactRole())
    app.add_role("fact-source", FactSourceRole())
    app.add_role("given", GivenRole())
    app.add_role("level", LevelRole())
    app.add_role("claim", ClaimRole())
