"""MathML to Typst mathematics."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from bookkit.mathml import APPLY, INVISIBLE, MathError, to_mathml
from bookkit.typst.escape import string

_ACCENTS = {
    "\u00af": "macron", "\u02c6": "hat", "^": "hat", "\u20d7": "arrow", "\u2192": "arrow", "~": "tilde",
    "\u02dc": "tilde", "\u02d9": "dot", "\u00a8": "dot.double", "\u02c7": "caron", "\u02d8": "breve", "\u00b4": "acute",
    "\u0060": "grave",
}  # fmt: skip
_OVER = {
    "\u0332": "overline",
    "\u203e": "overline",
    "\u23de": "overbrace",
    "\u23b4": "overbracket",
    "\u23dc": "overparen",
}
_UNDER = {"\u23df": "underbrace", "\u0332": "underline", "\u23b5": "underbracket", "\u23dd": "underparen"}
_BIG = set("∑∏∐⋃⋂⋁⋀⨁⨂⨀⨆⨄∫∬∭∮")


def to_typst(latex: str, *, display: bool) -> str:
    """Return a formula as the inside of a Typst equation."""
    return convert(to_mathml(latex, display=display))


def convert(element: etree._Element) -> str:
    """Return a MathML element as Typst mathematics."""
    name = etree.QName(element).localname
    handler = _HANDLERS.get(name)
    if handler is None:
        raise MathError(f"the MathML element <{name}> has no Typst form yet: add one to bookkit.typst.math")
    return handler(element)


def _row(elements: Iterable[etree._Element]) -> str:
    return " ".join(part for part in map(convert, elements) if part)


def _group(element: etree._Element) -> str:
    return _row(element)


def _symbols(text: str) -> str:
    return " ".join(c if ord(c) > 127 or c.isalnum() else f"\\{c}" for c in text)


def _identifier(element: etree._Element) -> str:
    text = (element.text or "").replace("\ufe00", "")
    if len(text) > 1 and text.isascii():
        return f"op({string(text)})" if _is_applied(element) else f"upright({string(text)})"
    if element.get("mathvariant") == "normal":
        return f"upright({_symbols(text)})"
    return _symbols(text)


def _is_applied(element: etree._Element) -> bool:
    """Whether a name is a function's: MathML marks it by an invisible operator after it."""
    while element is not None and etree.QName(element).localname in ("mi", "mrow"):
        after = element.getnext()
        if after is not None:
            return after.text == APPLY
        element = element.getparent()
    return False


def _number(element: etree._Element) -> str:
    return (
        _symbols(element.text or "").replace(" ", "") if (element.text or "").isdigit() else string(element.text or "")
    )


def _operator(element: etree._Element) -> str:
    text = "".join(c for c in element.text or "" if c not in INVISIBLE)
    if not text:
        return ""
    size = element.get("minsize")
    if size:
        return f"lr(size: #{size}, {_symbols(text)})"
    if len(text) > 1 and text.isalpha():
        return f"op({string(text)})"
    return _symbols(text)


def _text(element: etree._Element) -> str:
    return string(element.text or "") if element.text else ""


def _space(element: etree._Element) -> str:
    width = element.get("width")
    return f"#h({width});" if width else ""


def _fraction(element: etree._Element) -> str:
    top, bottom = map(convert, element)
    if element.get("linethickness") == "0":
        return f"mat(delim: #none, {top or '#none'}; {bottom or '#none'})"
    return f"frac({top or '#[]'}, {bottom or '#[]'})"


def _attach(base: etree._Element, **marks: etree._Element) -> str:
    inner = convert(base) or "#[]"
    if etree.QName(base).localname == "mo" and (base.text or "") in _BIG:
        inner = f"scripts({inner})"
    parts = ", ".join(f"{place}: {convert(mark)}" for place, mark in marks.items() if convert(mark))
    return f"attach({inner}, {parts})" if parts else inner


def _limits(base: etree._Element, **marks: etree._Element) -> str:
    inner = convert(base) or "#[]"
    parts = ", ".join(f"{place}: {convert(mark)}" for place, mark in marks.items() if convert(mark))
    return f"attach(limits({inner}), {parts})"


def _mark_text(element: etree._Element) -> str | None:
    return element.text if etree.QName(element).localname == "mo" else None


def _over(element: etree._Element) -> str:
    base, mark = element
    char = _mark_text(mark)
    if char in _OVER:
        return f"{_OVER[char]}({convert(base)})"
    if element.get("accent") == "true":
        if char not in _ACCENTS:
            raise MathError(f"the accent {char!r} has no Typst form yet: add one to bookkit.typst.math")
        return f"accent({convert(base)}, {_ACCENTS[char]})"
    if etree.QName(base).localname == "mover" and _mark_text(base[1]) in _OVER:
        return f"{_OVER[_mark_text(base[1])]}({convert(base[0])}, {convert(mark)})"
    return _limits(base, t=mark)


def _under(element: etree._Element) -> str:
    base, mark = element
    char = _mark_text(mark)
    if char in _UNDER:
        return f"{_UNDER[char]}({convert(base)})"
    if etree.QName(base).localname == "munder" and _mark_text(base[1]) in _UNDER:
        return f"{_UNDER[_mark_text(base[1])]}({convert(base[0])}, {convert(mark)})"
    return _limits(base, b=mark)


def _is_fence(element: etree._Element) -> bool:
    return (
        etree.QName(element).localname == "mo" and element.get("stretchy") != "false" and len(element.text or "") == 1
    )


def _fenced_row(element: etree._Element) -> str:
    """Set a row; ``\\left … \\right`` arrives as a row whose ends are stretchy operators."""
    children = list(element)
    if len(children) >= 2 and _is_fence(children[0]) and _is_fence(children[-1]):
        if children[0].text == "{" and len(children) == 3 and (children[-1].text or "") in INVISIBLE:
            table = children[1]
            if etree.QName(table).localname == "mtable":
                return f"cases({', '.join(_cells(row, ' & quad ') for row in table)})"
        return f"lr({_row(children)})"
    return _row(children)


def _cells(row: etree._Element, separator: str) -> str:
    return separator.join(_row(cell) or "#[]" for cell in row)


def _table(element: etree._Element) -> str:
    rows = [[cell for cell in row if not _is_number_cell(cell)] for row in element]
    if element.get("displaystyle") == "true":
        lines = " \\ ".join(" & ".join(_row(cell) for cell in row) for row in rows)
        return lines if _is_alone(element) else f"#$ {lines} $;"
    body = "; ".join(", ".join(_row(cell) or "#[]" for cell in row) for row in rows)
    return f"mat(delim: #none, {body})"


def _is_number_cell(cell: etree._Element) -> bool:
    return "width: 50%" in (cell.get("style") or "")


def _is_alone(element: etree._Element) -> bool:
    return element.getparent() is None or len(element.getparent()) == 1


_HANDLERS = {
    "math": _group, "mrow": _fenced_row, "mstyle": _group, "mpadded": _group, "semantics": _group,
    "mi": _identifier, "mn": _number, "mo": _operator, "mtext": _text, "mspace": _space,
    "mfrac": _fraction, "msqrt": lambda e: f"sqrt({_row(e)})",
    "mroot": lambda e: f"root({convert(e[1])}, {convert(e[0])})",
    "msub": lambda e: _attach(e[0], b=e[1]), "msup": lambda e: _attach(e[0], t=e[1]),
    "msubsup": lambda e: _attach(e[0], b=e[1], t=e[2]),
    "munder": _under, "mover": _over, "munderover": lambda e: _limits(e[0], b=e[1], t=e[2]),
    "mtable": _table,
}  # fmt: skip
