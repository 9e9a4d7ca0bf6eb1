"""Sphinx extension of the instructor's pack: timelines, syllabi, the map of objectives, and links to the book."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

from bookkit.evidence.nodes import GENERATED
from bookkit.instructor.plan import load
from bookkit.teach.head import minutes_in_words
from bookkit.teach.quiz import KINDS


def lessons(app: Sphinx) -> dict[str, dict[str, Any]]:
    """Return the book's pages by name, as its build described them."""
    pages = json.loads(Path(app.config.instructor_lessons).read_text(encoding="utf-8"))
    return {page["docname"]: page for page in pages}


def table(title: str, heads: tuple[str, ...], rows: list[tuple[Any, ...]], widths: tuple[int, ...]) -> nodes.table:
    """Return a table of plain text, or of nodes."""
    node = nodes.table(classes=[GENERATED])
    if title:
        node += nodes.title("", title)
    group = nodes.tgroup(cols=len(heads))
    group += [nodes.colspec(colwidth=width) for width in widths]
    group += nodes.thead("", _row(heads))
    group += nodes.tbody("", *map(_row, rows))
    node += group
    return node


def _row(cells: tuple[Any, ...]) -> nodes.row:
    shown = ([cell] if isinstance(cell, nodes.Node) else [nodes.Text(str(cell))] for cell in cells)
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *cell)) for cell in shown))


def page_link(app: Sphinx, docname: str) -> nodes.Node:
    """Return a page's title, linked when the address of the online book is known."""
    page = lessons(app)[docname]
    title = " ".join(part for part in (page["number"], page["title"]) if part)
    online = app.config.typst_online_url.rstrip("/")
    if not online:
        return nodes.emphasis("", title)
    return nodes.reference("", title, refuri=f"{online}/{docname}.html")


class PageRole(SphinxRole):
    """``{page}`book/01-pleura…```: the title of a page of the book."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        if self.text not in lessons(self.env.app):
            message = self.inliner.reporter.error(f"{{page}}`{self.text}`: the book has no such page", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        holder = nodes.inline("", "", page_link(self.env.app, self.text), classes=[GENERATED])
        return [holder], []


class PlanDirective(SphinxDirective):
    """What the plan is for, and its timeline."""

    def run(self) -> list[nodes.Node]:
        try:
            plan = load(Path(self.env.doc2path(self.env.docname)))
            page = lessons(self.env.app)[plan.page]
        except ValueError as error:
            raise self.error(str(error)) from None
        except KeyError:
            raise self.error(f"the plan is for {plan.page}, which the book does not have") from None
        start, rows = 0, []
        for minutes, what, how in plan.steps:
            rows.append((f"{start}–{start + minutes}", what, how))
            start += minutes
        intro = nodes.paragraph("", "For ", page_link(self.env.app, plan.page), nodes.Text(
            f". One class of {minutes_in_words(plan.minutes)}."), classes=[GENERATED])  # fmt: skip
        objectives = nodes.bullet_list(bullet="-", classes=[GENERATED])
        for name, text in (page["page"] or {"objectives": {}})["objectives"].items():
            objectives += nodes.list_item("", nodes.paragraph("", "", nodes.strong("", name), nodes.Text(f" {text}")))
        return [intro, objectives, table("Timeline", ("Minute", "What", "How"), rows, (14, 62, 24))]


class SyllabusDirective(SphinxDirective):
    """A syllabus from ``syllabi.yaml``; pages that the book does not have yet are marked."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir) / "syllabi.yaml"
        self.env.note_dependency(str(path))
        syllabi = yaml.safe_load(path.read_text(encoding="utf-8"))
        if self.arguments[0] not in syllabi:
            raise self.error(f"syllabi.yaml has {', '.join(syllabi)}, not '{self.arguments[0]}'")
        syllabus, known = syllabi[self.arguments[0]], lessons(self.env.app)
        rows = []
        for session in syllabus["sessions"]:
            pages = nodes.inline()
            for position, name in enumerate(session["pages"]):
                pages += [nodes.Text("; ")] * bool(position)
                pages += page_link(self.env.app, name) if name in known else nodes.Text(f"{name} (in preparation)")
            rows.append((session["when"], pages, session["before"], session["in class"]))
        widths = (14, 34, 24, 28)
        return [table(syllabus["title"], ("When", "Pages", "Before class", "In class"), rows, widths)]


class ObjectiveMapDirective(SphinxDirective):
    """Which questions and exercises assess which objective, page by page."""

    def run(self) -> list[nodes.Node]:
        found: list[nodes.Node] = []
        for name, page in lessons(self.env.app).items():
            if page["page"]:
                found += [nodes.rubric("", "", page_link(self.env.app, name), classes=[GENERATED]), self._table(page)]
        return found

    def _table(self, page: dict[str, Any]) -> nodes.table:
        rows = []
        for name, text in page["page"]["objectives"].items():
            asked = [
                f"Question {q['number']} ({KINDS[q['kind']].lower()})"
                for q in page["questions"]
                if name in q["objectives"]
            ]
            asked += [f"Exercise “{e['title']}”" for e in page["exercises"] if name in e["objectives"]]
            rows.append((name, text, "; ".join(asked)))
        return table("", ("Id", "Objective", "Assessed by"), rows, (12, 48, 40))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything."""
    app.add_config_value("instructor_lessons", "", "env", [str])
    app.add_role("page", PageRole())
    app.add_directive("plan", PlanDirective)
    app.add_directive("syllabus", SyllabusDirective)
    app.add_directive("objective-map", ObjectiveMapDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
