"""Takeaways, prompts to think, disagreements, and notes for instructors."""

from __future__ import annotations

from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import set_source_info

from bookkit.teach import nodes as teach_nodes
from bookkit.teach.state import Takeaway, lesson_of


class TakeawaysDirective(SphinxDirective):
    """The list of what to keep; each item links the phrase that matters to its paragraph."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        box = nodes.admonition(classes=["takeaways"])
        set_source_info(self, box)
        box += nodes.title("", "Key takeaways")
        self.state.nested_parse(self.content, self.content_offset, box)
        lists = [child for child in box.children if isinstance(child, nodes.bullet_list)]
        if len(lists) != 1 or len(box.children) != 2:
            raise self.error("{takeaways}: write one list, an item for each takeaway")
        for item in lists[0].children:
            self._keep(item)
        return [box]

    def _keep(self, item: nodes.list_item) -> None:
        link = next((node for node in item.findall() if isinstance(node, pending_xref | nodes.reference)), None)
        text = item.astext().strip()
        if link is None:
            raise self.error(f"{{takeaways}}: '{text[:50]}' links to no paragraph: write [its phrase](#label)")
        lesson_of(self.env, self.env.docname).takeaways.append(Takeaway(text, link.astext()))


class ThinkDirective(SphinxDirective):
    """A question to answer in one's head, then the answer, hidden until it is wanted."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        if not self.content:
            raise self.error("{think}: write the answer below the question")
        node = teach_nodes.think()
        set_source_info(self, node)
        node += nodes.title("", "", *self.state.inline_text(self.arguments[0], self.lineno)[0])
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


class DisagreementDirective(SphinxDirective):
    """Both sides of a question on which sources disagree, each with its source."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar = {"name": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        box = nodes.admonition(classes=["disagreement"])
        set_source_info(self, box)
        title = self.state.inline_text(self.arguments[0], self.lineno)[0]
        box += nodes.title("", "", nodes.Text("Sources disagree: "), *title)
        self.state.nested_parse(self.content, self.content_offset, box)
        sides = next((child.children for child in box.children if isinstance(child, nodes.bullet_list)), [])
        if len(sides) < 2:
            raise self.error("{disagreement}: list at least two sides")
        for side in sides:
            if not any(link.get("refdomain") == "cite" for link in side.findall(pending_xref)):
                raise self.error(f"{{disagreement}}: the side '{side.astext()[:50]}' cites no work")
        self.add_name(box)
        return [box]


class InstructorDirective(SphinxDirective):
    """A note for the instructor, at the place that it is about."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        if not self.content:
            raise self.error("{instructor}: write the note")
        node = teach_nodes.instructor_note()
        set_source_info(self, node)
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


def setup(app: Sphinx) -> None:
    """Register the boxes."""
    app.add_directive("takeaways", TakeawaysDirective)
    app.add_directive("think", ThinkDirective)
    app.add_directive("disagreement", DisagreementDirective)
    app.add_directive("instructor", InstructorDirective)
