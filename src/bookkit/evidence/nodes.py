"""The nodes that the evidence roles leave in a document."""

from __future__ import annotations

from docutils import nodes


class fact(nodes.inline):
    """A printed fact; attributes ``fact_id`` and ``variant``, its text as children."""


class given(nodes.inline):
    """A number that is the book's own, with the reason in ``reason``."""


class level_badge(nodes.inline):
    """The kind of evidence of a work, in words."""


class evidence_index(nodes.General, nodes.Element):
    """Stands where the index of all facts used will be written."""


GENERATED = "from-ledger"
"""Class of blocks whose text comes from the ledger; the number gate does not read them."""
