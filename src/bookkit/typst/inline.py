"""Text inside paragraphs."""

from __future__ import annotations

from urllib.parse import unquote

from docutils import nodes

from bookkit import mathml, speech
from bookkit.mathml import MathError
from bookkit.typst import escape, math
from bookkit.typst.errors import TypstError


class InlineNodes:
    """Methods for text, emphasis, links, mathematics and notes."""

    def set_Text(self, node: nodes.Text) -> str:
        return escape.text(node.astext())

    def set_emphasis(self, node: nodes.Element) -> str:
        return f"#emph[{self.children(node)}];"

    def set_strong(self, node: nodes.Element) -> str:
        return f"#strong[{self.children(node)}];"

    def set_literal(self, node: nodes.Element) -> str:
        return f"#raw({escape.string(node.astext())});"

    def set_subscript(self, node: nodes.Element) -> str:
        return f"#sub[{self.children(node)}];"

    def set_superscript(self, node: nodes.Element) -> str:
        return f"#super[{self.children(node)}];"

    def set_inline(self, node: nodes.Element) -> str:
        mark = f"#index-mark({escape.string(node['term'])});" if node.get("term") else ""
        return self.anchors(node) + mark + self.children(node)

    set_fact = set_given = set_PassthroughTextElement = set_inline

    def set_title_reference(self, node: nodes.Element) -> str:
        return f"#emph[{self.children(node)}];"

    def set_abbreviation(self, node: nodes.Element) -> str:
        return self.children(node)

    def set_target(self, node: nodes.Element) -> str:
        if node.get("refid"):
            return ""
        return self.anchors(node) + self.children(node)

    def set_nothing(self, node: nodes.Node) -> str:
        """Nodes that say nothing on paper."""
        return ""

    set_comment = set_toctree = set_substitution_definition = set_tabular_col_spec = set_nothing
    set_meta = set_highlightlang = set_nothing

    def set_index(self, node: nodes.Element) -> str:
        """Mark a place for the index, whose page numbers Typst knows."""
        terms = [term for kind, text, *_ in node["entries"] for term in _index_terms(kind, text)]
        return "".join(f"#index-mark({escape.string(term)});" for term in terms)

    def set_raw(self, node: nodes.Element) -> str:
        formats = node.get("format", "").split()
        if "html" in formats and "<table" in node.astext():
            return self.html_table(node.astext())
        return node.astext() if "typst" in formats else ""

    def set_reference(self, node: nodes.Element) -> str:
        text = self.anchors(node) + self.children(node)
        if node.get("refid"):
            return self.link(self.docname, node["refid"], text)
        uri = node.get("refuri", "")
        if uri.startswith("%"):
            docname, _, target = uri[1:].partition("#")
            return self.link(docname, unquote(target), text)
        if uri.startswith("#"):
            return self.link(self.docname, unquote(uri[1:]), text)
        return f"#link({escape.string(uri)})[{text}];" if uri else text

    set_number_reference = set_reference

    def link(self, docname: str, target: str, text: str) -> str:
        """Link to a place of the book: inside this PDF, else to the online page, else the text alone."""
        if docname in self.setting.documents:
            label = escape.label(docname, target)
            self.setting.wanted.setdefault(label, f"{self.docname}: link to {docname}#{target}")
            return f"#link(<{label}>)[{text}];"
        if self.setting.online:
            page = f"{self.setting.online.rstrip('/')}/{docname}.html" + (f"#{target}" if target else "")
            return f"#link({escape.string(page)})[{text}];"
        return text

    def set_footnote_reference(self, node: nodes.Element) -> str:
        note = self.footnotes[node["refid"]]
        label = escape.label(self.docname, node["refid"])
        if label in self.setting.labels:
            return f"#footnote(<{label}>);"
        self.setting.labels.add(label)
        body = "".join(self.set(child) for child in note.children if not isinstance(child, nodes.label))
        return f"#footnote[{body}]<{label}>;"

    def set_footnote(self, node: nodes.Element) -> str:
        return ""

    def set_math(self, node: nodes.Element) -> str:
        alt, body = self.formula(node, display=False)
        return f"#math.equation(alt: {escape.string(alt)}, $ {body} $.body);"

    def set_math_block(self, node: nodes.Element) -> str:
        alt, body = self.formula(node, display=True)
        number = f"[({self.equation_number(node)})]" if node.get("number") else "none"
        return f"{self.anchors(node)}\n#display-equation({escape.string(alt)}, $ {body} $, {number});\n"

    def equation_number(self, node: nodes.Element) -> str:
        """Return an equation's number as the pages print it."""
        numbers = self.env.toc_fignumbers.get(self.docname, {}).get("displaymath", {})
        number = next((numbers[name] for name in node["ids"] if name in numbers), None)
        return ".".join(map(str, number)) if number else str(node["number"])

    def formula(self, node: nodes.Element, *, display: bool) -> tuple[str, str]:
        """Return a formula's spoken text and its Typst form; name the place of one that cannot be set."""
        try:
            element = mathml.to_mathml(node.astext(), display=display)
            return speech.speak(element), math.convert(element)
        except MathError as error:
            raise TypstError(f"{self.place(node)}: {error}") from error


def _index_terms(kind: str, text: str) -> list[str]:
    """Return the lines of the index that an entry asks for, as ``main, sub``."""
    parts = [part.strip() for part in text.split(";")]
    if kind == "pair" and len(parts) == 2:
        return [", ".join(parts), ", ".join(reversed(parts))]
    if kind == "triple" and len(parts) == 3:
        return [", ".join((parts[i], parts[(i + 1) % 3], parts[(i + 2) % 3])) for i in range(3)]
    return [", ".join(parts)]
