"""What the book teaches, as data: one file that the instructor's pack and the flashcards are made from."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from bookkit.teach.head import parts_of
from bookkit.teach.state import Lesson, lessons_of

FILE = ".lessons.json"


def entry(docname: str, part: str, title: str, number: str, lesson: Lesson) -> dict[str, Any]:
    """Return one page as plain data."""
    return {
        "docname": docname,
        "part": part,
        "title": title,
        "number": number,
        "page": lesson.page.model_dump(mode="json") if lesson.page else None,
        "questions": [dataclasses.asdict(question) for question in lesson.questions],
        "exercises": [dataclasses.asdict(exercise) for exercise in lesson.exercises],
        "takeaways": [dataclasses.asdict(takeaway) for takeaway in lesson.takeaways],
        "terms": sorted(lesson.terms),
        "words": lesson.words,
    }


def write(app: Sphinx, failure: Exception | None) -> None:
    """Write the inventory of all pages in reading order beside the pages."""
    if failure is not None or app.builder.name != "html":
        return
    lessons, pages = lessons_of(app.env), []
    for part, docnames in parts_of(app.env):
        for name in docnames:
            number = ".".join(map(str, app.env.toc_secnumbers.get(name, {}).get("", ())))
            title = app.env.titles[name].astext()
            pages.append(entry(name, part, title, number, lessons.get(name, Lesson())))
    target = Path(app.outdir).parent / FILE
    target.write_text(json.dumps(pages, ensure_ascii=False, indent=1), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Write it when the pages are built."""
    app.connect("build-finished", write)
