"""Contrast of the theme's colours, computed from the style sheet; plots in both themes."""

from __future__ import annotations

import re

import pytest

from bookkit.web import plots
from mesosim.plots import COLOURS, DARK_COLOURS

TEXTS = ("text-base", "text-muted", "link", "link-hover", "inline-code", "heading", "primary")
GROUNDS = ("background", "surface")


def colours(root, theme: str) -> dict[str, str]:
    css = (root / "src/bookkit/web/static/theme.css").read_text(encoding="utf-8")
    block = re.search(rf'html\[data-theme="{theme}"\] \{{(.*?)\}}', css, re.DOTALL)[1]
    return dict(re.findall(r"--pst-color-([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_computation_knows_black_and_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_on_every_ground(root, theme):
    found = colours(root, theme)
    for ground in GROUNDS:
        for text in TEXTS:
            assert contrast(found[text], found[ground]) >= 4.5, (theme, text, ground)
    assert contrast(found["text-base"], found["target"]) >= 4.5


def test_curves_stand_out_in_both_themes(root):
    for ours, theme in ((COLOURS, "light"), (DARK_COLOURS, "dark")):
        ground = colours(root, theme)["background"]
        assert min(contrast(colour, ground) for colour in ours) >= 3


def test_a_dark_twin_has_dark_paper_light_ink_and_the_light_colours():
    svg = (
        f'<?xml?><svg width="1"><path style="fill: #ffffff"/><path style="stroke: {COLOURS[1].upper()}"/><text/></svg>'
    )
    dark = plots.darken(svg)
    assert f'<svg fill="{plots.INK}" width="1">' in dark
    assert f"fill: {plots.PAPER}" in dark
    assert f"stroke: {DARK_COLOURS[1]}" in dark
    assert "#ffffff" not in dark


def test_each_plot_of_a_page_has_its_twin(book):
    images = book.article("notebooks/01-epidemic-after-the-ban").select("img.plot-light")
    assert len(images) >= 4
    for image in images:
        twin = image.find_next_sibling("img")
        assert "plot-dark" in twin["class"]
        assert twin["alt"] == image["alt"]
        assert (book.html / "notebooks" / twin["src"]).resolve().is_file()
