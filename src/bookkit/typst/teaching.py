"""Questions, prompts to think and badges on paper; their answers stand at the end or are left out."""

from __future__ import annotations

from collections.abc import Iterator

from docutils import nodes

from bookkit.teach import nodes as teach_nodes
from bookkit.teach.quiz import KINDS, answer_in_words, partners_of
from bookkit.typst import escape


class TeachingNodes:
    """Methods for what `bookkit.teach` adds to pages."""

    def set_quiz(self, node: nodes.Element) -> str:
        """Set a paper question, and keep its answer for the key."""
        self.keys.append(self._answer(node))
        words = (f"Question {node['number']}", KINDS[node["kind"]], ", ".join(node["objectives"]))
        head = ", ".join(f"[{escape.text(word)}]" for word in words)
        body = self.children(node[0]) + self._ways_to_answer(node)
        return f"\n#question({head})[{self.anchors(node)}{body}]\n"

    def _ways_to_answer(self, node: nodes.Element) -> str:
        kind = node["kind"]
        if kind == "numeric":
            return f"\n#blank[{escape.text(node['unit'])}]\n"
        options = [(option["letter"], self.set(option[0])) for option in node.findall(teach_nodes.quiz_option)]
        mark = {"ordering": "line", "matching": "line"}.get(kind, "box")
        rows = "".join(f"([{escape.text(letter)}], [{body}])," for letter, body in options)
        partners = "".join(f"([{escape.text(p['letter'])}], [{self.children(p)}])," for p in partners_of(node))
        beside = f"\n#options(mark: none, {partners})\n" if partners else ""
        return f'\n#options(mark: "{mark}", {rows})\n{beside}'

    def _answer(self, node: nodes.Element) -> str:
        options = list(node.findall(teach_nodes.quiz_option))
        feedback = "".join(f"([{escape.text(_name(node, option))}], [{self.set(option[-1])}])," for option in options)
        see = self.set(node[-1])
        head = escape.text(f"Question {node['number']}: {answer_in_words(node)}")
        return f"\n#answer([{head}], ({feedback}))[{see}]\n"

    def set_quiz_label(self, node: nodes.Element) -> str:
        return self.children(node)

    set_quiz_feedback = set_quiz_label

    def set_think(self, node: nodes.Element) -> str:
        title = self.children(node[0])
        body = "".join(map(self.set, node.children[1:]))
        self.keys.append(f"\n#answer([{title}], ())[{body}]\n")
        return self.box("think", f"#emph[{escape.text('Think.')}]; {title}", "", self.anchors(node))

    def set_instructor_note(self, node: nodes.Element) -> str:
        if self.setting.edition.notes == "omit":
            return ""
        return self.box("note", escape.text("For the instructor"), self.children(node), self.anchors(node))

    def set_level_badge(self, node: nodes.Element) -> str:
        return f"#badge[{self.children(node)}];"

    def key(self) -> str:
        """Return the answers to all questions and prompts of the document."""
        if not self.keys:
            return ""
        title = f"\n#heading(level: {self.depth + 1})[{escape.text('Answers')}]\n\n"
        return title + "".join(self.keys)

    def questions(self, document: nodes.document) -> str:
        """Return the page's title and its questions alone."""
        quizzes: Iterator[nodes.Element] = document.findall(teach_nodes.quiz)
        title = next(iter(document.findall(nodes.title)))
        return self._sheet_title(title, "Questions") + "\n#name-line()\n" + "".join(map(self.set_quiz, quizzes))

    def key_sheet(self, document: nodes.document) -> str:
        """Return the page's title and the answers alone."""
        title = next(iter(document.findall(nodes.title)))
        self.questions(document)
        return self._sheet_title(title, "Answers to the questions") + "".join(self.keys)

    def answers(self, document: nodes.document) -> str:
        """Return the page's title with all its answers and solutions, for the answer book."""
        self.children(document)
        if not self.keys and not self.solutions:
            return ""
        title = next(iter(document.findall(nodes.title)))
        self.section_level = 1
        return self.heading(title.parent, title) + "".join(self.keys) + "".join(self.solutions)

    def _sheet_title(self, title: nodes.Element, kind: str) -> str:
        return f"\n#heading(level: 1)[{self.children(title)}]\n#subtitle-line[{escape.text(kind)}]\n\n"


def _name(node: nodes.Element, option: nodes.Element) -> str:
    return option[0].astext().strip() if node["kind"] == "numeric" else option["letter"]
