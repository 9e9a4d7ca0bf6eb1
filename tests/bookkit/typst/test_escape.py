"""Text is printed as it is, whatever characters it has."""

import pypdfium2
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from bookkit.typst import escape

PRINTABLE = st.text(alphabet=[chr(c) for c in range(33, 127)] + list(" éü–µ≤"), min_size=1, max_size=60)


@given(st.lists(PRINTABLE, min_size=1, max_size=8))
@settings(max_examples=25, deadline=None)
def test_any_text_survives(texts):
    source = "#set page(width: 60cm, height: 40cm)\n#set text(ligatures: false)\n"
    source += "\n\n".join(f"{escape.text('A' + text + 'Z')}(.;[" for text in texts)
    pdf = pypdfium2.PdfDocument(typst.compile(source.encode(), format="pdf", ignore_system_fonts=True))
    found = "".join("".join(page.get_textpage().get_text_range() for page in pdf).split())
    assert found == "".join("".join(f"A{text}Z(.;[" for text in texts).split())


@given(st.text())
def test_a_label_holds_only_what_labels_may(text):
    assert escape.label(text, text).replace("-", "").replace("_", "").replace(".", "").isalnum()


def test_different_places_have_different_labels():
    assert len({escape.label(a, b) for a in ("x/y", "x_y", "x-y", "x y") for b in ("1", "_1", "")}) == 12


def test_line_ends_are_spaces():
    assert escape.text("one\ntwo") == '#"one two";'
