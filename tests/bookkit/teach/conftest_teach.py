"""Small books whose pages are lessons."""

from __future__ import annotations

import pytest

HEAD = """---
page:
  minutes: {read: 1, do: 2}
  prerequisites: [school biology]
  objectives:
    LO 1.1: Name the layers.
    LO 1.2: Say how sure the ranking is.
  claims: [good-claim]
---

"""
QUIZ = """```{quiz} single
:name: first
:objectives: LO 1.1, LO 1.2
:see: here

Which layer covers the lung?

- [x] The visceral pleura.
  > Right: it dips into the fissures.
- [ ] The parietal pleura.
  > No: that lines the chest wall.
```
"""
CONFIG = {
    "extensions": [
        "myst_nb",
        "sphinx_design",
        "sphinx_exercise",
        "sphinxcontrib.bibtex",
        "bookkit.evidence",
        "bookkit.teach",
    ],
    "teach_exempt": ["facts", "works"],
    "teach_glossary_exempt": ["facts", "works"],
    "suppress_warnings": ["bibtex.duplicate_citation", "misc.highlighting_failure", "toc.not_included"],
}


def page(body: str, head: str = HEAD) -> str:
    """Return a page with a head, a place to link to, and the claim that the head names."""
    return f"{head}# Page\n\n(here)=\n## Here\n\nText.\n\n```{{claim}} good-claim\n```\n\n{body}"


@pytest.fixture
def lessons(small_book):
    """A small book with `bookkit.teach`; call it with pages in Markdown."""

    def build(config: dict[str, object] | None = None, **pages: str):
        return small_book.build(config={**CONFIG, **(config or {})}, **pages)

    return build
