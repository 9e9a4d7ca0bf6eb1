"""Prose of a page as Markdown for a notebook: through the page's own HTML, so that it has every form the page has."""

from __future__ import annotations

import re
from typing import Any

from bs4 import BeautifulSoup, Tag
from docutils import nodes
from markdownify import MarkdownConverter
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

UNWANTED = "a.headerlink, span.label, .backrefs, template, .visually-hidden, button, .quiz-blank, .downloads"


class ProseTranslator(HTML5Translator):
    """Sphinx's HTML, with formulas left in TeX, which Jupyter sets itself."""

    def visit_math(self, node: nodes.Element, math_env: str = "") -> None:
        self.body.append(f'<var class="tex" data-tex="{self.attval(node.astext())}">x</var>')
        raise nodes.SkipNode

    def visit_math_block(self, node: nodes.Element, math_env: str = "") -> None:
        number = f"\\tag{{{get_node_equation_number(self, node)}}}" if node.get("number") else ""
        tex = self.attval(f"{node.astext().strip()} {number}".strip())
        self.body.append(f'<p><var class="tex display" data-tex="{tex}">x</var></p>')
        raise nodes.SkipNode


class _Converter(MarkdownConverter):
    """markdownify, with the forms that our pages have and its own lacks."""

    def convert_var(self, el: Tag, text: str, parent_tags: Any) -> str:
        tex = el.get("data-tex")
        if tex is None:
            return text
        return f"\n$$\n{tex}\n$$\n" if "display" in el["class"] else f"${tex}$"

    def convert_a(self, el: Tag, text: str, parent_tags: Any) -> str:
        """Keep links that lead out; inside a notebook there is no page for the others."""
        return super().convert_a(el, text, parent_tags) if el.get("href", "").startswith("http") else text

    def convert_div(self, el: Tag, text: str, parent_tags: Any) -> str:
        classes = el.get("class", [])
        if "admonition" in classes or "quiz" in classes:
            quoted = "\n".join(f"> {line}".rstrip() for line in re.sub(r"\n{3,}", "\n\n", text.strip()).splitlines())
            return f"\n\n{quoted}\n\n"
        return super().convert_div(el, text, parent_tags)

    def convert_p(self, el: Tag, text: str, parent_tags: Any) -> str:
        if "admonition-title" in el.get("class", []):
            return f"\n\n**{text.strip()}**\n\n"
        return super().convert_p(el, text, parent_tags)

    def convert_details(self, el: Tag, text: str, parent_tags: Any) -> str:
        summary = el.find("summary", recursive=False)
        title = summary.get_text(" ", strip=True) if summary else "More"
        return f"\n\n<details><summary>{title}</summary>\n\n{text.strip()}\n\n</details>\n\n"

    def convert_summary(self, el: Tag, text: str, parent_tags: Any) -> str:
        return ""

    def convert_li(self, el: Tag, text: str, parent_tags: Any) -> str:
        """Keep the letters of options, since the answers name them."""
        if el.parent is not None and el.parent.get("type") == "a":
            return f"- ({el['data-letter']}) {text.strip()}\n"
        return super().convert_li(el, text, parent_tags)


def to_markdown(html: str) -> str:
    """Return a piece of a page as Markdown."""
    soup = BeautifulSoup(html, "lxml")
    for unwanted in soup.select(UNWANTED):
        unwanted.decompose()
    for aside in soup.select(".quiz-kind, .quiz-objective"):
        aside.insert_before("(")
        aside.insert_after(")")
    for paragraph in soup.select(".quiz-options li > p:only-child, .quiz-feedbacks li > p, .quiz-partners li > p"):
        paragraph.unwrap()
    text = _Converter(heading_style="atx", bullets="-", escape_underscores=False, escape_asterisks=False).convert_soup(
        soup
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip()
