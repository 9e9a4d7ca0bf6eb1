"""A lesson plan's front matter: for which page, how long, and what happens when."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bookkit.teach.page import FRONT_MATTER

KEY = "plan"
EXAMPLE = """plan:
  page: book/01-pleura-asbestos-mesothelioma
  minutes: 90
  steps:
    - [15, Vote on the claims, Whole class]
    - [75, Run the lab, Pairs]"""


class Plan(BaseModel):
    """The timeline of one class.

    Attributes
    ----------
    page : str
        The page that is taught.
    minutes : int
        Length of the class; the steps add up to it.
    steps : list of (int, str, str)
        Minutes, what happens, how the class sits.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    page: str
    minutes: int = Field(gt=0)
    steps: list[tuple[int, str, str]] = Field(min_length=2)

    @model_validator(mode="after")
    def _steps_fill_the_class(self) -> Plan:
        total = sum(minutes for minutes, *_ in self.steps)
        if total != self.minutes:
            raise ValueError(f"the steps add up to {total} minutes, the class has {self.minutes}")
        return self


def load(path: Path) -> Plan:
    """Read the plan of a file.

    Raises
    ------
    ValueError
        When it is missing or wrong; the message shows what it looks like.
    """
    match = FRONT_MATTER.match(path.read_text(encoding="utf-8"))
    data: Any = yaml.safe_load(match[1]) if match else None
    if not isinstance(data, dict) or KEY not in data:
        raise ValueError(f"{path}: the front matter has no plan; it looks like this:\n{EXAMPLE}")
    try:
        return Plan.model_validate(data[KEY])
    except ValidationError as error:
        problems = "; ".join(re.sub(r"^Value error, ", "", e["msg"]) for e in error.errors())
        raise ValueError(f"{path}: the plan is wrong: {problems}") from error
