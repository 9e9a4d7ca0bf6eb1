"""The Sphinx builder of notebooks: a student's and an instructor's edition of each lab, from the same doctrees."""

from __future__ import annotations

import base64
import mimetypes
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.config import Config
from sphinx.util import logging
from sphinx_exercise.nodes import exercise_enumerable_node, exercise_node, solution_node

from bookkit.notebooks import ahead, setup_cell
from bookkit.notebooks.code import without_glue
from bookkit.notebooks.markdown import ProseTranslator, to_markdown
from bookkit.teach.nodes import instructor_note

logger = logging.getLogger(__name__)
EDITIONS = ("student", "instructor")
SOLUTION, STUB, NOTE = "solution", "stub", "instructor-note"
CAPTION_TAG = "caption"
MIMES = ("image/svg+xml", "image/png", "text/html", "text/plain")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
STUB_CODE = "# {name}\nraise NotImplementedError({message!r})"


class NotebookBuilder(StandaloneHTMLBuilder):
    """Writes ``student/*.ipynb`` and ``instructor/*.ipynb``; the instructor's has solutions and notes."""

    name = "ipynb"
    epilog = "The notebooks are in %(outdir)s."
    add_permalinks = False
    search = False
    default_translator_class = ProseTranslator

    def init(self) -> None:
        """Make the folder in which MyST-NB leaves its style sheet for every builder of HTML."""
        super().init()
        (Path(self.outdir) / "_static").mkdir(parents=True, exist_ok=True)

    def get_outdated_docs(self) -> Iterator[str]:
        """Write every lab anew: numbers in one depend on all pages. A page that is no lesson is no lab."""
        pages = self.env.found_docs - set(getattr(self.config, "teach_exempt", ()))
        yield from (name for name in pages if is_lab(self.env.get_doctree(name)))

    def write(self, build: Any, updated: Any, method: str = "update") -> None:
        """Write the labs alone."""
        labs = list(self.get_outdated_docs())
        for edition in EDITIONS:
            shutil.rmtree(Path(self.outdir) / edition, ignore_errors=True)
        self.prepare_writing(set(labs))
        for docname in labs:
            doctree = self.env.get_and_resolve_doctree(docname, self)
            for edition in EDITIONS:
                self._save(docname, doctree, edition)

    def finish(self) -> None:
        """No indices, no search, no static files."""

    def _save(self, docname: str, doctree: nodes.document, edition: str) -> None:
        self.current_docname = docname
        doctree.settings = self.docsettings
        self.secnumbers = self.env.toc_secnumbers.get(docname, {})
        self.fignumbers = self.env.toc_fignumbers.get(docname, {})
        notebook = Writer(self, docname, edition).notebook(doctree)
        target = Path(self.outdir) / edition / f"{docname.rsplit('/', 1)[-1]}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.validate(notebook)
        target.write_text(nbformat.writes(notebook), encoding="utf-8")


def is_lab(doctree: nodes.document) -> bool:
    """Return whether a page has cells of code."""
    return any(node.get("nb_element") == "cell_code" for node in doctree.findall(nodes.container))


class Writer:
    """Turns one document into cells.

    Parameters
    ----------
    builder : NotebookBuilder
    docname : str
    edition : {'student', 'instructor'}
    """

    def __init__(self, builder: NotebookBuilder, docname: str, edition: str) -> None:
        self.builder, self.docname, self.edition = builder, docname, edition
        self.cells: list[nbformat.NotebookNode] = []
        self.prose: list[nodes.Node] = []

    def notebook(self, doctree: nodes.document) -> nbformat.NotebookNode:
        """Return the whole notebook; ids of cells count up, so that two builds give the same bytes."""
        self.document = doctree
        self._walk(doctree, 0)
        self._flush()
        self.cells.insert(1, new_code_cell(setup_cell.source(self.builder.config), metadata={"tags": ["setup"]}))
        for number, cell in enumerate(self.cells):
            cell["id"] = f"cell-{number:03d}"
        return new_notebook(cells=self.cells, metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}})

    def _walk(self, node: nodes.Element, level: int) -> None:
        for child in node.children:
            if isinstance(child, nodes.section):
                self._walk(child, level + 1)
            elif isinstance(child, nodes.title) and isinstance(child.parent, nodes.section):
                self._heading(child, level)
            elif isinstance(child, nodes.container) and child.get("nb_element") == "cell_code":
                self._code(child)
            elif isinstance(child, exercise_node | exercise_enumerable_node):
                self._exercise(child)
            elif isinstance(child, solution_node):
                self._solution(child)
            elif isinstance(child, instructor_note):
                self._note(child)
            else:
                self.prose.append(child)

    def _heading(self, title: nodes.title, level: int) -> None:
        self._flush()
        anchor = "" if level == 1 else f"#{title.parent['ids'][0]}"
        number = ".".join(map(str, self.builder.secnumbers.get(anchor, ())))
        self._say(f"{'#' * level} {number} {title.astext()}".replace("  ", " "))

    def _say(self, text: str, *tags: str, attachments: dict[str, Any] | None = None) -> None:
        if text:
            extra = {"attachments": attachments} if attachments else {}
            self.cells.append(new_markdown_cell(text, metadata={"tags": list(tags)} if tags else {}, **extra))

    def _flush(self, *tags: str) -> None:
        """Write the prose that has gathered as one cell; a heading before it joins it."""
        waiting, self.prose = self.prose, []
        if not waiting:
            return
        text, attachments = self.render(waiting)
        if text and not tags and self._ends_in_heading():
            self.cells[-1]["source"] += f"\n\n{text}"
            if attachments:
                self.cells[-1]["attachments"] = attachments
            return
        self._say(text, *tags, attachments=attachments)

    def _ends_in_heading(self) -> bool:
        """Return whether the last cell is a heading that waits for its text; the title keeps a cell of its own."""
        if len(self.cells) < 2:
            return False
        last = self.cells[-1]
        return last["cell_type"] == "markdown" and last["source"].startswith("#") and "\n" not in last["source"]

    def render(self, found: list[nodes.Node]) -> tuple[str, dict[str, Any]]:
        """Return nodes as Markdown, with the pictures that it shows."""
        attachments = {}
        copies = [node.deepcopy() for node in found]
        for copy in copies:
            for image in copy.findall(nodes.image):
                name, content = self._attachment(image)
                attachments[name] = content
                image["uri"] = f"attachment:{name}"
        translator = self.builder.create_translator(self.document, self.builder)
        for copy, original in zip(copies, found, strict=True):
            copy.parent = original.parent
            copy.walkabout(translator)
        return to_markdown("".join(translator.body)), attachments

    def _attachment(self, image: nodes.image) -> tuple[str, dict[str, str]]:
        path = Path(self.builder.srcdir) / image["uri"]
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return path.name, {kind: base64.b64encode(path.read_bytes()).decode("ascii")}

    def _code(self, cell: nodes.container) -> None:
        self._flush()
        source = next(iter(cell.findall(nodes.literal_block))).astext()
        code = without_glue(source)
        if code:
            self.cells.append(new_code_cell(code))
        for figure in cell.findall(nodes.figure):
            self._caption(figure)

    def _caption(self, figure: nodes.figure) -> None:
        caption = next(iter(figure.findall(nodes.caption)), None)
        if caption is None:
            return
        numbers = self.builder.fignumbers.get("figure", {})
        number = next((numbers[name] for name in figure["ids"] if name in numbers), ())
        name = self.builder.config.numfig_format["figure"] % ".".join(map(str, number)) if number else ""
        text, _ = self.render([nodes.paragraph("", "", *(child.deepcopy() for child in caption.children))])
        self._say(f"*{name}* {text}".strip(), CAPTION_TAG)

    def _exercise(self, node: nodes.Element) -> None:
        self._flush()
        self.prose.append(node)
        self._flush("exercise")
        solution = self._solution_of(node)
        if solution is None or self.edition == "instructor":
            return
        name = self._name(node)
        self._say(f"**Your answer to {name}:** write here.", STUB)
        if any(_is_code(block) for block in solution.findall(nodes.literal_block)):
            message = f"{name}: write your code here instead of this line, then run the cell"
            self.cells.append(new_code_cell(STUB_CODE.format(name=name, message=message), metadata={"tags": [STUB]}))

    def _name(self, node: nodes.Element) -> str:
        numbers = self.builder.fignumbers.get("exercise", {})
        number = next((numbers[name] for name in node["ids"] if name in numbers), ())
        return " ".join(part for part in ("Exercise", ".".join(map(str, number)), node[0].astext().strip()) if part)

    def _solution_of(self, exercise: nodes.Element) -> solution_node | None:
        label = exercise.get("label")
        return next((node for node in self.document.findall(solution_node) if node.get("target_label") == label), None)

    def _solution(self, node: nodes.Element) -> None:
        if self.edition == "student":
            return
        self._flush()
        self._say(f"**{node[0].astext().strip()}**", SOLUTION)
        for child in node[1].children if isinstance(node[1], nodes.section) else node.children[1:]:
            if isinstance(child, nodes.literal_block) and _is_code(child):
                self._flush(SOLUTION)
                self.cells.append(new_code_cell(child.astext().rstrip(), metadata={"tags": [SOLUTION]}))
            else:
                self.prose.append(child)
        self._flush(SOLUTION)

    def _note(self, node: nodes.Element) -> None:
        if self.edition == "student":
            return
        self._flush()
        self.prose += node.children
        text, attachments = self.render(self.prose)
        self.prose = []
        self._say("> **For the instructor.** " + text.replace("\n", "\n> "), NOTE, attachments=attachments)


def _is_code(block: nodes.literal_block) -> bool:
    return block.get("language") in ("python", "ipython3")


def _choose_outputs(app: Sphinx, config: Config) -> None:
    """Name an output for MyST-NB, which warns of builders that it does not know; we take captions from it alone."""
    ours = [(NotebookBuilder.name, mime, order) for order, mime in enumerate(MIMES, start=1)]
    config.nb_mime_priority_overrides = [*config.nb_mime_priority_overrides, *ours]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the builder."""
    app.add_builder(NotebookBuilder)
    if "nb_mime_priority_overrides" in app.config:
        app.connect("config-inited", _choose_outputs, priority=900)
        app.connect("env-before-read-docs", ahead.fill_cache)
    app.add_config_value("notebook_package", "mesosim", "", [str])
    app.add_config_value("notebook_wheel_url", "", "", [str])
    return {"parallel_read_safe": True, "parallel_write_safe": True}
