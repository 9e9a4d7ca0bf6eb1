"""Every objective is assessed, and every question and exercise names an objective that its page has."""

from __future__ import annotations

from collections.abc import Iterator

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from bookkit.teach.state import Lesson, lessons_of

logger = logging.getLogger(__name__)


def problems(lesson: Lesson) -> Iterator[tuple[int | None, str]]:
    """Yield line and message of each objective that is not assessed or not known."""
    if lesson.page is None:
        return
    known = lesson.page.objectives
    assessed: set[str] = set()
    for item, shown in _assessments(lesson):
        for name in item.objectives:
            if name not in known:
                yield item.line, f"{shown} names '{name}', which the page does not have: it has {', '.join(known)}"
        assessed.update(item.objectives)
    for name in known:
        if name not in assessed:
            yield 1, f"objective {name} is assessed by no question and no exercise of this page: ask for it or drop it"


def _assessments(lesson: Lesson) -> Iterator[tuple]:
    yield from ((question, f"question '{question.name}'") for question in lesson.questions)
    yield from ((exercise, f"exercise '{exercise.label}'") for exercise in lesson.exercises)


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Report the problems of all pages."""
    if "objectives" not in app.config.teach_checks:
        return
    for docname, lesson in sorted(lessons_of(env).items()):
        for line, message in problems(lesson):
            logger.error(message, location=(docname, line), type="teach", subtype="objective")


def setup(app: Sphinx) -> None:
    """Check when all pages are read."""
    app.connect("env-check-consistency", check)
