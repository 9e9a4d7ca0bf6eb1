"""Plots that follow the theme: each Matplotlib picture gets a twin in the colours of the dark pages."""

from __future__ import annotations

import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from mesosim.plots import COLOURS, DARK_COLOURS

INK, PAPER = "#e4e2dd", "#16181b"
SWAPS = {
    "#ffffff": PAPER,
    "#000000": INK,
    "#262626": INK,
    "#b0b0b0": "#6a6f76",
    "#666666": "#a9adb3",
    **dict(zip(COLOURS, DARK_COLOURS, strict=True)),
}
_HEX = re.compile(r"#[0-9a-fA-F]{6}\b")


def darken(svg: str) -> str:
    """Return a Matplotlib SVG in the colours of dark pages; what names no colour is ink."""
    swapped = _HEX.sub(lambda match: SWAPS.get(match.group().lower(), match.group()), svg)
    return re.sub(r"<svg ", f'<svg fill="{INK}" ', swapped, count=1)


class TwinPlots(SphinxPostTransform):
    """Puts a dark twin beside each plot; the style sheet shows one of the two."""

    default_priority = 300
    builders = ("html", "dirhtml", "singlehtml")

    def run(self, **kwargs: object) -> None:
        for image in list(self.document.findall(nodes.image)):
            path = Path(self.env.srcdir) / image["uri"]
            if path.suffix != ".svg" or not path.is_file():
                continue
            svg = path.read_text(encoding="utf-8")
            if "Matplotlib" not in svg[:3000]:
                continue
            twin = path.with_name(f"{path.stem}-dark.svg")
            twin.write_text(darken(svg), encoding="utf-8")
            image.parent.insert(image.parent.index(image) + 1, self._twin(image, twin.name))
            image["classes"].append("plot-light")

    def _twin(self, image: nodes.image, name: str) -> nodes.image:
        copy = image.deepcopy()
        copy["uri"] = str(Path(image["uri"]).with_name(name))
        copy["candidates"] = {"*": copy["uri"]}
        copy["classes"].append("plot-dark")
        copy["loading"] = "lazy"
        self.env.images.add_file(self.env.docname, copy["uri"])
        return copy


def setup(app: Sphinx) -> None:
    """Register the twins."""
    app.add_post_transform(TwinPlots)
