"""Formulas: no character is lost, everything compiles, and each can be heard."""

import json
import re
import unicodedata
from pathlib import Path

import pytest
import typst
from formulas import FORMULAS, of_the_book

from bookkit import mathml, speech
from bookkit.typst import escape, math

MATHJAX = json.loads(Path(__file__).with_name("mathjax.json").read_text(encoding="utf-8"))
SAME_GLYPH = str.maketrans(
    {"ˆ": "^", "⃗": "→", "\u0332": "―", "\u0304": "¯", "‖": "∥", "⟂": "⊥", "\u0303": "~", "\u0307": "˙"}
)


def compared(text):
    """Return characters in one spelling: mathematical alphabets as letters, variants of a glyph as one."""
    plain = unicodedata.normalize("NFKD", text.translate(SAME_GLYPH)).translate(SAME_GLYPH)
    return "".join(c for c in plain if not c.isspace())


def test_there_are_formulas_enough():
    assert len(FORMULAS) >= 150


@pytest.mark.parametrize("latex", [*dict.fromkeys([*FORMULAS, *of_the_book()])])
def test_the_characters_are_those_that_mathjax_shows(latex):
    assert latex in MATHJAX, "record MathJax's answer as record_mathjax.cjs says"
    ours = compared(mathml.leaves(mathml.to_mathml(latex, display=True)))
    assert sorted(ours) == sorted(compared(MATHJAX[latex]))


@pytest.mark.parametrize("latex", FORMULAS)
def test_a_formula_keeps_its_characters(latex):
    """What stands in the MathML stands in the Typst source, as characters or as the command that draws them."""
    element = mathml.to_mathml(latex, display=True)
    source = math.convert(element)
    drawn = set("¯ˆ⃗~˜˙¨̲‾⏞⏟{()12")
    for char in set(mathml.leaves(element)) - drawn:
        assert char in source, f"{char!r} of {latex} is lost in {source}"


def test_all_formulas_compile_with_alternative_text():
    lines = ["#set page(width: 20cm, height: auto)", '#set document(title: "t")', "= T"]
    for latex in FORMULAS:
        element = mathml.to_mathml(latex, display=True)
        alt = speech.speak(element)
        assert alt
        lines.append(f"#math.equation(block: true, alt: {escape.string(alt)}, $ {math.convert(element)} $.body)")
    assert typst.compile("\n".join(lines).encode(), format="pdf", pdf_standards=["ua-1"])


@pytest.mark.parametrize(
    "latex", [r"\ce{H2O}", r"\SI{1}{m}", r"\smash{x}", r"\widetilde{x}", r"\tag{1}", r"\nocommand"]
)
def test_what_cannot_be_set_is_an_error_that_names_it(latex):
    with pytest.raises(mathml.MathError, match=r"cannot be read|is not supported"):
        mathml.to_mathml(latex, display=False)


@pytest.mark.parametrize(
    ("latex", "spoken"),
    [
        (r"\frac{a}{b}", "a over b"),
        (r"x^2", "x squared"),
        (r"x_i", "x sub i"),
        (r"\sqrt{x}", "the square root of x"),
        (r"a\le b", "a at most b"),
        (r"\alpha+\Gamma", "alpha plus capital gamma"),
        (r"\sum_{i=1}^n x_i", "the sum from i equals 1 to n of x sub i"),
        (r"\int_0^T f", "the integral from 0 to T of f"),
        (r"e^{-t}", "e to the power minus t"),
        (r"\hat y", "y hat"),
        (r"f'", "f prime"),
        (r"\frac{a+b}{c}", "the fraction a plus b over c, end of fraction,"),
        (r"\mathbb{R}", "R"),
        (r"\log x", "log x"),
    ],
)
def test_a_formula_is_spoken_in_plain_english(latex, spoken):
    assert speech.speak(mathml.to_mathml(latex, display=False)) == spoken


def test_no_name_of_the_template_hides_a_function_of_mathematics(root):
    """Formulas are set where the template's names are in scope; one called ``accent`` would swallow all hats."""
    template = (root / "src/bookkit/typst/template.typ").read_text(encoding="utf-8")
    names = set(re.findall(r"^#let ([\w-]+)", template, re.M))
    source = (root / "src/bookkit/typst/math.py").read_text(encoding="utf-8")
    used = set(re.findall(r"\"?f?\"?([a-z]+)\(\{", source)) | {"accent", "hat", "arrow", "tilde", "dot", "bar", "quad"}
    assert {"frac", "attach", "accent"} <= used
    assert names & used == set()
