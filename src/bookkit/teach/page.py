"""What a page says of itself in its front matter: minutes, prerequisites, objectives, claims."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
KEY = "page"
VAGUE_VERBS = {"understand", "know", "learn", "appreciate", "grasp", "realise", "see", "be"}
EXAMPLE = """page:
  minutes: {read: 25, do: 40}
  prerequisites: [school biology, book/00-news-part-one]
  objectives:
    LO 1.1: Name the two layers of the pleura.
  claims: [asbestos-cause]"""


class PageError(ValueError):
    """Front matter that is missing or wrong; the message names file, item and remedy."""


def _testable(text: str) -> str:
    verb = text.split()[0].lower() if text.split() else ""
    if verb in VAGUE_VERBS:
        raise ValueError(f"'{verb}' can't be tested: begin with what the reader does, such as name, explain or compute")
    if not text.endswith("."):
        raise ValueError(f"'{text}' is not a sentence: end it with a full stop")
    return text


ObjectiveId = Annotated[str, Field(pattern=r"^LO [A-Z]?\d*\.\d+$")]
ObjectiveText = Annotated[str, AfterValidator(_testable)]


class Minutes(BaseModel):
    """Time to read the page, and to do its questions and exercises."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    read: int = Field(gt=0)
    do: int = Field(ge=0)


class Page(BaseModel):
    """The metadata of one page.

    Attributes
    ----------
    minutes : Minutes
    prerequisites : tuple of str
        Names of documents, printed as links, or plain words.
    objectives : dict of str to str
        Sentences by id, such as ``LO 1.3``.
    claims : tuple of str
        Ids of the article's claims that the page bears on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    minutes: Minutes
    prerequisites: tuple[str, ...] = ()
    objectives: dict[ObjectiveId, ObjectiveText] = Field(min_length=1)
    claims: tuple[str, ...] = ()


def parse(text: str, place: str) -> Page | None:
    """Return the metadata in a page's text, or None when it has none.

    Raises
    ------
    PageError
        When the front matter cannot be read.
    """
    match = FRONT_MATTER.match(text)
    try:
        data: Any = yaml.safe_load(match[1]) if match else None
    except yaml.YAMLError as error:
        raise PageError(f"{place}: the front matter is not YAML: {error}") from error
    if not isinstance(data, dict) or KEY not in data:
        return None
    try:
        return Page.model_validate(data[KEY])
    except ValidationError as error:
        problems = "\n".join(f"  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise PageError(
            f"{place}: page in the front matter is wrong:\n{problems}\nIt looks like this:\n{EXAMPLE}"
        ) from error


def load(path: Path) -> Page | None:
    """Return the metadata of a source file, or None when it has none."""
    return parse(path.read_text(encoding="utf-8"), str(path))


def objective_anchor(objective: str) -> str:
    """Return the target of an objective on its page: ``LO 1.3`` stands at ``lo-1-3``."""
    return re.sub(r"[^a-z0-9]+", "-", objective.lower()).strip("-")
