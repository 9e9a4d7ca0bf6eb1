"""The nodes that the evidence roles leave in a document."""

from __future__ import annotations

from docutils import nodes
from sphinx import addnodes


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


def reference_to_label(label: str, from_doc: str, text: str | None = None) -> addnodes.pending_xref:
    """Return a link to a label; without a text it shows the title that the label stands before."""
    return addnodes.pending_xref(
        "", nodes.inline("", text or label), refdomain="std", reftype="ref", reftarget=label,
        refexplicit=text is not None, refwarn=True, refdoc=from_doc,
    )  # fmt: skip
