"""Questions, prompts and badges on web pages: readable without scripts, answered with them."""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from bookkit.teach import nodes as teach_nodes
from bookkit.teach.quiz import KINDS, answer_in_words, objective_links, partners_of


def _write(self: HTML5Translator, node: nodes.Element) -> None:
    for child in node.children:
        child.walkabout(self)


def visit_quiz(self: HTML5Translator, node: teach_nodes.quiz) -> None:
    """Write question, options and, in a disclosure, the answers; the script makes a form of it."""
    kind = node["kind"]
    data = {"data-kind": kind, "data-name": node["name"]}
    if kind == "numeric":
        data |= {
            "data-answer": repr(node["answer"]),
            "data-tolerance": repr(node["tolerance"]),
            "data-unit": node["unit"],
        }
    self.body.append(self.starttag(node, "div", "", CLASS="quiz", **data))
    links = ", ".join(f'<a href="#{target}">{escape(name)}</a>' for name, target in objective_links(node))
    self.body.append(
        f'<p class="quiz-head"><strong>Question {node["number"]}</strong> '
        f'<span class="quiz-kind">{KINDS[kind]}</span> <span class="quiz-objective">{links}</span></p>'
    )
    self.body.append('<div class="quiz-prompt">')
    _write(self, node[0])
    self.body.append("</div>")
    options = list(node.findall(teach_nodes.quiz_option))
    if kind == "numeric":
        unit = f" in {escape(node['unit'])}" if node["unit"] else ""
        self.body.append(f'<p class="quiz-blank">Your answer{unit}: ________</p>')
    else:
        _write_options(self, kind, options)
    _write_partners(self, node)
    _write_answers(self, node, options)
    self.body.append("</div>\n")
    raise nodes.SkipNode


def _write_options(self: HTML5Translator, kind: str, options: list[teach_nodes.quiz_option]) -> None:
    marker = "1" if kind == "matching" else "a"
    self.body.append(f'<ol class="quiz-options" type="{marker}">')
    for option in options:
        place = f' data-place="{option["place"]}"' if "place" in option else ""
        partner = f' data-partner="{option[1]["letter"]}"' if kind == "matching" else ""
        self.body.append(f'<li data-right="{int(option["right"])}" data-letter="{option["letter"]}"{place}{partner}>')
        _write(self, option[0])
        self.body.append("</li>")
    self.body.append("</ol>")


def _write_partners(self: HTML5Translator, node: teach_nodes.quiz) -> None:
    partners = partners_of(node)
    if not partners:
        return
    self.body.append('<ol class="quiz-partners" type="a">')
    for partner in partners:
        self.body.append(f'<li data-letter="{partner["letter"]}">')
        _write(self, partner)
        self.body.append("</li>")
    self.body.append("</ol>")


def _write_answers(self: HTML5Translator, node: teach_nodes.quiz, options: list[teach_nodes.quiz_option]) -> None:
    self.body.append('<details class="quiz-answers"><summary>Answer and feedback</summary>')
    self.body.append(f'<p><strong>Answer: {escape(answer_in_words(node))}</strong></p><ul class="quiz-feedbacks">')
    for option in options:
        name = (
            {"right": "Right", "otherwise": "Otherwise"}[option[0].astext().strip()]
            if node["kind"] == "numeric"
            else ""
        )
        shown = name or f"({option['letter']})"
        self.body.append(f'<li data-letter="{option["letter"]}"><span class="quiz-letter">{shown}</span> ')
        _write(self, option[-1])
        self.body.append("</li>")
    self.body.append("</ul>")
    node[-1].walkabout(self)
    self.body.append("</details>")


def visit_think(self: HTML5Translator, node: teach_nodes.think) -> None:
    """Write the prompt as a disclosure."""
    self.body.append(self.starttag(node, "details", "", CLASS="think"))
    self.body.append("<summary><strong>Think.</strong> ")
    _write(self, node[0])
    self.body.append("</summary>\n")
    for child in node.children[1:]:
        child.walkabout(self)
    self.body.append("</details>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register the nodes."""
    app.add_node(teach_nodes.quiz, html=(visit_quiz, None))
    app.add_node(teach_nodes.think, html=(visit_think, None))
    for plain in ("quiz_prompt", "quiz_option", "quiz_label", "quiz_partner", "quiz_feedback", "instructor_note"):
        app.add_node(getattr(teach_nodes, plain))
