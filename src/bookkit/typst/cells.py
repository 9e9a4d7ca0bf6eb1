"""Cells of notebooks, and the boxes, cards and tabs of sphinx-design."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes

from bookkit.typst import escape


class CellNodes:
    """Methods for containers: what a container is stands in its attributes and classes."""

    def set_container(self, node: nodes.Element) -> str:
        if node.get("nb_element") == "cell_code_output":
            return f"\n#output-block[{self.children(node)}]\n"
        component = node.get("design_component")
        if component:
            return self._design(component, node)
        return self.anchors(node) + self.children(node)

    def _design(self, component: str, node: nodes.Element) -> str:
        handler = {
            "dropdown": self._dropdown,
            "card": self._card,
            "card-title": self._card_title,
            "tab-item": self._tab,
            "grid-row": self._grid_row,
            "badge": self.set_inline,
        }
        return handler.get(component, self._plain)(node)

    def _plain(self, node: nodes.Element) -> str:
        return self.anchors(node) + self.children(node)

    def _grid_row(self, node: nodes.Element) -> str:
        """Set figures of one row side by side; cells of text stand below each other, the measure being narrow."""
        if not any(node.findall(nodes.image)):
            return self._plain(node)
        cells = "".join(f"[{self.set(child)}]," for child in node.children)
        return f"\n#side-by-side({cells})\n"

    def _dropdown(self, node: nodes.Element) -> str:
        title = node.children[0] if node.get("has_title") and node.children else None
        body = "".join(self.set(child) for child in node.children if child is not title)
        heading = self.children(title) if title is not None else escape.text("More")
        return self.box("dropdown", heading, body, self.anchors(node))

    def _card(self, node: nodes.Element) -> str:
        return f"\n#card[{self.anchors(node)}{self.children(node)}]\n"

    def _card_title(self, node: nodes.Element) -> str:
        return f"\n#box-title[{self.children(node)}]\n"

    def _tab(self, node: nodes.Element) -> str:
        label, *content = node.children
        return self.box("tab", self.children(label), "".join(map(self.set, content)), self.anchors(node))

    def image_path(self, node: nodes.Element) -> Path:
        """Return where an image of a document or of a cell lies."""
        uri = node["uri"]
        path = Path(uri)
        return path if path.is_absolute() else Path(self.env.srcdir) / uri
