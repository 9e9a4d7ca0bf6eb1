"""The line of things to take away below a page's head: handout, question sheet, notebook."""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from bookkit.teach.state import lesson_of

HANDOUTS = (("handouts", "A4"), ("handouts-letter", "US Letter"))
SHEETS = (("questions", "A4"), ("questions-letter", "US Letter"))


class DownloadLine(SphinxTransform):
    """Puts the links where readers of pages see them; paper and notebooks don't need them."""

    default_priority = 440

    def apply(self, **kwargs: object) -> None:
        name = self.env.docname
        head = next((box for box in self.document.findall(nodes.admonition) if "page-head" in box["classes"]), None)
        if head is None or not self.config.teach_downloads:
            return
        parts = [self._files("Handout", HANDOUTS)]
        if lesson_of(self.env, name).questions:
            parts.append(self._files("Question sheet", SHEETS))
        if any(box.get("nb_element") == "cell_code" for box in self.document.findall(nodes.container)):
            parts.append(self._notebook())
        html = f'<p class="downloads">To take with you: {"; ".join(parts)}.</p>'
        head.parent.insert(head.parent.index(head) + 1, nodes.raw("", html, format="html"))

    def _link(self, path: str, text: str, label: str) -> str:
        up = "../" * self.env.docname.count("/")
        return (
            f'<a href="{escape(up)}downloads/{escape(path)}" aria-label="{escape(label)}" download>{escape(text)}</a>'
        )

    def _stem(self) -> str:
        return self.env.docname.rsplit("/", 1)[-1]

    def _files(self, what: str, folders: tuple[tuple[str, str], ...]) -> str:
        links = (
            self._link(f"pdf/{folder}/{self._stem()}.pdf", paper, f"{what}, PDF, {paper}") for folder, paper in folders
        )
        return f"{what} (PDF) {', '.join(links)}"

    def _notebook(self) -> str:
        links = [self._link(f"notebooks/{self._stem()}.ipynb", "notebook", "Jupyter notebook of this lab")]
        needed = "the models it needs"
        links.append(self._link(f"notebooks/{self.config.teach_wheel}", needed, f"{needed}, a Python wheel"))
        for service, pattern in self.config.teach_launch.items():
            address = escape(pattern.format(notebook=f"{self._stem()}.ipynb"))
            links.append(f'<a href="{address}" rel="external">open in {escape(service)}</a>')
        return ", ".join(links)


def setup(app: Sphinx) -> None:
    """Register the line; ``teach_launch`` names services, such as Colab, with an address that holds ``{notebook}``."""
    app.add_config_value("teach_downloads", False, "env", [bool])
    app.add_config_value("teach_wheel", "", "env", [str])
    app.add_config_value("teach_launch", {}, "env", [dict])
    app.add_transform(DownloadLine)
