"""The nodes that the teaching directives leave in a document."""

from __future__ import annotations

from docutils import nodes


class quiz(nodes.General, nodes.Element):
    """A question.

    Attributes ``kind``, ``name``, ``number``, ``objectives``, ``see`` (label of the paragraph to read again);
    for numbers ``answer``, ``tolerance`` and ``unit``. Children: one `quiz_prompt`, then `quiz_option` nodes.
    """


class quiz_prompt(nodes.General, nodes.Element):
    """The question itself."""


class quiz_option(nodes.General, nodes.Element):
    """One option: attributes ``right``, ``letter``; for ordering ``place``, for matching ``partner`` (a letter)."""


class quiz_label(nodes.General, nodes.Element):
    """What an option says."""


class quiz_partner(nodes.General, nodes.Element):
    """What belongs to an option of a matching question."""


class quiz_feedback(nodes.General, nodes.Element):
    """What the reader learns from having chosen an option."""


class think(nodes.General, nodes.Element):
    """A prompt to think about: a title, then the hidden answer."""


class instructor_note(nodes.General, nodes.Element):
    """What only instructors read: in their notebooks and handouts, never on pages."""
