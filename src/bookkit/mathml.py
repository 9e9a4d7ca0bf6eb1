"""LaTeX to MathML, by math-core: what the pages show and what the PDF is set from."""

from __future__ import annotations

import html
import re

from lxml import etree
from math_core import LatexError, LatexToMathML

FORBIDDEN = ("ce", "SI", "qty", "smash", "widetilde", "tag", "begin{alignat", "begin{eqnarray")
"""Commands that math-core lacks or reads wrongly."""

APPLY = "\u2061"
INVISIBLE = {APPLY, "\u2062", "\u2063", "\u2064"}


class MathError(ValueError):
    """A formula that cannot be set; the message names it."""


def to_mathml(latex: str, *, display: bool) -> etree._Element:
    """Return a formula as MathML.

    Raises
    ------
    MathError
        When the LaTeX cannot be read, or uses a command that math-core is known to read wrongly.
    """
    for command in FORBIDDEN:
        if re.search(rf"\\{re.escape(command)}(?![A-Za-z])", latex):
            raise MathError(f"\\{command} is not supported: write it another way, in {latex!r}")
    # math-core prints the optional space of a line break as text.
    source = re.sub(r"\\\\\s*\[[^\]]*\]", r"\\\\", latex)
    # Inside a numbered equation, split is aligned under another name.
    source = source.replace("{split}", "{aligned}")
    try:
        markup = LatexToMathML(fancy_error=False).convert_with_local_state(source, displaystyle=display)
    except LatexError as error:
        raise MathError(f"{latex!r} cannot be read: {error}") from error
    plain = markup.replace("&ApplyFunction;", APPLY)
    return etree.fromstring(re.sub(r"&(?!(?:lt|gt|amp|quot|apos|#))\w+;", lambda m: html.unescape(m.group()), plain))


def leaves(element: etree._Element) -> str:
    """Return every visible character of a formula, in order."""
    found = "".join(element.itertext())
    return "".join(c for c in found if c not in INVISIBLE and not c.isspace() and c != "\ufe00")
