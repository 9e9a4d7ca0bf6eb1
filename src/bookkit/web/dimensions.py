"""Every picture says how large it is before it has come, so that nothing below it moves."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree
from PIL import Image
from sphinx.application import Sphinx

_IMG = re.compile(r"<img\b[^>]*>")
_SRC = re.compile(r'src="([^"]+)"')
_LENGTH = re.compile(r"^\s*([\d.]+)")


@cache
def size(path: Path) -> tuple[int, int] | None:
    """Return width and height of a picture in pixels, or None when it does not say."""
    if path.suffix != ".svg":
        with Image.open(path) as picture:
            return picture.size
    root = etree.parse(path).getroot()
    lengths = [_LENGTH.match(root.get(name, "")) for name in ("width", "height")]
    if all(lengths):
        return tuple(round(float(length[1])) for length in lengths)
    box = root.get("viewBox", "").replace(",", " ").split()
    return (round(float(box[2])), round(float(box[3]))) if len(box) == 4 else None


def add_dimensions(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Give each picture of a page its width and height."""
    if doctree is None or "body" not in context:
        return
    places = {name: Path(app.srcdir) / source for source, name in app.builder.images.items()}

    def sized(match: re.Match[str]) -> str:
        tag = match.group()
        source = _SRC.search(tag)
        path = places.get(source[1].rsplit("/", 1)[-1]) if source else None
        found = size(path) if path and " width=" not in tag and path.is_file() else None
        return tag.replace("<img ", f'<img width="{found[0]}" height="{found[1]}" ', 1) if found else tag

    context["body"] = _IMG.sub(sized, context["body"])


def setup(app: Sphinx) -> None:
    """Register the sizes."""
    app.connect("html-page-context", add_dimensions)
