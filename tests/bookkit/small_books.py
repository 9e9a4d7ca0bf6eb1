"""A small ledger and small books, for tests of what turns them into pages."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass
from pathlib import Path

import yaml
from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

LEDGER = {
    "sources.yaml": {
        "sources": [
            {
                "key": "baas2021first",
                "type": "article",
                "title": "First-line nivolumab & ipilimumab",
                "complete": True,
                "author": "Baas, Paul and Scherpereel, Arnaud and Nowak, Anna and others",
                "journal": "The Lancet",
                "year": 2021,
                "doi": "10.1016/x_1",
                "design": "randomised, open-label, phase III, n=605",
                "kind": "randomised trial",
                "level": 2,
                "seen": ["https://example.org/baas"],
            },
            {
                "key": "baas2021other",
                "type": "article",
                "title": "Another paper",
                "complete": True,
                "author": "Baas, Paul and Aerts, Joachim and Smit, Egbert",
                "journal": "The Lancet",
                "year": 2021,
                "pmid": "123",
                "design": "review",
                "kind": "not graded",
                "level": 5,
                "seen": ["https://example.org/other"],
            },
            {
                "key": "anonndpage",
                "type": "misc",
                "title": "A page without an author",
                "complete": False,
                "missing": ["author", "year"],
                "design": "web page",
                "kind": "not graded",
                "seen": ["read at https://example.org/page; copy"],
            },
            {
                "key": "hidden",
                "type": "misc",
                "design": "web page",
                "kind": "not graded",
                "complete": False,
                "use": "background-only",
                "missing": ["title"],
                "seen": ["somewhere"],
            },
        ]
    },
    "disease.yaml": {
        "facts": [
            {
                "id": "median",
                "source": "baas2021first",
                "statement": "Median survival with both drugs.",
                "value": 18.1,
                "unit": "months",
                "interval": [16.8, 21.0],
                "interval_kind": "95% CI",
                "n": 303,
                "locator": "abstract",
                "seen_in": "abstract",
                "reread": "confirmed",
            },
            {
                "id": "ratio",
                "source": "baas2021first",
                "statement": "A ratio of three.",
                "value": [500, 100, 1],
                "unit": "ratio a : b : c",
                "locator": "abstract",
                "seen_in": "secondary",
                "via": "https://example.org/relay",
                "reread": "corrected",
            },
            {
                "id": "deaths",
                "source": "anonndpage",
                "statement": "Deaths by sex.",
                "value": [2040, 400],
                "unit": "deaths [men, women]",
                "locator": "table",
                "seen_in": "full text",
            },
            {
                "id": "approval",
                "source": "baas2021other",
                "statement": "Approved.",
                "value": "2020-10-02",
                "unit": "date",
                "locator": "page",
                "seen_in": "abstract",
                "reread": "confirmed",
            },
            {
                "id": "words",
                "source": "baas2021other",
                "statement": "Only words.",
                "value": "mostly",
                "unit": "qualitative",
                "locator": "page",
                "seen_in": "abstract",
                "reread": "confirmed",
            },
            {
                "id": "lost",
                "source": "baas2021first",
                "statement": "Not seen again.",
                "value": 5,
                "unit": "%",
                "locator": "page",
                "seen_in": "abstract",
                "reread": "not found",
            },
            {
                "id": "background",
                "source": "hidden",
                "statement": "Background.",
                "value": 5,
                "unit": "%",
                "locator": "page",
                "seen_in": "abstract",
                "use": "background-only",
            },
        ],
        "unverified": [{"note": "Not seen."}],
    },
    "immunotherapy_act.yaml": {"facts": []},
    "interventional_oncology.yaml": {"facts": []},
    "claims.yaml": {
        "article": {"title": "An article", "reference": "baas2021other"},
        "claims": [
            {
                "id": "good-claim",
                "name": "a good claim",
                "section": "introduction",
                "text": "It is so.",
                "verdict": "overstated",
                "why": "In one trial the median was {fact}`median`.",
                "sources": ["baas2021first"],
                "grounds": ["taught"],
                "change": "A trial in which the median is longer than {fact}`median`.",
            },
            {
                "id": "bare-claim",
                "name": "a bare claim",
                "section": "introduction",
                "text": "It is so.",
                "verdict": "wrong",
                "why": "No.",
                "sources": [],
                "grounds": ["taught"],
                "change": "Nothing.",
            },
        ],
    },
    "disagreements.yaml": {"disagreements": [{"topic": "A", "positions": ["1", "2"]}], "not_found": ["B", "C"]},
    "units.yaml": {"months": "{}~months", "%": "{}%", "deaths": "{}~deaths"},
    "names.yaml": {"CheckMate 743": "a trial"},
}

CONFIG = {
    "extensions": ["myst_nb", "sphinx_design", "sphinxcontrib.bibtex", "bookkit.evidence"],
    "bibtex_bibfiles": ["references.bib"],
    "bibtex_reference_style": "book",
    "bibtex_default_style": "book",
    "suppress_warnings": ["bibtex.duplicate_citation", "misc.highlighting_failure"],
    "nb_execution_mode": "off",
    "myst_enable_extensions": ["dollarmath", "colon_fence"],
    "nitpicky": True,
    "html_theme": "basic",
    "numfig": True,
}


def write_ledger(folder: Path, changes: dict[str, object] | None = None) -> Path:
    """Write the small ledger; `changes` replaces whole files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {**LEDGER, **(changes or {})}.items():
        text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@dataclass
class Built:
    """One small book after its build."""

    app: Sphinx
    warnings: str

    def html(self, page: str = "index") -> BeautifulSoup:
        """Return a page as a reader's browser gets it."""
        return BeautifulSoup((Path(self.app.outdir) / f"{page}.html").read_text(encoding="utf-8"), "lxml")

    def text(self, page: str = "index") -> str:
        """Return a page's body as text."""
        return self.html(page).select_one(".body").get_text()

    def doctree(self, page: str = "index") -> nodes.document:
        """Return a page's document with everything resolved."""
        return self.app.env.get_and_resolve_doctree(page, self.app.builder)


class SmallBook:
    """A folder with the small ledger, built page by page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write_ledger(folder / "evidence")

    def build(self, config: dict[str, object] | None = None, **pages: str) -> Built:
        """Build the given pages (Markdown); an index of facts and a bibliography stand beside them."""
        from bookkit.evidence import bibliography
        from bookkit.evidence.ledger import Ledger

        bibliography.write(Ledger(self.folder / "evidence"), self.folder / "references.bib")
        others = {"facts": "# Facts\n\n```{evidence-index}\n```\n", "works": "# Works\n\n```{bibliography}\n```\n"}
        toc = "\n\n```{toctree}\n:numbered:\n\n" + "\n".join([p for p in [*pages, *others] if p != "index"]) + "\n```\n"
        for name, text in {**others, **pages}.items():
            (self.folder / f"{name}.md").write_text(text + (toc if name == "index" else ""), encoding="utf-8")
        warnings = io.StringIO()
        with patch_docutils(), docutils_namespace():
            app = Sphinx(
                str(self.folder),
                None,
                str(self.folder / "_out"),
                str(self.folder / "_trees"),
                "html",
                confoverrides={**CONFIG, "evidence_gate_exclude": ["facts", "works"], **(config or {})},
                status=None,
                warning=warnings,
            )
            app.build()
        return Built(app, warnings.getvalue())

    def clean(self) -> None:
        """Forget earlier builds."""
        for name in ("_out", "_trees"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
