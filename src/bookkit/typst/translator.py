"""Documents to Typst: one method a node, and an error for a node that has none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from docutils import nodes
from sphinx.environment import BuildEnvironment

from bookkit.typst import escape
from bookkit.typst.blocks import BlockNodes
from bookkit.typst.cells import CellNodes
from bookkit.typst.editions import Edition
from bookkit.typst.errors import TypstError
from bookkit.typst.inline import InlineNodes
from bookkit.typst.tables import TableNodes
from bookkit.typst.teaching import TeachingNodes


@dataclass
class Setting:
    """What one PDF holds and how it is set.

    Attributes
    ----------
    documents : tuple of str
        Documents that stand in this PDF: links between them stay inside it.
    online : str or None
        Address of the online book, for links to other documents; None prints their text alone.
    edition : Edition
        What becomes of solutions and answers.
    add_image : callable
        Takes the path of an image, returns its path for the compiler.
    """

    documents: tuple[str, ...]
    online: str | None
    edition: Edition
    add_image: Callable[[Path], str]
    labels: set[str] = field(default_factory=set)
    wanted: dict[str, str] = field(default_factory=dict)


class Translator(InlineNodes, BlockNodes, TableNodes, CellNodes, TeachingNodes):
    """Sets one resolved document as Typst markup.

    Parameters
    ----------
    env : sphinx.environment.BuildEnvironment
        Gives section and figure numbers, so that they equal those of the pages.
    docname : str
        The document.
    setting : Setting
        The PDF that the document stands in.
    depth : int
        Level of the document's own title: 1 in a handout, 2 below a part.
    """

    def __init__(self, env: BuildEnvironment, docname: str, setting: Setting, depth: int = 1) -> None:
        self.env = env
        self.docname = docname
        self.setting = setting
        self.depth = depth
        self.section_level = 0
        self.footnotes: dict[str, nodes.footnote] = {}
        self.solutions: list[str] = []
        self.keys: list[str] = []

    def translate(self, document: nodes.document) -> str:
        """Return what the edition holds of the document, its title as a heading."""
        self.document = document
        for note in document.findall(nodes.footnote):
            for name in note["ids"]:
                self.footnotes[name] = note
        if self.setting.edition.content != "page":
            sheet = self.questions if self.setting.edition.content == "questions" else self.key_sheet
            return sheet(document)
        body = self.children(document)
        if self.setting.edition.key == "end":
            body += self.key()
        if self.solutions:
            body += f"\n#heading(level: {self.depth + 1})[{escape.text('Solutions')}]\n\n" + "".join(self.solutions)
        return body

    def set(self, node: nodes.Node) -> str:
        """Return one node as Typst markup.

        Raises
        ------
        TypstError
            When there is no method for the node's class.
        """
        method = getattr(self, f"set_{type(node).__name__}", None)
        if method is None:
            raise TypstError(
                f"{self.place(node)}: the node '{type(node).__name__}' has no printed form yet: add a method "
                f"set_{type(node).__name__} to bookkit.typst, or write the passage another way"
            )
        return method(node)

    def children(self, node: nodes.Node) -> str:
        """Return what stands inside a node."""
        return "".join(map(self.set, node.children))

    def place(self, node: nodes.Node) -> str:
        """Return file and line of a node, as far as known."""
        line = None
        while node is not None and line is None:
            line, node = getattr(node, "line", None), node.parent
        path = self.env.doc2path(self.docname)
        return f"{path}:{line}" if line else str(path)

    def anchor(self, *ids: str) -> str:
        """Return invisible targets for links, each once in a PDF."""
        marks = []
        for name in ids:
            label = escape.label(self.docname, name)
            if label not in self.setting.labels:
                self.setting.labels.add(label)
                marks.append(f"#metadata(none)<{label}>")
        return "".join(marks)

    def anchors(self, node: nodes.Element) -> str:
        """Return the targets for all ids of a node."""
        return self.anchor(*node.get("ids", []))
