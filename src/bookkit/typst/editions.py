"""What an edition holds and how it is printed."""

from __future__ import annotations

from dataclasses import dataclass

ALLOWED = {
    "paper": ("a4", "us-letter"),
    "solutions": ("inline", "end", "omit"),
    "key": ("end", "omit"),
    "notes": ("omit", "print"),
    "content": ("page", "questions", "key"),
}


@dataclass(frozen=True)
class Edition:
    """How one folder of handouts is printed.

    Attributes
    ----------
    paper : {'a4', 'us-letter'}
    solutions : {'inline', 'end', 'omit'}
        Where the solutions of exercises stand.
    key : {'end', 'omit'}
        Whether the answers to questions and to prompts to think stand at the end.
    notes : {'omit', 'print'}
        What becomes of notes for the instructor.
    content : {'page', 'questions', 'key'}
        The whole page, its questions alone, or the answers alone.
    """

    paper: str = "a4"
    solutions: str = "omit"
    key: str = "end"
    notes: str = "omit"
    content: str = "page"

    def __post_init__(self) -> None:
        for name, allowed in ALLOWED.items():
            value = getattr(self, name)
            if value not in allowed:
                raise ValueError(f"{name} '{value}' is not one of {', '.join(allowed)}")
