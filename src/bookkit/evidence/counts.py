"""``{ledger-count}``: how many works, facts and gaps the ledger holds, counted whenever the book is built."""

from __future__ import annotations

from functools import lru_cache
from typing import get_args

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from bookkit.evidence.ledger import GAP_FILE, Kind, Ledger, LedgerError
from bookkit.evidence.nodes import GENERATED
from bookkit.evidence.state import evidence_of
from bookkit.evidence.typography import format_number


def count(ledger: Ledger) -> dict[str, int]:
    """Return the counts by name.

    ``works-…`` are by completeness and use, ``kind-…`` by kind of evidence, ``read-…`` by where a fact was read,
    ``reread-…`` by its second reading. The last three count what may be printed only.
    """
    works, facts = list(ledger.sources.values()), list(ledger.facts.values())
    printable = [fact for fact in facts if fact.printable]
    counts = {
        "works": len(works),
        "works-complete": sum(work.complete for work in works),
        "works-incomplete": sum(not work.complete for work in works),
        "works-background": sum(not work.printable for work in works),
        "facts": len(facts),
        "facts-printable": len(printable),
        "facts-background": sum(fact.use == "background-only" for fact in facts),
        "facts-not-found": sum(fact.reread == "not found" for fact in facts),
        "claims": len(ledger.claims),
        **{name.replace("_", "-"): len(entries) for name, entries in ledger.gaps.items()},
    }
    for place in ("abstract", "full text", "secondary"):
        counts[f"read-{place.replace(' ', '-')}"] = sum(fact.seen_in == place for fact in printable)
    for kind in get_args(Kind):
        counts[f"kind-{kind.replace(',', '').replace(' ', '-')}"] = sum(w.kind == kind for w in works if w.printable)
    for reading in ("confirmed", "corrected", "partial", None):
        counts[f"reread-{reading or 'none'}"] = sum(fact.reread == reading for fact in printable)
    return counts


@lru_cache(maxsize=1)
def _counted(ledger: Ledger) -> dict[str, int]:
    """Count once a build: every build reads a ledger of its own."""
    return count(ledger)


class LedgerCountRole(SphinxRole):
    """Print one of the counts."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        ledger = evidence_of(self.env).ledger
        for path in (*ledger.files, ledger.folder / GAP_FILE):
            self.env.note_dependency(str(path))
        try:
            counts = _counted(ledger)
            if self.text not in counts:
                raise LedgerError(f"'{self.text}' is not counted; what is: {', '.join(sorted(counts))}")
        except LedgerError as error:
            message = self.inliner.reporter.error(f"{{ledger-count}}`{self.text}`: {error}", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        return [nodes.inline(self.rawtext, format_number(counts[self.text]), classes=[GENERATED])], []


def setup(app: Sphinx) -> None:
    """Register the role."""
    app.add_role("ledger-count", LedgerCountRole())
