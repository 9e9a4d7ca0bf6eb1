"""The Sphinx builder: the book and one handout a document, from the doctrees that the pages are made of."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst
from docutils import nodes
from sphinx.addnodes import toctree
from sphinx.builders import Builder
from sphinx.util import logging
from sphinx.util.display import progress_message, status_iterator

from bookkit.teach.nodes import quiz
from bookkit.typst import escape
from bookkit.typst.editions import Edition
from bookkit.typst.errors import TypstError
from bookkit.typst.translator import Setting, Translator

logger = logging.getLogger(__name__)
HERE = Path(__file__).parent
STANDARD = ["ua-1"]


class TypstBuilder(Builder):
    """Writes ``book.pdf`` and ``handouts/*.pdf``, all of them or none."""

    name = "typst"
    format = "typst"
    epilog = "The PDFs are in %(outdir)s."
    allow_parallel = True
    supported_image_types = ("image/svg+xml", "image/png", "image/jpeg")

    def init(self) -> None:
        """Prepare the folder of sources for the compiler."""
        self.source = Path(self.outdir) / "source"
        self.images: dict[Path, str] = {}

    def get_outdated_docs(self) -> str:
        """Set everything anew: numbers and links of one document depend on all others."""
        return "book and handouts"

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        """Return an address that the translator resolves: inside the PDF, online, or as text."""
        return f"%{docname}"

    def get_relative_uri(self, from_: str, to: str, typ: str | None = None) -> str:
        """Return the same address from everywhere: a PDF has no folders."""
        return self.get_target_uri(to, typ)

    def prepare_writing(self, docnames: set[str]) -> None:
        """Nothing to prepare: `write` sets whole PDFs."""

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        """Not used: a PDF holds more than one document."""

    def write(self, *ignored: object) -> None:
        """Compile every PDF, and put them in place only when all could be compiled."""
        shutil.rmtree(self.source, ignore_errors=True)
        self.source.mkdir(parents=True)
        with progress_message("resolving documents"):
            order = [name for name in self._reading_order()]
            doctrees = {name: self.env.get_and_resolve_doctree(name, self) for name in order}
        jobs = {"book.pdf": self._book(order, doctrees)}
        for folder, edition in self._editions().items():
            for docname in self._handouts(order):
                if edition.content != "page" and not any(doctrees[docname].findall(quiz)):
                    continue
                name = f"{folder}/{docname.rsplit('/', 1)[-1]}.pdf"
                jobs[name] = self._handout(docname, doctrees[docname], edition)
        if self.config.typst_answer_book:
            jobs[self.config.typst_answer_book] = self._answer_book(order, doctrees)
        self._copy_support()
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # the compiler releases Python's lock
            results = pool.map(self._compile, jobs.keys(), jobs.values())
            compiled = dict(
                status_iterator(
                    zip(jobs, results, strict=True), "compiling... ", "brown", len(jobs), stringify_func=_first
                )
            )
        self._place(compiled)

    def _reading_order(self) -> Iterator[str]:
        seen: set[str] = set()
        waiting = [self.config.root_doc]
        while waiting:
            docname = waiting.pop(0)
            if docname not in seen:
                seen.add(docname)
                yield docname
                waiting = list(self.env.toctree_includes.get(docname, [])) + waiting

    def _handouts(self, order: list[str]) -> list[str]:
        left_out = {self.config.root_doc, *self.config.typst_handout_exclude}
        return [name for name in order if name not in left_out]

    def _parts(self) -> dict[str, str]:
        """Return the caption of each part by its first document."""
        root = self.env.get_doctree(self.config.root_doc)
        return {
            node["includefiles"][0]: node["caption"]
            for node in root.findall(toctree)
            if node.get("caption") and node.get("includefiles")
        }

    def _editions(self) -> dict[str, Edition]:
        """Return the folders of handouts with their paper and what becomes of solutions."""
        editions = {}
        for folder, options in self.config.typst_editions.items():
            try:
                editions[folder] = Edition(**options)
            except (TypeError, ValueError) as error:
                raise TypstError(f"typst_editions: {folder}: {error}") from error
        return editions

    def _setting(self, documents: list[str], edition: Edition) -> Setting:
        return Setting(tuple(documents), self.config.typst_online_url or None, edition, self._image)

    def _book(self, order: list[str], doctrees: dict[str, nodes.document]) -> str:
        edition = Edition(self.config.typst_paper, self.config.typst_solutions, self.config.typst_key)
        setting, parts, body = self._setting(order, edition), self._parts(), []
        for docname in order:
            start = f"#part[{escape.text(parts[docname])}]" if docname in parts else "#pagebreak(weak: true)"
            body.append(f"\n{start}\n")
            depth = 1 if docname == self.config.root_doc or not parts else 2
            body.append(Translator(self.env, docname, setting, depth).translate(doctrees[docname]))
        self._check_links(setting)
        if any("#index-mark(" in part for part in body):
            body.append("\n#index-page()\n")
        return self._wrap("book", "", body, edition.paper, chapter_level=2 if parts else 1)

    def _handout(self, docname: str, doctree: nodes.document, edition: Edition) -> str:
        # A sheet of questions holds none of the paragraphs that its links lead to.
        setting = self._setting([docname] if edition.content == "page" else [], edition)
        body = Translator(self.env, docname, setting).translate(doctree)
        self._check_links(setting)
        return self._wrap("handout", self.env.titles[docname].astext(), [body], edition.paper, chapter_level=1)

    def _answer_book(self, order: list[str], doctrees: dict[str, nodes.document]) -> str:
        edition, body = Edition(self.config.typst_paper, solutions="end"), []
        for docname in order:
            # Ids may repeat between pages whose paragraphs are left out, so each page is set by itself.
            setting = self._setting([], edition)
            body.append(Translator(self.env, docname, setting).answers(doctrees[docname]))
        return self._wrap("answers", "Answers and solutions", body, edition.paper, chapter_level=1)

    def _check_links(self, setting: Setting) -> None:
        broken = [place for label, place in setting.wanted.items() if label not in setting.labels]
        if broken:
            raise TypstError("links that lead nowhere in the PDF:\n" + "\n".join(broken))

    def _wrap(self, kind: str, chapter: str, body: list[str], paper: str, chapter_level: int) -> str:
        facts = {
            "kind": kind, "paper": paper, "book": self.config.html_title, "chapter": chapter,
            "subtitle": self.config.typst_subtitle, "author": self.config.author, "version": self.config.typst_version,
            "date": f"{self._date().day} {self._date():%B %Y}", "licence": self.config.copyright,
        }  # fmt: skip
        settings = ", ".join(f"{name}: {escape.string(str(value))}" for name, value in facts.items())
        head = f'#import "/template.typ": *\n#show: document.with({settings}, chapter-level: {chapter_level})\n'
        return head + "".join(body)

    def _date(self) -> datetime:
        """Return the date of the edition: fixed by configuration or SOURCE_DATE_EPOCH, so that bytes can repeat."""
        epoch = os.environ.get("SOURCE_DATE_EPOCH")
        if epoch:
            return datetime.fromtimestamp(int(epoch), UTC)
        return datetime.fromisoformat(self.config.typst_date).replace(tzinfo=UTC)

    def _image(self, path: Path) -> str:
        if path not in self.images:
            if not path.is_file():
                raise TypstError(f"image {path} does not exist")
            name = f"/images/{len(self.images):03d}-{path.name}"
            target = self.source / name.lstrip("/")
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, target)
            self.images[path] = name
        return self.images[path]

    def _copy_support(self) -> None:
        shutil.copyfile(HERE / "template.typ", self.source / "template.typ")

    def _compile(self, name: str, source: str) -> bytes:
        path = self.source / f"{name.removesuffix('.pdf')}.typ"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
        try:
            return typst.compile(
                str(path), root=str(self.source), font_paths=[str(HERE / "fonts")], ignore_system_fonts=True,
                pdf_standards=STANDARD, timestamp=self._date(),
            )  # fmt: skip
        except typst.TypstError as error:
            hints = "".join(f"\nhint: {hint}" for hint in error.hints)
            raise TypstError(f"{name} could not be compiled: {error.message}\n{error.diagnostic}{hints}") from error

    def _place(self, compiled: dict[str, bytes]) -> None:
        for old in Path(self.outdir).rglob("*.pdf"):
            old.unlink()  # also those of an edition that no longer exists
        for name, content in compiled.items():
            target = Path(self.outdir) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def finish(self) -> None:
        """Nothing is left to do."""


def _first(item: tuple[str, Any]) -> str:
    return item[0]
