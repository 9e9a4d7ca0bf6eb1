"""Formulas have a font of their own, with every character they use, on the pages that hold them and on no other."""

from __future__ import annotations

import importlib.util
import unicodedata
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from lxml import etree

from bookkit import web
from bookkit.mathml import FORBIDDEN, to_mathml

FONT = web.STATIC / "fonts" / "stix-two-math.woff2"
BUDGET = 150_000
VARIANT = "\ufe00"  # chooses a shape of the letter before it and has none itself


@pytest.fixture(scope="module")
def font() -> TTFont:
    return TTFont(FONT)


def _italic(letter: str) -> str:
    """Return what a browser shows for a one-letter identifier."""
    name = unicodedata.name(letter, "").replace(" LETTER ", " ")
    special = {"h": "\u210e", "∂": "𝜕", "ϵ": "𝜖", "ϑ": "𝜗", "ϰ": "𝜘", "ϕ": "𝜙", "ϱ": "𝜚", "ϖ": "𝜛", "ı": "𝚤", "ȷ": "𝚥"}
    if letter in special:
        return special[letter]
    for script in ("LATIN", "GREEK"):
        if name.startswith(script):
            rest = name.removeprefix(script + " ")
            try:
                return unicodedata.lookup(f"MATHEMATICAL ITALIC {rest}")
            except KeyError:
                return letter
    return letter


def characters(mathml: str) -> set[str]:
    """Return the characters that a browser draws for formulas."""
    drawn = set()
    for part in BeautifulSoup(mathml, "lxml").select("mi, mn, mo, mtext"):
        text = part.get_text()
        alone = part.name == "mi" and len(text) == 1 and part.get("mathvariant") != "normal"
        drawn |= set(_italic(text) if alone else text)
    return {char for char in drawn if not char.isspace() and char != VARIANT}


def known_formulas(root: Path) -> list[str]:
    path = root / "tests/bookkit/typst/formulas.py"
    spec = importlib.util.spec_from_file_location("formulas", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return [formula for formula in module.FORMULAS if not any(word in formula for word in FORBIDDEN)]


def test_the_font_is_small_and_can_stretch(font):
    assert FONT.stat().st_size < BUDGET
    table = font["MATH"].table
    grows = table.MathVariants.VertGlyphCoverage.glyphs
    cmap = font.getBestCmap()
    for bracket in "([{|√∑∫":
        assert cmap[ord(bracket)] in grows, bracket


def test_its_licence_stands_beside_it(font):
    assert "SIL OPEN FONT LICENSE" in FONT.with_name("stix-two-math-LICENSE.txt").read_text(encoding="utf-8")
    assert "STIX Fonts Project Authors" in font["name"].getDebugName(0)


def test_every_known_formula_can_be_drawn(root, font):
    formulas = known_formulas(root)
    assert len(formulas) > 100
    cmap = font.getBestCmap()
    missing = {
        char: latex
        for latex in formulas
        for char in characters(etree.tostring(to_mathml(latex, display=True), encoding="unicode"))
        if ord(char) not in cmap
    }
    assert missing == {}


def test_pages_with_formulas_and_only_they_load_the_font(html, pages, font):
    cmap = font.getBestCmap()
    with_formulas = 0
    for page in pages:
        text = page.read_text(encoding="utf-8")
        with_formulas += "<math" in text
        assert ("_static/mathematics.css" in text) is ("<math" in text), page.name
        missing = {char for char in characters(text) if ord(char) not in cmap}
        assert missing == set(), page.name
    assert with_formulas
    assert (html / "_static/fonts/stix-two-math.woff2").is_file()
