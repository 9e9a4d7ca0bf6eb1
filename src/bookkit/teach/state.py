"""What one build knows of its pages as lessons: metadata, questions, exercises, takeaways, words."""

from __future__ import annotations

from dataclasses import dataclass, field

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from bookkit.teach.page import Page


@dataclass
class Question:
    """One question of a page, as the map of objectives and the answer book need it."""

    name: str
    number: int
    kind: str
    objectives: tuple[str, ...]
    prompt: str
    line: int | None


@dataclass
class Exercise:
    """One exercise of a page."""

    label: str
    title: str
    objectives: tuple[str, ...]
    line: int | None


@dataclass
class Takeaway:
    """One sentence to keep; `key` is its linked phrase, which a flashcard hides."""

    text: str
    key: str


@dataclass
class Lesson:
    """All of one page."""

    page: Page | None = None
    questions: list[Question] = field(default_factory=list)
    exercises: list[Exercise] = field(default_factory=list)
    takeaways: list[Takeaway] = field(default_factory=list)
    terms: set[str] = field(default_factory=set)
    words: int = 0


def lessons_of(env: BuildEnvironment) -> dict[str, Lesson]:
    """Return the lessons of all pages read so far, kept in the environment between builds."""
    if not hasattr(env, "teach_lessons"):
        env.teach_lessons = {}
    return env.teach_lessons


def lesson_of(env: BuildEnvironment, docname: str) -> Lesson:
    """Return the lesson of a page (live)."""
    return lessons_of(env).setdefault(docname, Lesson())


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a page that is read again."""
    lessons_of(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    """Take over what a parallel reader found."""
    lessons_of(env).update({name: found for name, found in lessons_of(other).items() if name in docnames})
