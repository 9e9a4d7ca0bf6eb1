"""The box at the head of each page, made from its front matter, and the table of times."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from bookkit.evidence.ledger import LedgerError
from bookkit.evidence.nodes import GENERATED, reference_to_label
from bookkit.evidence.state import evidence_of
from bookkit.teach import page as pages
from bookkit.teach.page import Page, PageError
from bookkit.teach.state import lesson_of

logger = logging.getLogger(__name__)
TOLERANCE = 1.7


def minutes_in_words(minutes: int) -> str:
    """Return ``45 minutes`` or ``2 h 5 min``."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} minutes" if rest != 1 else "1 minute"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def reference_to(docname: str, from_doc: str) -> addnodes.pending_xref:
    """Return a link to a page that will show its title."""
    return addnodes.pending_xref(
        "", nodes.inline("", docname), refdomain="std", reftype="doc", reftarget=f"/{docname}", refexplicit=False,
        refwarn=True, refdoc=from_doc,
    )  # fmt: skip


def _sentence(*parts: nodes.Node | str) -> nodes.paragraph:
    return nodes.paragraph("", "", *(nodes.Text(part) if isinstance(part, str) else part for part in parts))


def _joined(items: list[nodes.Node]) -> list[nodes.Node]:
    joined: list[nodes.Node] = []
    for position, item in enumerate(items):
        if position:
            joined.append(nodes.Text(" and " if position == len(items) - 1 else ", "))
        joined.append(item)
    return joined


class PageHead(SphinxTransform):
    """Puts the box after the page's title; a page without metadata is an error."""

    default_priority = 420

    def apply(self, **kwargs: object) -> None:
        env = self.env
        if env.docname in self.config.teach_exempt or "page_head" not in self.config.teach_checks:
            return
        path = Path(env.doc2path(env.docname))
        try:
            page = pages.load(path)
        except PageError as error:
            logger.error("%s", error, location=env.docname, type="teach", subtype="page")
            return
        if page is None:
            logger.error(
                "this page has no metadata: put this, with your own values, into its front matter\n%s", pages.EXAMPLE,
                location=(env.docname, 1), type="teach", subtype="page",
            )  # fmt: skip
            return
        title = next(iter(self.document.findall(nodes.title)), None)
        if title is None:
            logger.error("this page has no title", location=(env.docname, 1), type="teach", subtype="page")
            return
        lesson_of(env, env.docname).page = page
        box = self._box(page)
        title.parent.insert(title.parent.index(title) + 1, box)

    def _box(self, page: Page) -> nodes.admonition:
        box = nodes.admonition(classes=["page-head"])
        box += nodes.title("", "Before you start")
        items = [nodes.list_item("", self._times(page)), *self._prerequisites(page), self._objectives(page)]
        items += self._claims(page)
        box += nodes.bullet_list("", *items, bullet="-")
        box.document = self.document
        return box

    def _times(self, page: Page) -> nodes.paragraph:
        doing = f" To do, with questions and exercises: {minutes_in_words(page.minutes.do)}." if page.minutes.do else ""
        times = _sentence(f"To read: {minutes_in_words(page.minutes.read)}.{doing}")
        times["classes"].append(GENERATED)
        return times

    def _prerequisites(self, page: Page) -> Iterator[nodes.list_item]:
        if not page.prerequisites:
            return
        known = self.env.found_docs
        shown = [reference_to(p, self.env.docname) if p in known else nodes.Text(p) for p in page.prerequisites]
        yield nodes.list_item("", _sentence("You need: ", *_joined(shown), "."))

    def _objectives(self, page: Page) -> nodes.list_item:
        rows = []
        for name, text in page.objectives.items():
            row = nodes.list_item("", _sentence(nodes.strong("", name), f" {text}"))
            row["ids"].append(pages.objective_anchor(name))
            rows.append(row)
        return nodes.list_item("", _sentence("Afterwards you can:"), nodes.bullet_list("", *rows, bullet="-"))

    def _claims(self, page: Page) -> Iterator[nodes.list_item]:
        if not page.claims:
            return
        links: list[nodes.Node] = []
        for name in page.claims:
            try:
                claim = evidence_of(self.env).ledger.claim(name)
            except LedgerError as error:
                logger.error("claims in the front matter: %s", error, location=(self.env.docname, 1), type="teach")
                continue
            links.append(reference_to_label(f"claim-{claim.id}", self.env.docname, claim.quoted_name))
        yield nodes.list_item("", _sentence("Claims of the article that it lets you judge: ", *_joined(links), "."))


def count_words(app: Sphinx, document: nodes.document) -> None:
    """Keep the number of words, and tell the writer when the minutes don't fit it."""
    env = app.env
    lesson = lesson_of(env, env.docname)
    unread = (nodes.comment, nodes.literal_block, nodes.raw, nodes.citation, addnodes.toctree)
    texts = (t for t in document.findall(nodes.Text) if not _inside(t, unread))
    lesson.words = sum(len(text.astext().split()) for text in texts)
    if lesson.page is None:
        return
    expected = lesson.words / app.config.teach_words_per_minute
    ratio = lesson.page.minutes.read / max(expected, 1)
    if not 1 / TOLERANCE <= ratio <= TOLERANCE:
        logger.info(
            "note for the writer: %s says %d minutes to read, its %d words take about %d",
            env.docname, lesson.page.minutes.read, lesson.words, round(expected), color="yellow",
        )  # fmt: skip


def _inside(node: nodes.Node, kinds: tuple[type, ...]) -> bool:
    while node is not None:
        if isinstance(node, kinds):
            return True
        node = node.parent
    return False


class reading_times(nodes.General, nodes.Element):
    """Stands where the table of times will be."""


class ReadingTimesDirective(SphinxDirective):
    """A table of the minutes of every page, summed for each part and for the book."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {"name": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        table = nodes.table(classes=["reading-times", GENERATED])
        table += nodes.title("", self.arguments[0])
        self.add_name(table)
        self.env.teach_times_page = self.env.docname
        place = reading_times()
        place += table
        return [place]


class FillReadingTimes(SphinxPostTransform):
    """Writes the table when all pages are known."""

    default_priority = 1

    def run(self, **kwargs: object) -> None:
        for place in list(self.document.findall(reading_times)):
            table = place[0]
            self._fill(table)
            place.replace_self(table)

    def _fill(self, table: nodes.table) -> None:
        group = nodes.tgroup(cols=3)
        group += [nodes.colspec(colwidth=width) for width in (60, 20, 20)]
        group += nodes.thead("", _row("Page", "To read", "To do"))
        body = nodes.tbody()
        total = [0, 0]
        for caption, docnames in parts_of(self.env):
            timed = [(name, lesson_of(self.env, name).page) for name in docnames]
            rows = [(name, page) for name, page in timed if page is not None]
            if not rows:
                continue
            sums = [sum(page.minutes.read for _, page in rows), sum(page.minutes.do for _, page in rows)]
            total = [total[0] + sums[0], total[1] + sums[1]]
            body += _row(nodes.strong("", caption), *(nodes.strong("", minutes_in_words(s)) for s in sums))
            for name, page in rows:
                link = reference_to(name, self.env.docname)
                body += _row(link, minutes_in_words(page.minutes.read), minutes_in_words(page.minutes.do))
        body += _row(nodes.strong("", "The book so far"), *(nodes.strong("", minutes_in_words(s)) for s in total))
        group += body
        table += group


def _row(*cells: nodes.Node | str) -> nodes.row:
    return nodes.row("", *(nodes.entry("", _sentence(cell)) for cell in cells))


def parts_of(env: BuildEnvironment) -> list[tuple[str, list[str]]]:
    """Return each part's caption with its documents in reading order."""
    root = env.get_doctree(env.config.root_doc)
    parts = []
    for tree in root.findall(addnodes.toctree):
        found: list[str] = []
        waiting = list(tree.get("includefiles", []))
        while waiting:
            name = waiting.pop(0)
            found.append(name)
            waiting = list(env.toctree_includes.get(name, [])) + waiting
        parts.append((tree.get("caption") or "", found))
    return parts


def write_times_anew(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write the page with the table of times again, since any page may have changed its minutes."""
    page = getattr(env, "teach_times_page", None)
    return [page] if page in env.found_docs else []


def setup(app: Sphinx) -> None:
    """Register the head and the table."""
    app.add_config_value("teach_exempt", [], "env", [list])
    app.add_config_value("teach_checks", ["page_head", "objectives", "glossary"], "env", [list])
    app.add_config_value("teach_words_per_minute", 180, "env", [int])
    app.add_node(reading_times)
    app.add_transform(PageHead)
    app.add_post_transform(FillReadingTimes)
    app.add_directive("reading-times", ReadingTimesDirective)
    app.connect("doctree-read", count_words)
    app.connect("env-updated", write_times_anew)
