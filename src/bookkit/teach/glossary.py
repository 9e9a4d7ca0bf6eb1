"""The glossary: one file of terms, a page that prints them, and links from each page's first use.

A term that no page uses, and a link to a term that does not exist, end the build.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from docutils import nodes
from docutils.statemachine import StringList
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx_exercise.nodes import solution_node

from bookkit.evidence import nodes as evidence_nodes
from bookkit.teach import nodes as teach_nodes
from bookkit.teach.state import lesson_of, lessons_of

logger = logging.getLogger(__name__)
NOT_LINKED = (
    nodes.title, nodes.caption, nodes.reference, addnodes.pending_xref, nodes.literal, nodes.literal_block, nodes.math,
    nodes.citation, nodes.table, evidence_nodes.fact, teach_nodes.quiz, nodes.rubric, nodes.footnote,
    teach_nodes.think, teach_nodes.instructor_note, solution_node,
)  # fmt: skip
NOT_LINKED_CLASSES = {"page-head", "takeaways", "claim"}


ROLE = re.compile(r"\{[a-z:-]+\}`([^`<|]+?)(?:\s*<[^`]*>)?`")


class Term(BaseModel):
    """One entry of the glossary."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    term: Annotated[str, Field(min_length=1)]
    definition: Annotated[str, Field(pattern=r"\.$")]
    forms: tuple[str, ...] = ()
    exact: bool = False

    def spellings(self) -> tuple[str, ...]:
        """Return all spellings that link to the term."""
        return (self.term, *self.forms)


@dataclass(frozen=True)
class Glossary:
    """All terms, and one pattern that finds any of them, the longest first."""

    path: Path
    terms: tuple[Term, ...]
    by_spelling: dict[str, Term]
    pattern: re.Pattern[str]

    def find(self, text: str, start: int = 0) -> tuple[Term, int, int] | None:
        """Return the next term in a text with the place where it stands."""
        for match in self.pattern.finditer(text, start):
            shown = re.sub(r"\s+", " ", match.group())
            found = self.by_spelling[shown.lower()]
            if not found.exact or shown in found.spellings():
                return found, match.start(), match.end()
        return None


def plain(text: str) -> str:
    """Return MyST text without its roles and emphasis."""
    return re.sub(r"[*_`]", "", ROLE.sub(r"\1", text)).strip()


def load(path: Path) -> Glossary:
    """Read the file of terms.

    Raises
    ------
    ValueError
        When an entry is wrong or a spelling stands twice; the message names it.
    """
    try:
        terms = TypeAdapter(tuple[Term, ...]).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")) or ())
    except (yaml.YAMLError, ValidationError, OSError) as error:
        raise ValueError(f"{path}: the glossary cannot be read: {error}") from error
    by_spelling: dict[str, Term] = {}
    for term in terms:
        for spelling in term.spellings():
            if spelling.lower() in by_spelling:
                raise ValueError(f"{path}: '{spelling}' stands twice: drop one")
            by_spelling[spelling.lower()] = term
    longest_first = sorted(by_spelling, key=len, reverse=True)
    words = "|".join(re.escape(spelling).replace(r"\ ", r"\s+") for spelling in longest_first)
    return Glossary(path, terms, by_spelling, re.compile(rf"(?<![\w-])(?:{words or '(?!)'})(?![\w-])", re.IGNORECASE))


def read(app: Sphinx) -> None:
    """Read the glossary once, before the first page."""
    name = app.config.teach_glossary
    try:
        app._glossary = load(Path(app.srcdir) / name) if name else None
    except ValueError as error:
        raise ExtensionError(str(error)) from error


class LinkFirstUses(SphinxTransform):
    """Links each term where a page uses it first."""

    default_priority = 430

    def apply(self, **kwargs: object) -> None:
        glossary: Glossary | None = self.app._glossary
        if glossary is None or self.env.docname in self.config.teach_glossary_exempt:
            return
        self.env.note_dependency(str(glossary.path))
        seen = lesson_of(self.env, self.env.docname).terms
        for text in list(self.document.findall(nodes.Text)):
            if self._is_prose(text):
                self._link(text, glossary, seen)

    def _is_prose(self, text: nodes.Text) -> bool:
        node, paragraph = text.parent, False
        while node is not None:
            if isinstance(node, NOT_LINKED) or NOT_LINKED_CLASSES.intersection(
                getattr(node, "get", dict)("classes", ())
            ):
                return False
            if isinstance(node, nodes.Element) and str(node.get("nb_element", "")).startswith("cell_code"):
                return False
            paragraph = paragraph or isinstance(node, nodes.paragraph)
            node = node.parent
        return paragraph

    def _link(self, text: nodes.Text, glossary: Glossary, seen: set[str]) -> None:
        content, parts, done, start = text.astext(), [], 0, 0
        while found := glossary.find(content, start):
            term, begin, end = found
            start = end
            if term.term in seen:
                continue
            seen.add(term.term)
            parts += [nodes.Text(content[done:begin]), self._reference(term, content[begin:end])]
            done = end
        if parts:
            text.parent.replace(text, [part for part in (*parts, nodes.Text(content[done:])) if part.astext()])

    def _reference(self, term: Term, shown: str) -> addnodes.pending_xref:
        return addnodes.pending_xref(
            "", nodes.inline("", shown, classes=["term"], term=term.term), refdomain="std", reftype="term",
            reftarget=term.term, refexplicit=True, refwarn=True, refdoc=self.env.docname,
        )  # fmt: skip


class BookGlossaryDirective(SphinxDirective):
    """Prints all terms in alphabetical order."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        glossary: Glossary | None = self.env.app._glossary
        if glossary is None or glossary.path.name != self.arguments[0]:
            raise self.error("{book-glossary}: teach_glossary in the configuration names another file, or none")
        self.env.note_dependency(str(glossary.path))
        lines = ["````{glossary}"]
        for term in sorted(glossary.terms, key=lambda entry: entry.term.lower()):
            lines += [term.term, f"  {term.definition}", ""]
        holder = nodes.container()
        self.state.nested_parse(StringList([*lines, "````"], str(glossary.path)), self.content_offset, holder)
        return holder.children


def check_use(app: Sphinx, env: BuildEnvironment) -> None:
    """Report terms that no page uses."""
    glossary: Glossary | None = app._glossary
    if glossary is None or "glossary" not in app.config.teach_checks:
        return
    used = {term for lesson in lessons_of(env).values() for term in lesson.terms}
    for term in glossary.terms:
        if term.term not in used:
            logger.error(
                "%s: no page uses '%s': use it or drop it", glossary.path, term.term, type="teach", subtype="glossary"
            )


def setup(app: Sphinx) -> None:
    """Register the page, the links and the check."""
    app.add_config_value("teach_glossary", "", "env", [str])
    app.add_config_value("teach_glossary_exempt", [], "env", [list])
    app.connect("builder-inited", read)
    app.add_transform(LinkFirstUses)
    app.add_directive("book-glossary", BookGlossaryDirective)
    app.connect("env-check-consistency", check_use)
