"""The ``{quiz}`` directive: questions with feedback on every option, checked as they are read.

A question looks like this; kinds are single, several, true-false, numeric, ordering and matching::

    ```{quiz} single
    :name: first-year
    :objectives: LO 1.3
    :see: ch1-latency

    Who carries the higher risk?

    - [x] Those exposed when young.
      > Right: they have more years left for the curve to climb.
    - [ ] Those exposed when old.
      > No: they often die of something else first.
    ```

Ordering takes a numbered list in the right order, matching a list of ``left :: right``; numeric takes ``:answer:``,
``:tolerance:`` and ``:unit:``, and the options ``right`` and ``otherwise``.
"""

from __future__ import annotations

import ast
import hashlib
import operator
import re
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import set_source_info

from bookkit.evidence.ledger import LedgerError
from bookkit.evidence.nodes import reference_to_label
from bookkit.evidence.roles import parse_reference
from bookkit.evidence.state import evidence_of
from bookkit.evidence.typography import print_fact
from bookkit.teach import nodes as teach_nodes
from bookkit.teach.page import objective_anchor
from bookkit.teach.state import Question, lesson_of

KINDS = {
    "single": "Choose one",
    "several": "Choose every right answer",
    "true-false": "True or false",
    "numeric": "Write a number",
    "ordering": "Put in order",
    "matching": "Match",
}
NUMERIC_OPTIONS = ("right", "otherwise")
_MARK = re.compile(r"^\[( |x|X)\]\s+")
_PAIR = " :: "
_FACT = re.compile(r"fact:([A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9](?:\[[^\]]+\])*)")
_OPERATIONS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class QuizError(ValueError):
    """A question that cannot be asked; the message says what is missing."""


def objectives_option(argument: str | None) -> tuple[str, ...]:
    """Read ``LO 1.3, LO 1.4``."""
    return tuple(part.strip() for part in (argument or "").split(",") if part.strip())


def shuffled(texts: list[str], seed: str) -> list[int]:
    """Return an order that is the same in every build and never the right one.

    Parameters
    ----------
    texts : list of str
        In the right order, at least two.
    seed : str
        The question's name.
    """
    right = list(range(len(texts)))
    order = sorted(right, key=lambda i: hashlib.sha256(f"{seed}|{texts[i]}".encode()).digest())
    return order[1:] + order[:1] if order == right else order


class QuizDirective(SphinxDirective):
    """A question with its options and their feedback."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {
        "name": directives.unchanged_required,
        "objectives": objectives_option,
        "see": directives.unchanged_required,
        "answer": directives.unchanged_required,
        "tolerance": directives.unchanged_required,
        "unit": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        try:
            return [self._question()]
        except (QuizError, LedgerError) as error:
            raise self.error(f"{{quiz}} {self.options.get('name', self.arguments[0])}: {error}") from None

    def _question(self) -> teach_nodes.quiz:
        kind, name = self.arguments[0], self.options.get("name")
        if kind not in KINDS:
            raise QuizError(f"kind '{kind}' is not one of {', '.join(KINDS)}")
        for option, example in (("name", "first-year"), ("objectives", "LO 1.3"), ("see", "ch1-latency")):
            if not self.options.get(option):
                raise QuizError(f"no {option}: write for example :{option}: {example}")
        prompt, items = self._parts()
        lesson = lesson_of(self.env, self.env.docname)
        if name in (other.name for other in lesson.questions):
            raise QuizError(f"the name '{name}' is taken by another question of this page")
        node = teach_nodes.quiz(kind=kind, name=name, number=len(lesson.questions) + 1)
        node["objectives"] = list(self.options["objectives"])
        set_source_info(self, node)
        node["names"].append(f"quiz-{name}")
        self.state.document.note_explicit_target(node, node)
        node += teach_nodes.quiz_prompt("", *prompt)
        node += self._options(kind, name, items, node)
        node += self._see()
        lesson.questions.append(
            Question(name, node["number"], kind, tuple(node["objectives"]), node[0].astext(), self.lineno)
        )
        return node

    def _parts(self) -> tuple[list[nodes.Node], list[nodes.list_item]]:
        holder = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, holder)
        *prompt, options = holder.children or [None]
        if not isinstance(options, nodes.bullet_list | nodes.enumerated_list) or not prompt:
            raise QuizError("write the question first, then a list of options")
        return prompt, list(options.children)

    def _options(
        self, kind: str, name: str, items: list[nodes.list_item], node: teach_nodes.quiz
    ) -> list[teach_nodes.quiz_option]:
        if len(items) < 2:
            raise QuizError("a question needs at least two options")
        options = [_option(item, position) for position, item in enumerate(items, start=1)]
        if kind == "ordering":
            return _ordered(options, name)
        if kind == "matching":
            return _matched(options, name)
        rights = [_take_mark(option) for option in options]
        _check_rights(kind, rights)
        for option, right, letter in zip(options, rights, LETTERS, strict=False):
            option["right"], option["letter"] = right, letter
        if kind == "numeric":
            labels = tuple(option[0].astext().strip() for option in options)
            if labels != NUMERIC_OPTIONS or rights != [True, False]:
                raise QuizError("a numeric question has the options '- [x] right' and '- [ ] otherwise'")
            node["answer"], node["tolerance"], node["unit"] = self._number()
        return options

    def _number(self) -> tuple[float, float, str]:
        """Return the answer, computed from facts or typed with a reason, its tolerance and unit."""
        answer, _, reason = (part.strip() for part in self.options.get("answer", "").partition("|"))
        if not reason and "fact:" not in answer:
            raise QuizError("write :answer: with facts, such as fact:id[0] / fact:id[1], or :answer: number|reason")
        numbers = _FACT.sub(lambda match: repr(self._fact(match[1])), answer)
        try:
            value, allowed = calculate(numbers), float(self.options.get("tolerance", ""))
        except (ValueError, SyntaxError, ZeroDivisionError):
            raise QuizError(
                f"can't be computed: answer '{answer}', tolerance '{self.options.get('tolerance')}'"
            ) from None
        if allowed < 0:
            raise QuizError("the tolerance can't be negative")
        return value, allowed, self.options.get("unit", "")

    def _fact(self, reference: str) -> float:
        fact_id, path = parse_reference(reference)
        evidence = evidence_of(self.env)
        return float(print_fact(evidence.ledger.fact(fact_id), path, evidence.units).number.replace(",", ""))

    def _see(self) -> nodes.paragraph:
        link = reference_to_label(self.options["see"], self.env.docname)
        return nodes.paragraph("", "", nodes.Text("Read again: "), link, nodes.Text("."), classes=["quiz-see"])


def calculate(expression: str) -> float:
    """Return the value of a sum of numbers with ``+ - * /`` and brackets.

    Raises
    ------
    ValueError, SyntaxError, ZeroDivisionError
        When it is anything else.
    """
    return _value(ast.parse(expression, mode="eval").body)


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        return _OPERATIONS[type(node.op)](_value(node.left), _value(node.right))
    raise ValueError(ast.unparse(node))


def _check_rights(kind: str, rights: list[bool]) -> None:
    if not any(rights):
        raise QuizError("no option is right: mark it with [x]")
    if kind != "several" and sum(rights) != 1:
        raise QuizError(f"a {kind} question has one right option, this one has {sum(rights)}")
    if kind == "true-false" and len(rights) != 2:
        raise QuizError("a true-false question has two options")


def _option(item: nodes.list_item, position: int) -> teach_nodes.quiz_option:
    label = [child for child in item.children if not isinstance(child, nodes.block_quote)]
    feedback = [grand for child in item.children if isinstance(child, nodes.block_quote) for grand in child.children]
    if not feedback:
        raise QuizError(f"option {position} has no feedback: write it below the option, after '>'")
    if not label or not isinstance(label[0], nodes.paragraph):
        raise QuizError(f"option {position} has no text")
    option = teach_nodes.quiz_option()
    option += teach_nodes.quiz_label("", *label)
    option += teach_nodes.quiz_feedback("", *feedback)
    return option


def _take_mark(option: teach_nodes.quiz_option) -> bool:
    """Remove ``[x]`` or ``[ ]`` from the text; return whether it was an x."""
    text = next(option[0].findall(nodes.Text), None)
    match = _MARK.match(text.astext()) if text is not None else None
    if not match:
        raise QuizError(f"the option '{option[0].astext()[:40]}' begins with neither [x] nor [ ]")
    text.parent.replace(text, nodes.Text(text.astext()[match.end() :]))
    return match[1] != " "


def _ordered(options: list[teach_nodes.quiz_option], name: str) -> list[teach_nodes.quiz_option]:
    order = shuffled([option.astext() for option in options], name)
    shown = []
    for letter, index in zip(LETTERS, order, strict=False):
        options[index]["letter"], options[index]["place"], options[index]["right"] = letter, index + 1, True
        shown.append(options[index])
    return shown


def _matched(options: list[teach_nodes.quiz_option], name: str) -> list[teach_nodes.quiz_option]:
    partners = [_split_pair(option) for option in options]
    order = shuffled([partner.astext() for partner in partners], name)
    for letter, index in zip(LETTERS, order, strict=False):
        partners[index]["letter"] = letter
    for number, option in enumerate(options, start=1):
        option["letter"], option["right"] = str(number), True
    return options


def _split_pair(option: teach_nodes.quiz_option) -> teach_nodes.quiz_partner:
    """Move what stands after ``::`` into a partner node, inserted between label and feedback."""
    paragraph = option[0][0]
    for position, child in enumerate(paragraph.children):
        if isinstance(child, nodes.Text) and _PAIR in child.astext():
            before, after = child.astext().split(_PAIR, 1)
            rest = paragraph.children[position + 1 :]
            paragraph.children = [*paragraph.children[:position], nodes.Text(before.rstrip())]
            partner = teach_nodes.quiz_partner("", nodes.paragraph("", "", nodes.Text(after.lstrip()), *rest))
            paragraph.setup_child(paragraph.children[-1])
            option.insert(1, partner)
            return partner
    raise QuizError(f"the pair '{paragraph.astext()[:40]}' has no ' :: ' between its two sides")


def objective_links(node: teach_nodes.quiz) -> list[tuple[str, str]]:
    """Return each objective of a question with its target on the page."""
    return [(name, objective_anchor(name)) for name in node["objectives"]]


def partners_of(node: teach_nodes.quiz) -> list[teach_nodes.quiz_partner]:
    """Return the right-hand sides of a matching question in the order in which they are shown."""
    return sorted(node.findall(teach_nodes.quiz_partner), key=lambda partner: partner["letter"])


def answer_in_words(node: teach_nodes.quiz) -> str:
    """Return the key of a question: letters, an order, pairs or a number."""
    options = list(node.findall(teach_nodes.quiz_option))
    if node["kind"] == "ordering":
        return ", ".join(option["letter"] for option in sorted(options, key=lambda option: option["place"]))
    if node["kind"] == "matching":
        return ", ".join(f"{option['letter']} {option[1]['letter']}" for option in options)
    if node["kind"] == "numeric":
        decimals = len(f"{node['tolerance']:g}".partition(".")[2])
        shown = f"{node['answer']:.{decimals}f} ± {node['tolerance']:g}" if node["tolerance"] else f"{node['answer']:g}"
        return f"{shown} {node['unit']}".strip()
    return ", ".join(option["letter"] for option in options if option["right"])


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("quiz", QuizDirective)
