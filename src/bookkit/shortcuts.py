"""Sphinx extension: two look-ups that take a minute of each build of a long book, answered from memory.

Both give what the original gives. A reference by number reads the pickled document that it leads to, anew for each; and
sphinxcontrib-bibtex goes through all citations of the book once for every work and every list of references.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from pybtex.database import Entry
from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.environment import BuildEnvironment
from sphinxcontrib.bibtex.directives import BibliographyKey
from sphinxcontrib.bibtex.domain import BibtexDomain, _FilterVisitor


class _Reader:
    """An environment that reads each document once; what it hands out is to be looked at, not changed."""

    def __init__(self, env: BuildEnvironment) -> None:
        self._env = env
        self._doctrees: dict[str, nodes.document] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._env, name)

    def get_doctree(self, docname: str) -> nodes.document:
        if docname not in self._doctrees:
            self._doctrees[docname] = self._env.get_doctree(docname)
        return self._doctrees[docname]


class NumberedReferences(StandardDomain):
    """The standard domain; references by number read each document once."""

    _reader: _Reader | None = None

    def _resolve_numref_xref(self, env: BuildEnvironment, *args: Any) -> nodes.Element | None:
        if self._reader is None:
            self._reader = _Reader(env)
        return super()._resolve_numref_xref(self._reader, *args)

    def forget(self) -> None:
        """Read documents anew from now on."""
        self._reader = None


class Works(BibtexDomain):
    """The bibliography's domain; who cites what is gathered once a list of references."""

    def get_filtered_entries(self, bibliography_key: BibliographyKey) -> Iterator[tuple[str, Entry]]:
        """Yield key and entry of the works that a list's filter lets through."""
        bibliography = self.bibliographies[bibliography_key]
        if bibliography.keys or bibliography.keyprefix:
            yield from super().get_filtered_entries(bibliography_key)
            return
        cited: dict[str, set[str]] = defaultdict(set)
        for reference in self.citation_refs:
            for target in reference.targets:
                cited[target.key].add(reference.docname)
        for entry in self.get_entries(bibliography.bibfiles):
            visitor = _FilterVisitor(entry, bibliography_key.docname, cited.get(entry.key, set()))
            try:
                passes = visitor.visit(bibliography.filter_)
            except ValueError:  # a filter that makes no sense: the original says so
                yield from super().get_filtered_entries(bibliography_key)
                return
            if passes:
                yield entry.key, entry


def _forget(app: Sphinx, env: BuildEnvironment) -> None:
    """Let no document outlive the reading stage, in which it may still change."""
    env.get_domain("std").forget()


def setup(app: Sphinx) -> dict[str, Any]:
    """Put both domains in place of those that they extend."""
    app.setup_extension("sphinxcontrib.bibtex")
    app.add_domain(NumberedReferences, override=True)
    app.add_domain(Works, override=True)
    app.connect("env-check-consistency", _forget)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
