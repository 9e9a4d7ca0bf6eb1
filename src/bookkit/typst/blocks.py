"""Sections, paragraphs, lists, boxes and reference lists."""

from __future__ import annotations

from docutils import nodes

from bookkit.charts.nodes import TITLE as VALUES_TITLE
from bookkit.typst import escape
from bookkit.typst.errors import TypstError

_BOXES = {
    "note": "Note", "tip": "Tip", "hint": "Hint", "important": "Important", "warning": "Warning", "caution": "Caution",
    "attention": "Attention", "danger": "Danger", "error": "Error", "seealso": "See also",
}  # fmt: skip
_ENUMERATIONS = {"arabic": "1", "loweralpha": "a", "upperalpha": "A", "lowerroman": "i", "upperroman": "I"}


class BlockNodes:
    """Methods for what stands between paragraphs."""

    def set_document(self, node: nodes.Element) -> str:
        return self.children(node)

    def set_section(self, node: nodes.Element) -> str:
        self.section_level += 1
        body = self.children(node)
        self.section_level -= 1
        return body

    def set_title(self, node: nodes.Element) -> str:
        parent = node.parent
        if isinstance(parent, nodes.section):
            return self.heading(parent, node)
        if isinstance(parent, nodes.topic | nodes.sidebar):
            return f"\n#box-title[{self.children(node)}]\n"
        return ""

    def heading(self, section: nodes.Element, title: nodes.Element) -> str:
        """Set a section's title with the number that the pages give it."""
        level = self.depth + self.section_level - 1
        key = "" if self.section_level == 1 else f"#{section['ids'][0]}"
        number = self.env.toc_secnumbers.get(self.docname, {}).get(key)
        shown = f"#section-number[{escape.text('.'.join(map(str, number)))}];" if number else ""
        here = self.anchor("") if self.section_level == 1 else ""
        return f"\n#heading(level: {level})[{shown}{self.children(title)}]{here}{self.anchors(section)}\n\n"

    def set_subtitle(self, node: nodes.Element) -> str:
        return f"\n#subtitle-line[{self.children(node)}]\n\n"

    def set_rubric(self, node: nodes.Element) -> str:
        return f"\n#rubric[{self.anchors(node)}{self.children(node)}]\n\n"

    def set_paragraph(self, node: nodes.Element) -> str:
        return f"{self.anchors(node)}{self.children(node)}\n\n"

    def set_compact_paragraph(self, node: nodes.Element) -> str:
        return self.set_paragraph(node)

    def set_compound(self, node: nodes.Element) -> str:
        return self.children(node)

    def set_transition(self, node: nodes.Element) -> str:
        if "footnotes" in node["classes"]:
            return ""  # the notes stand at the foot of their pages
        return "\n#transition()\n"

    def set_block_quote(self, node: nodes.Element) -> str:
        return f"\n#quote(block: true)[{self.children(node)}]\n\n"

    def set_attribution(self, node: nodes.Element) -> str:
        return f"\n#attribution[{self.children(node)}]\n"

    def set_line_block(self, node: nodes.Element) -> str:
        return f"\n#block[{self.children(node)}]\n"

    def set_line(self, node: nodes.Element) -> str:
        return f"{self.children(node)}#linebreak();\n"

    def _items(self, node: nodes.Element) -> str:
        return "".join(f"[{self.anchors(item)}{self.children(item)}]," for item in node.children)

    def set_bullet_list(self, node: nodes.Element) -> str:
        return f"{self.anchors(node)}\n#list(tight: {_is_tight(node)}, {self._items(node)})\n\n"

    def set_enumerated_list(self, node: nodes.Element) -> str:
        style = _ENUMERATIONS[node.get("enumtype", "arabic")] + (node.get("suffix") or ".")
        start = node.get("start", 1)
        options = f'numbering: "{node.get("prefix", "")}{style}", start: {start}, tight: {_is_tight(node)}'
        return f"{self.anchors(node)}\n#enum({options}, {self._items(node)})\n\n"

    def set_definition_list(self, node: nodes.Element) -> str:
        body = f"{self.anchors(node)}\n{self.children(node)}\n"
        return f"\n#compact[{body}]\n" if "evidence-index" in node["classes"] else body

    set_glossary = set_definition_list

    def set_definition_list_item(self, node: nodes.Element) -> str:
        terms = [child for child in node.children if not isinstance(child, nodes.definition)]
        bodies = [child for child in node.children if isinstance(child, nodes.definition)]
        head = " ".join(self.anchors(term) + self.children(term) for term in terms)
        return f"\n#definition[{head}][{''.join(map(self.children, bodies))}]\n"

    def set_classifier(self, node: nodes.Element) -> str:
        return f"#emph[{self.children(node)}];"

    def set_field_list(self, node: nodes.Element) -> str:
        return "".join(f"\n#definition[{self.children(f[0])}][{self.children(f[1])}]\n" for f in node.children)

    def set_literal_block(self, node: nodes.Element) -> str:
        language = node.get("language", "default")
        known = {"ipython3": "python", "ipython": "python", "myst-ansi": "none", "default": "none", "none": "none"}
        lang = known.get(language, language)
        kind = "output" if language in ("myst-ansi", "ipythontb") else "code"
        first = node.get("highlight_args", {}).get("linenostart", 1) if node.get("linenos") else 0
        return self.code(node.astext(), lang, kind, first)

    set_doctest_block = set_literal_block

    def code(self, text: str, language: str, kind: str, first_line: int = 0) -> str:
        """Set a block of code or of a program's output; `first_line` above zero prints line numbers."""
        lang = "none" if language in ("none", "ipythontb") else escape.string(language)
        options = f"lang: {lang}, kind: {escape.string(kind)}, first-line: {first_line}"
        return f"\n#code-block({escape.string(text.rstrip())}, {options})\n\n"

    def box(self, kind: str, title: str, body: str, anchors: str = "") -> str:
        """Set a titled box; `kind` chooses its rule, so that kinds differ without colour."""
        return f"\n#callout({escape.string(kind)}, [{title}])[{anchors}{body}]\n\n"

    def set_admonition(self, node: nodes.Element) -> str:
        title = next((child for child in node.children if isinstance(child, nodes.title)), None)
        body = "".join(self.set(child) for child in node.children if child is not title)
        kind = next(
            (name for name in ("claim", "proof", "page-head", "takeaways", "disagreement") if name in node["classes"]),
            "note",
        )
        return self.box(kind, self.children(title) if title else "", body, self.anchors(node))

    def _named_box(self, node: nodes.Element) -> str:
        name = type(node).__name__
        return self.box(name, escape.text(_BOXES[name]), self.children(node), self.anchors(node))

    set_note = set_tip = set_hint = set_important = set_warning = set_caution = _named_box
    set_attention = set_danger = set_error = set_seealso = _named_box

    def set_topic(self, node: nodes.Element) -> str:
        if "contents" in node["classes"]:
            return ""
        return self.box("note", "", self.children(node), self.anchors(node))

    set_sidebar = set_topic

    def set_exercise_node(self, node: nodes.Element) -> str:
        return self._titled(node, "exercise")

    def set_exercise_enumerable_node(self, node: nodes.Element) -> str:
        return self._titled(node, "exercise", self.number_of("exercise", node))

    def set_solution_node(self, node: nodes.Element) -> str:
        if self.setting.edition.solutions == "omit":
            return ""
        solution = self._titled(node, "solution")
        if self.setting.edition.solutions == "end":
            self.solutions.append(solution)
            return ""
        return solution

    def _theorem(self, node: nodes.Element) -> str:
        """Set a numbered statement of sphinx-proof; its number counts as Sphinx counts it."""
        numbers = self.env.toc_fignumbers.get(self.docname, {}).get(node["countertype"], {})
        number = next((numbers[name] for name in node["ids"] if name in numbers), ())
        name = " ".join([node["realtype"].title(), ".".join(map(str, number))]).strip()
        return self._titled(node, "theorem", f"#caption-number[{escape.text(name)}];")

    set_axiom_node = set_theorem_node = set_lemma_node = set_algorithm_node = set_definition_node = _theorem
    set_remark_node = set_conjecture_node = set_corollary_node = set_criterion_node = set_example_node = _theorem
    set_property_node = set_observation_node = set_proposition_node = set_unenumerable_node = _theorem
    set_assumption_node = _theorem

    def set_proof_node(self, node: nodes.Element) -> str:
        return self.anchors(node) + self.children(node)

    def _titled(self, node: nodes.Element, kind: str, number: str = "") -> str:
        titles = [child for child in node.children if isinstance(child, nodes.title | nodes.subtitle)]
        body = "".join(self.set(child) for child in node.children if child not in titles)
        return self.box(kind, number + "".join(map(self.children, titles)), body, self.anchors(node))

    def set_exercise_title(self, node: nodes.Element) -> str:
        return self.children(node)

    set_exercise_subtitle = set_solution_title = set_solution_subtitle = set_exercise_title

    def set_citation(self, node: nodes.Element) -> str:
        body = "".join(self.set(child) for child in node.children if not isinstance(child, nodes.label))
        return f"\n#reference-entry[{self.anchors(node)}{body}]\n"

    def set_image(self, node: nodes.Element) -> str:
        return self.picture(node)

    def picture(self, node: nodes.Element) -> str:
        """Set an image with its alt text; one without is an error here, as it would be for the compiler."""
        alt = (node.get("alt") or "").strip()
        if not alt:
            raise TypstError(f"{self.place(node)}: image '{node['uri']}' has no alt text: say what is seen in it")
        path = self.setting.add_image(self.image_path(node))
        return f"#picture({escape.string(path)}, {escape.string(alt)}, {_width(node)});"

    def set_figure(self, node: nodes.Element) -> str:
        images = [self.set(child) for child in node.children if not isinstance(child, nodes.caption | nodes.legend)]
        caption = next((child for child in node.children if isinstance(child, nodes.caption)), None)
        legend = "".join(self.children(child) for child in node.children if isinstance(child, nodes.legend))
        text = (self.number_of("figure", node) + self.children(caption)) if caption else ""
        return f"\n#figure-block([{''.join(images)}], [{text}{legend}])[{self.anchors(node)}]\n\n"

    def set_chart_values(self, node: nodes.Element) -> str:
        return f"\n#chart-values([{escape.text(VALUES_TITLE)}], [{self.children(node)}])\n"

    def number_of(self, kind: str, node: nodes.Element) -> str:
        """Return the number that the pages print before a caption."""
        numbers = self.env.toc_fignumbers.get(self.docname, {}).get(kind, {})
        number = next((numbers[name] for name in node.get("ids", []) if name in numbers), None)
        if number is None:
            return ""
        prefix = self.env.config.numfig_format[kind] % ".".join(map(str, number))
        return f"#caption-number[{escape.text(prefix)}];"


def _is_tight(node: nodes.Element) -> str:
    """Lists of single short paragraphs are set without space between the items."""
    blocks = all(len(item.children) <= 1 for item in node.children)
    return "true" if blocks and len(node.astext()) < 80 * max(1, len(node.children)) else "false"


def _width(node: nodes.Element) -> str:
    width = node.get("width") or (node.parent.get("width") if isinstance(node.parent, nodes.figure) else None)
    if width and width.endswith("%"):
        return width
    return "100%" if width else "auto"
