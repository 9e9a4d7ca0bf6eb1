"""Formulas: no character is lost, everything compiles, and each can be heard."""

import pytest
import typst

from bookkit import mathml, speech
from bookkit.typst import escape, math

FORMULAS = [
    r"h(t)=K_f\,q(s)\,(t-s-L)_+^{k}",
    r"\frac{a}{b}",
    r"\sqrt{x}+\sqrt[3]{y}",
    r"\sum_{i=1}^n x_i",
    r"\int_0^T f\,\mathrm{d}t",
    r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
    r"f=\begin{cases} 1 & x>0\\ 0 & \text{otherwise}\end{cases}",
    r"\Bigl(1-\frac uK\Bigr)",
    r"\bigl(\tfrac12\bigr)",
    r"\biggl[\frac{a}{b}\biggr]",
    r"\left(\frac{x}{y}\right)^{-1}",
    r"\begin{pmatrix}a&b\\c&d\end{pmatrix}",
    r"\begin{bmatrix}1\\2\end{bmatrix}",
    r"\bar{x}+\hat{y}+\vec z+\tilde w+\dot q+\ddot q",
    r"\overline{AB}",
    r"\underline{x}",
    r"\underbrace{a+b}_{n}",
    r"\overbrace{a+b}^{n}",
    r"\mathbf{A}\mathbb{R}\mathcal{L}",
    r"\operatorname{Var}(X)",
    r"\log x+\ln y+\exp z+\sin a+\max_i b_i+\min(c)",
    r"\lim_{x\to 0} f(x)",
    r"x'=y''",
    r"10^{-3}\%",
    r"\alpha\beta\gamma\delta\epsilon\eta\theta\lambda\mu\nu\pi\rho\sigma\tau\phi\chi\psi\omega",
    r"\Gamma\Delta\Theta\Lambda\Sigma\Phi\Omega",
    r"a\le b\ge c\ne d\approx e\propto f\sim g",
    r"a\times b\cdot c\pm d",
    r"\infty\partial\nabla",
    r"x\in\mathbb{R}, y\notin Z",
    r"A\cup B\cap C\subset D",
    r"p\Rightarrow q\Leftrightarrow r",
    r"a\to b\mapsto c",
    r"\binom{n}{k}",
    r"n!",
    r"|x|\le\|y\|",
    r"\lfloor x\rfloor\lceil y\rceil",
    r"\langle a,b\rangle",
    r"x_{i,j}^{(k)}",
    r"\prod_{k=0}^{\infty} a_k",
    r"\oint f",
    r"\iint g",
    r"\frac{\partial^2 u}{\partial x^2}",
    r"\mathrm{e}^{-\lambda t}",
    r"S(t)=\Pr(T>t)",
    r"\hat S(t)=\prod_{t_i\le t}\Bigl(1-\frac{d_i}{n_i}\Bigr)",
    r"d=\frac{(z_{\alpha/2}+z_\beta)^2}{p(1-p)\ln^2 \mathrm{HR}}",
    r"\dot N=r_N N\ln\frac{K_N}{N+C}",
    r"\text{if } x>0",
    r"\left.\frac{x}{y}\right|_{0}",
    r"\left\{x\right\}",
    r"a\;b\quad c\qquad d\!e",
    r"2{,}040\;\text{deaths}",
    r"9.190",
    r"\mathit{abc}",
    r"\boldsymbol{x}",
    r"\mathsf{T}",
    r"\mathtt{code}",
    r"\stackrel{d}{=}",
    r"\overset{a}{b}\underset{c}{d}",
    r"x\bmod y",
    r"\ldots\cdots\vdots\ddots",
    r"\begin{align} a&=b\\ c&=d\end{align}",
    r"\begin{gather} a=b\\ c=d\end{gather}",
    r"\begin{matrix}a\\b\end{matrix}",
    r"f\colon A\to B",
    r"a \\[1ex] b",
    r"x^{y^{z}}",
    r"{}_2F_1",
    r"\{1,2,3\}",
    r"\dfrac{1}{2}\tfrac{1}{2}",
]


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
