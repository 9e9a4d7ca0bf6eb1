"""The gallery looks as it did when someone last looked at it and found it good.

After a change of the template that is meant, write the pictures anew and look at each:
``GALLERY=write python -m pytest tests/bookkit/typst/test_gallery.py``.
"""

import os
from pathlib import Path

import matplotlib.image
import numpy as np
import pypdfium2
import pytest
from conftest_typst import CONFIG

HERE = Path(__file__).with_name("gallery")
SCALE = 0.8


LESSONS = {
    "extensions": [*CONFIG["extensions"], "bookkit.teach"],
    "bibtex_bibfiles": ["references.bib"],
    "bibtex_reference_style": "book",
    "bibtex_default_style": "book",
    "typst_solutions": "end",
}
GALLERIES = {"index": {"typst_solutions": "inline"}, "lessons": LESSONS}


def pictures(press, name: str) -> list[np.ndarray]:
    """Return a gallery's pages as grey pictures, values between 0 and 1."""
    printed = press.print((HERE / f"{name}.md").read_text(encoding="utf-8"), GALLERIES[name])
    assert printed.warnings == ""
    pdf = pypdfium2.PdfDocument(printed.out / "book.pdf")
    return [page.render(scale=SCALE, grayscale=True).to_numpy().squeeze() / 255 for page in pdf]


@pytest.mark.parametrize("name", GALLERIES)
def test_the_gallery_looks_as_reviewed(press, name):
    pages = pictures(press, name)
    if os.environ.get("GALLERY") == "write":
        for old in HERE.glob(f"{name}-*.png"):
            old.unlink()
        for number, picture in enumerate(pages, start=1):
            matplotlib.image.imsave(HERE / f"{name}-{number}.png", picture, cmap="gray", vmin=0, vmax=1)
        pytest.skip("pictures written: look at each of them, then commit")
    reviewed = sorted(HERE.glob(f"{name}-*.png"))
    assert len(pages) == len(reviewed)
    for path, picture in zip(reviewed, pages, strict=True):
        expected = matplotlib.image.imread(path)[..., 0]
        assert picture.shape == expected.shape, path.name
        assert np.abs(picture - expected).mean() < 0.002, f"{path.name} looks different"


def test_the_comparison_sees_a_lost_line(press):
    first = pictures(press, "index")[2]
    lost = first.copy()
    dark_rows = np.flatnonzero(first.min(axis=1) < 0.5)
    lost[dark_rows[:8]] = 1
    assert np.abs(first - lost).mean() > 0


def test_meaning_survives_in_grey(press):
    """Kinds of boxes differ by their rules, not by colour alone."""
    template = (Path(__file__).parents[3] / "src/bookkit/typst/template.typ").read_text(encoding="utf-8")
    start = template.index("#let rules = (")
    rules = [
        line.split(":", 1)[1] for line in template[start : template.index("#let callout")].splitlines() if ": (" in line
    ]
    kinds = {line.strip().replace("luma(60)", "").replace("theme-colour", "") for line in rules}
    assert len(kinds) >= 8
