"""Text and labels as Typst code that means exactly them."""

from __future__ import annotations

import re


def string(text: str) -> str:
    """Return a Typst string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    escaped = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", lambda m: f"\\u{{{ord(m.group()):x}}}", escaped)
    return '"' + escaped.replace("\n", "\\n").replace("\t", "\\t") + '"'


def text(value: str) -> str:
    """Return markup that prints a text as it is: no character of it is read as markup, line ends are spaces.

    The closing semicolon ends the expression, so that a following bracket or full stop is text again.
    """
    flowing = re.sub(r"[ \t\n]+", " ", value)
    return f"#{string(flowing)};" if flowing else ""


def label(docname: str, node_id: str = "") -> str:
    """Return the name of the label of a place in a document."""
    name = f"{docname}--{node_id}" if node_id else docname
    return "p-" + re.sub(
        r"[^A-Za-z0-9]", lambda m: f"_{ord(m.group()):x}_" if m.group() not in "-." else m.group(), name
    )
