"""Every node that pages use has a printed form; any other is an error."""

import pypdfium2
import pytest
from docutils import nodes
from sphinx.errors import SphinxError

CASES = {
    "emphasis": ("*soft* **hard** `code` and H{sub}`2`O", "soft hard code and H2O"),
    "bullet list": ("- one\n- two\n  - inner", "one"),
    "numbered list from seven": ("7. seven\n8. eight", "7. seven 8. eight"),
    "definition list": ("Term\n: Meaning of it", "Term Meaning of it"),
    "quote": ("> said\n>\n> -- Someone", "said"),
    "line block": ("```{line-block}\nfirst\nsecond\n```", "first second"),
    "code": ("```python\nx = 1\n```", "x = 1"),
    "note": (":::{note}\nInside\n:::", "Note Inside"),
    "warning": (":::{warning}\nInside\n:::", "Warning Inside"),
    "titled box": (":::{admonition} Own title\nInside\n:::", "Own title Inside"),
    "dropdown": ("```{dropdown} Open\nInside\n```", "Open Inside"),
    "card": ("```{card} Title\nInside\n```", "Title Inside"),
    "grid": (
        "::::{grid} 2\n:::{grid-item-card} One\nFirst\n:::\n:::{grid-item}\nSecond\n:::\n::::",
        "One First Second",
    ),
    "tabs": ("::::{tab-set}\n:::{tab-item} A\nFirst\n:::\n:::{tab-item} B\nSecond\n:::\n::::", "A First B Second"),
    "footnote": ("Word[^a] and again[^a].\n\n[^a]: The note.", "The note."),
    "table": ("| a | b |\n|---|---|\n| c | d |", "a b c d"),
    "spanned table": (
        "```{list-table} Cap\n:header-rows: 1\n\n* - h1\n  - h2\n* - x\n  - y\n```", "Table 1 Cap h1 h2 x y"),
    "figure": ("```{figure} dot.png\n:alt: a red dot\n\nThe caption\n```", "Fig. 1 The caption"),
    "image": ("![a red dot](dot.png)", "Page"),
    "inline mathematics": ("so $x^2$ it is", "so"),
    "numbered equation": ("```{math}\n:label: eq-a\nx = 1\n```\n\nSee {eq}`eq-a`.", "(1) See (1)."),
    "amsmath": ("\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}", "Page"),
    "exercise": ("```{exercise} Try\n:label: e1\nDo it\n```\n\n```{solution} e1\nDone\n```", "Exercise 1 (Try) Do it"),
    "topic": ("```{topic} Aside\nInside\n```", "Aside Inside"),
    "transition": ("before\n\n---\n\nafter", "before"),
    "rubric": ("```{rubric} Small head\n```\n\ntext", "Small head text"),
    "glossary": ("```{glossary}\nrind\n    a layer\n```\n\nSee {term}`rind`.", "rind a layer See rind."),
    "epigraph": ("```{epigraph}\nWise words\n```", "Wise words"),
    "outer link": ("[here](https://example.org/a_b?c=d#e)", "here"),
    "smart characters": ("100 % # * _ $ ~ ^ \\ { } < > @ \" ' ` ] [ // /* ;.", "100 % # * _"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_node_is_set(press, name):
    markdown, expected = CASES[name]
    printed = press.print(f"# Page\n\n{markdown}\n")
    assert printed.warnings == ""
    assert expected in printed.text()


EVIDENCE = {
    "extensions": ["myst_nb", "sphinx_exercise", "sphinxcontrib.bibtex", "bookkit.evidence", "bookkit.charts",
                   "bookkit.teach", "bookkit.typst"],
    "bibtex_bibfiles": ["references.bib"], "bibtex_reference_style": "book", "bibtex_default_style": "book",
    "teach_checks": [], "suppress_warnings": ["bibtex.duplicate_citation"], "evidence_gate_exclude": ["works"],
}  # fmt: skip
BACK = {"facts": "# Facts\n\n```{evidence-index}\n```\n", "works": "# Works\n\n```{bibliography}\n```\n"}


def test_a_fact_in_a_solution_leaves_no_broken_link_in_an_edition_without_solutions(press):
    exercise = "```{exercise} Try\n:label: e1\nDo it\n```\n\n```{solution} e1\nIt is {fact}`median`.\n```"
    printed = press.print("# Start\n", EVIDENCE, one=f"# One\n\n{exercise}\n", **BACK)
    assert printed.warnings == ""
    assert "One, solutions or notes" in printed.text()
    assert "18.1" not in printed.text("handouts/one")


def test_a_chart_is_set_with_its_values(press):
    chart = "```{intervals} Medians.\n:name: fig-a\n:alt: A dot and a line.\nmedian | Both drugs\n```\n"
    printed = press.print("# Start\n", EVIDENCE, one=f"# One\n\n{chart}", **BACK)
    assert printed.warnings == ""
    text = printed.text("handouts/one").replace("\N{NO-BREAK SPACE}", " ")
    assert "Values and sources of this figure" in text
    assert "Both drugs: 18.1 months (95% CI 16.8 to 21.0; n = 303)" in text
    assert '"A dot and a line."' in printed.source("handouts/one")


def test_links_between_documents_stay_inside_the_book_and_become_text_in_a_handout(press):
    printed = press.print("# Start\n", one="# One\n\nSee {doc}`two`.\n", two="# Two\n\nText.\n")
    assert "#link(<p-two>)" in printed.source()
    assert "See Two." in printed.text("handouts/one")
    assert "link" not in printed.source("handouts/one")


def test_a_handout_links_to_the_online_book_where_there_is_one(press):
    printed = press.print(
        "# Start\n", {"typst_online_url": "https://example.org/book/"}, one="# One\n\nSee {doc}`two`.\n", two="# Two\n"
    )
    assert 'link("https://example.org/book/two.html")' in printed.source("handouts/one")


def test_solutions_can_be_left_out(press):
    text = "# Page\n\n```{exercise} Try\n:label: e1\nDo it\n```\n\n```{solution} e1\nThe secret\n```\n"
    assert "The secret" in press.print(text, {"typst_solutions": "inline"}).text()
    assert "The secret" not in press.print(text, {"typst_solutions": "omit"}).text()


def test_solutions_can_stand_at_the_end(press):
    text = "# Page\n\n```{exercise} Try\n:label: e1\nDo it\n```\n\n```{solution} e1\nThe secret\n```\n\nLast words.\n"
    printed = press.print(text, {"typst_solutions": "end"}).text()
    assert "Last words. Solutions Solution to Exercise 1 (Try) The secret" in printed


def test_handouts_come_in_editions_of_their_own(press):
    exercise = "# One\n\n```{exercise}\n:label: e1\nDo it\n```\n\n```{solution} e1\nThe secret\n```\n"
    editions = {"full": {"solutions": "inline"}, "class-letter": {"paper": "us-letter", "solutions": "omit"}}
    printed = press.print("# Start\n", {"typst_editions": editions}, one=exercise)
    assert "The secret" in printed.text("full/one")
    assert "The secret" not in printed.text("class-letter/one")
    page = pypdfium2.PdfDocument(printed.out / "class-letter/one.pdf")[0]
    assert page.get_size() == pytest.approx((612, 792), abs=1)


@pytest.mark.parametrize("wrong", [{"paper": "a3"}, {"solutions": "maybe"}, {"colour": "red"}])
def test_an_edition_that_makes_no_sense_is_named(press, wrong):
    with pytest.raises(SphinxError, match="typst_editions: odd"):
        press.print("# Start\n", {"typst_editions": {"odd": wrong}})


def test_section_figure_and_table_numbers_are_those_of_the_pages(press):
    chapter = (
        "# Chapter\n\n## Part of it\n\n```{figure} dot.png\n:name: f\n:alt: a red dot\n\nCap\n```\n\n{numref}`f`\n"
    )
    index = "# Start\n\n```{toctree}\n:numbered:\none\ntwo\n```\n"
    (press.folder / "one.md").write_text("# First\n")
    (press.folder / "two.md").write_text(chapter)
    printed = press.print(index)
    assert "2 Chapter 2.1 Part of it" in printed.text("handouts/two")
    assert "Fig. 2.1 Cap Fig. 2.1" in printed.text("handouts/two")


def test_an_unknown_node_is_an_error_with_its_name_and_place(press, monkeypatch):
    class strange(nodes.General, nodes.Element):
        pass

    from bookkit.typst import builder

    original = builder.Translator.translate

    def with_strange(self, document):
        node = strange()
        node.line = 3
        document[0] += node
        return original(self, document)

    monkeypatch.setattr(builder.Translator, "translate", with_strange)
    with pytest.raises(SphinxError, match=r"index\.md:3: the node 'strange' has no printed form yet"):
        press.print("# Page\n")
    assert not (press.folder / "_out" / "book.pdf").exists()


def test_an_image_without_alt_text_is_an_error(press):
    with pytest.raises(SphinxError, match=r"index\.md.*dot\.png' has no alt text"):
        press.print("# Page\n\n```{figure} dot.png\n\nCap\n```\n")


def test_a_table_s_head_that_would_count_as_prose_is_an_error(press):
    table = "# P\n\n```{list-table}\n:header-rows: 1\n\n* - {head}\n  - Source\n* - x\n  - y\n```\n"
    long = press.print(table.replace("{head}", "What was seen and what it does not show")).warnings
    assert "the head of this table has 10 words: use at most 7" in long
    assert press.print(table.replace("{head}", "What was seen, in whom")).warnings == ""


def test_a_formula_that_cannot_be_set_is_an_error_with_its_place(press):
    with pytest.raises(SphinxError, match=r"index\.md:3: .*smash"):
        press.print("# Page\n\n$\\smash{x}$\n")


def test_a_failing_build_leaves_the_earlier_pdfs_alone(press):
    first = press.print("# Page\n\nGood.\n").out / "book.pdf"
    before = first.read_bytes()
    with pytest.raises(SphinxError):
        press.print("# Page\n\n$\\smash{x}$\n")
    assert first.read_bytes() == before


def test_the_same_sources_give_the_same_bytes(press):
    text = "# Page\n\n$x^2$ and a figure\n\n```{figure} dot.png\n:alt: a red dot\n\nCap\n```\n"
    one = (press.print(text).out / "book.pdf").read_bytes()
    assert (press.print(text).out / "book.pdf").read_bytes() == one


def test_title_page_names_book_author_version_and_date(press):
    text = press.print("# Page\n", {"typst_subtitle": "For all"}).text()
    for part in ("Small book", "For all", "Someone", "Version 9.9", "2 January 2026"):
        assert part in text


def test_outputs_of_cells_are_set(press):
    notebook = """{"cells": [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Lab"},
    {"cell_type": "code", "id": "b", "execution_count": 1, "metadata": {}, "source": "show()", "outputs": [
      {"output_type": "stream", "name": "stdout", "text": "printed line\\n"},
      {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {
        "text/plain": "plain form", "text/html": "<table><caption>Cap</caption><thead><tr><th>Head</th></tr></thead>\
<tbody><tr><td>7 &amp; 8</td></tr></tbody></table>"}}]}],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "nbformat": 4, "nbformat_minor": 5}""".replace("\\\n", "")
    (press.folder / "lab.ipynb").write_text(notebook)
    text = press.print("# Start\n\n```{toctree}\nlab\n```\n").text("handouts/lab")
    assert "show()" in text
    assert "printed line" in text
    assert "Cap Head 7 & 8" in text
    assert "plain form" not in text
