"""What one build knows of the ledger, and which page uses which fact."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

from bookkit.evidence.ledger import Ledger, LedgerError
from bookkit.evidence.names import load_names
from bookkit.evidence.typography import load_units

ASIDE = ""
"""Stands for the id of a use in a solution or an instructor's note."""


@dataclass
class Evidence:
    """Ledger, printed units and allowed names of one build, with the environment's record of uses."""

    folder: Path
    ledger: Ledger
    units: dict[str, str]
    names: dict[str, str]
    uses: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def uses_in(self, docname: str, fact_id: str) -> list[str]:
        """Return the ids of the places where a page uses a fact (a live list); `ASIDE` for those off the page."""
        return self.uses.setdefault(docname, {}).setdefault(fact_id, [])

    def set_aside(self, docname: str, fact_id: str, place: str) -> None:
        """Note that a use stands where not every edition prints it, so that nothing links to the very place."""
        uses = self.uses_in(docname, fact_id)
        uses[uses.index(place)] = ASIDE


def load(app: Sphinx) -> None:
    """Read the ledger once, before the first page is read."""
    folder = Path(app.srcdir) / app.config.evidence_folder
    try:
        app._evidence = Evidence(folder, Ledger(folder), load_units(folder), load_names(folder))
    except LedgerError as error:
        raise ExtensionError(f"the evidence ledger cannot be read:\n{error}") from error


def evidence_of(env: BuildEnvironment) -> Evidence:
    """Return the build's evidence, its uses kept in the environment between builds."""
    evidence: Evidence = env.app._evidence
    if not hasattr(env, "evidence_uses"):
        env.evidence_uses = {}
    evidence.uses = env.evidence_uses
    return evidence


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget the uses of a page that is read again."""
    getattr(env, "evidence_uses", {}).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    """Take over the uses that a parallel reader found."""
    evidence_of(env)
    env.evidence_uses.update({d: u for d, u in getattr(other, "evidence_uses", {}).items() if d in docnames})
