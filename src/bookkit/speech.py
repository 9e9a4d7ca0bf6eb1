"""Formulas in plain English, for readers who hear them."""

from __future__ import annotations

import unicodedata

from lxml import etree

_WORDS = {
    "=": "equals", "+": "plus", "−": "minus", "-": "minus", "×": "times", "⋅": "dot", "·": "dot", "/": "over",
    "≤": "at most", "≥": "at least", "<": "is less than", ">": "is greater than", "≠": "does not equal",
    "≈": "is about",
    "∼": "is distributed as", "∝": "is proportional to", "→": "to", "∞": "infinity", "∑": "the sum", "∏": "the product",
    "∫": "the integral", "∂": "partial", "∇": "nabla", "∈": "in", "′": "prime", "±": "plus or minus", "%": "per cent",
    "(": "open bracket", ")": "close bracket", "[": "open bracket", "]": "close bracket", "{": "open brace",
    "}": "close brace", "|": "bar", ",": "comma", "!": "factorial", "…": "and so on", "⋯": "and so on", "∥": "norm bar",
}  # fmt: skip
_SILENT = {"\u2061", "\u2062", "\u2063", "\u2064", "\ufe00", ""}
_ACCENTS = {"¯": "bar", "ˆ": "hat", "^": "hat", "⃗": "vector", "~": "tilde", "˙": "dot", "¨": "double dot"}


def speak(element: etree._Element) -> str:
    """Return a formula in words.

    Parameters
    ----------
    element : lxml element
        MathML, as `bookkit.typst.mathml.to_mathml` gives it.
    """
    return " ".join(_speak(element).split())


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _all(element: etree._Element) -> str:
    return " ".join(_speak(child) for child in element)


def _leaf(text: str) -> str:
    if text in _SILENT:
        return ""
    if text in _WORDS:
        return _WORDS[text]
    return " ".join(_WORDS.get(c) or _letter(c) for c in text) if len(text) == 1 else text


def _letter(char: str) -> str:
    if char.isascii():
        return char
    plain = unicodedata.normalize("NFKC", char)
    if plain.isascii():
        return plain
    name = unicodedata.name(char, "symbol").lower()
    for start, kind in (("greek small letter ", ""), ("greek capital letter ", "capital ")):
        if name.startswith(start):
            return kind + name.removeprefix(start).removesuffix(" symbol")
    return name


def _power(base: str, mark: etree._Element) -> str:
    spoken = " ".join(_speak(mark).split())
    if spoken == "prime":
        return f"{base} prime"
    named = {"2": "squared", "3": "cubed"}.get(spoken)
    return f"{base} {named}" if named else f"{base} to the power {spoken}"


def _is_short(element: etree._Element) -> bool:
    return len(element) == 0


def _fraction(element: etree._Element) -> str:
    top, bottom = _speak(element[0]), _speak(element[1])
    if _is_short(element[0]) and _is_short(element[1]):
        return f"{top} over {bottom}"
    return f"the fraction {top} over {bottom}, end of fraction,"


def _table(element: etree._Element) -> str:
    rows = [" ".join(_speak(cell) for cell in row if "width: 50%" not in (cell.get("style") or "")) for row in element]
    return "; ".join(rows)


def _speak(element: etree._Element) -> str:
    name = _name(element)
    if name in ("mi", "mn", "mo", "mtext"):
        return _leaf((element.text or "").replace("\ufe00", "").strip())
    if name == "mspace":
        return ""
    if name == "mfrac":
        return _fraction(element)
    if name == "msqrt":
        return f"the square root of {_all(element)}"
    if name == "mroot":
        return f"the root of order {_speak(element[1])} of {_speak(element[0])}"
    if name == "msub":
        return f"{_speak(element[0])} sub {_speak(element[1])}"
    if name == "msup":
        return _power(_speak(element[0]), element[1])
    if name == "msubsup":
        return _bounded(element) or _power(f"{_speak(element[0])} sub {_speak(element[1])}", element[2])
    if name == "munderover":
        return _bounded(element) or f"{_speak(element[0])} from {_speak(element[1])} to {_speak(element[2])}"
    if name == "munder" and (element[1].text or "") == "⏟":
        return _speak(element[0])
    if name == "munder":
        return f"{_speak(element[0])} over {_speak(element[1])}"
    if name == "mover":
        mark = _ACCENTS.get((element[1].text or "").strip())
        return f"{_speak(element[0])} {mark}" if mark else f"{_speak(element[0])} with {_speak(element[1])} above"
    if name == "mtable":
        return _table(element)
    return _all(element)


def _bounded(element: etree._Element) -> str | None:
    if (element[0].text or "") in ("∑", "∏", "∫"):
        return f"{_speak(element[0])} from {_speak(element[1])} to {_speak(element[2])} of"
    return None
