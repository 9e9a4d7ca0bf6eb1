"""What goes wrong on the way to a PDF."""

from __future__ import annotations

from sphinx.errors import SphinxError


class TypstError(SphinxError):
    """A document that cannot be set; the message names what, where and the remedy."""

    category = "PDF error"
