"""Tables, from documents and from the HTML that pandas writes."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag
from docutils import nodes
from sphinx.util import logging

from bookkit.typst import escape

logger = logging.getLogger(__name__)
HEAD_WORDS = 7
"""A table's head that is repeated on a second page is no content, and a longer one would count as prose left out."""


class TableNodes:
    """Methods for tables."""

    def set_table(self, node: nodes.Element) -> str:
        group = next(child for child in node.children if isinstance(child, nodes.tgroup))
        title = next((child for child in node.children if isinstance(child, nodes.title)), None)
        widths = [spec.get("colwidth", 1) for spec in group.findall(nodes.colspec)]
        head = [row for part in group.children if isinstance(part, nodes.thead) for row in part.children]
        body = [row for part in group.children if isinstance(part, nodes.tbody) for row in part.children]
        _check_head(head)
        caption = (self.number_of("table", node) + self.children(title)) if title else ""
        columns = ", ".join(f"{width}fr" for width in self.column_weights(widths, head + body))
        table = self.table(columns, self._rows(head), self._rows(body), caption, self.anchors(node))
        return f"\n#landscape[{table}]\n" if "landscape" in node["classes"] else table

    def column_weights(self, widths: list[int], rows: list[nodes.Element]) -> list[float]:
        """Return relative widths: the writer's, or by the length of the text where all are the same."""
        if len(set(widths)) > 1:
            return widths
        longest = [8.0] * len(widths)
        for row in rows:
            for position, entry in enumerate(row.children[: len(widths)]):
                if not entry.get("morecols"):
                    text = entry.astext()
                    word = max((len(w) for w in text.split()), default=1)
                    longest[position] = max(longest[position], word * 1.6, min(len(text), 160) ** 0.75)
        return [round(length, 1) for length in longest]

    def table(self, columns: str, head: str, body: str, caption: str, anchors: str) -> str:
        """Set a table with repeated heads; it may run over pages."""
        header = f"table.header({head})," if head else ""
        return f"\n#table-block([{caption}], columns: ({columns},), {header} {body})[{anchors}]\n\n"

    def _rows(self, rows: list[nodes.Element]) -> str:
        return "".join(self._entry(entry) for row in rows for entry in row.children)

    def _entry(self, entry: nodes.Element) -> str:
        spans = {"colspan": entry.get("morecols", 0) + 1, "rowspan": entry.get("morerows", 0) + 1}
        options = ", ".join(f"{name}: {span}" for name, span in spans.items() if span > 1)
        body = f"[{self.children(entry).strip()}]"
        return f"table.cell({options}){body}," if options else f"{body},"

    def html_table(self, markup: str) -> str:
        """Set a table that a notebook printed as HTML."""
        table = BeautifulSoup(markup, "lxml").find("table")
        head = [row for row in table.select("thead tr")]
        body = [row for row in table.select("tbody tr")] or [row for row in table.select("tr") if row not in head]
        count = max(len(row.find_all(["td", "th"])) for row in head + body)
        caption = table.find("caption")
        weights = _html_weights(head + body, count)
        columns = ", ".join(f"{weight}fr" for weight in weights)
        text = escape.text(caption.get_text(" ", strip=True)) if caption else ""
        return self.table(columns, _html_rows(head), _html_rows(body), text, "")


def _check_head(rows: list[nodes.Element]) -> None:
    """Report a head with so many words that a checker of accessibility takes its repetition for lost prose."""
    for row in rows:
        words = [word for word in row.astext().split() if word[0].isalpha()]
        if len(words) > HEAD_WORDS and sum(word[0].islower() for word in words) > HEAD_WORDS // 2:
            logger.error(
                "the head of this table has %d words: use at most %d, for it is repeated where the table goes on",
                len(words), HEAD_WORDS, location=row, type="typst", subtype="table",
            )  # fmt: skip


def _html_rows(rows: list[Tag]) -> str:
    return "".join(_html_cell(cell) for row in rows for cell in row.find_all(["td", "th"]))


def _html_cell(cell: Tag) -> str:
    spans = {name: int(cell.get(name, 1)) for name in ("colspan", "rowspan")}
    options = ", ".join(f"{name}: {span}" for name, span in spans.items() if span > 1)
    body = f"[{escape.text(cell.get_text(' ', strip=True))}]"
    return f"table.cell({options}){body}," if options else f"{body},"


def _html_weights(rows: list[Tag], count: int) -> list[float]:
    longest = [6.0] * count
    for row in rows:
        for position, cell in enumerate(row.find_all(["td", "th"])[:count]):
            text = cell.get_text(" ", strip=True)
            word = max((len(w) for w in text.split()), default=1)
            longest[position] = max(longest[position], word * 1.3, min(len(text), 120) ** 0.8)
    return [round(length, 1) for length in longest]
