"""No number without a source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookkit.evidence.gate import find_numbers, said_twice
from bookkit.evidence.ledger import LedgerError
from bookkit.evidence.names import load_names

NAMES = ["CheckMate 743", "MARS 2"]


def found(text):
    return [number for _, number in find_numbers(text, NAMES)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Median survival was 18.1 months.", ["18.1"]),
        ("About 80% of tumours.", ["80"]),
        ("In 1960 he saw it.", ["1960"]),
        ("From 10 to 20 years.", ["10", "20"]),
        ("A ratio of 1:100:500.", ["1:100:500"]),
        ("Some 2,040 men.", ["2,040"]),
        ("Twenty people died.", ["Twenty"]),
        ("It took two years.", ["two years"]),
        ("Nine per cent of them.", ["Nine per cent"]),
        ("A third of patients responded.", ["A third of patients"]),
        ("half of the people", ["half of the people"]),
        ("Thousands of deaths.", ["Thousands"]),
        ("MARS 3 was never run.", ["3"]),
        ("rose 5-fold", ["5"]),
        ("phase 3", ["3"]),
        ("a two-fold rise", ["two-fold"]),
    ],
)
def test_a_typed_measurement_is_found(text, numbers):
    assert found(text) == numbers


@pytest.mark.parametrize(
    "text",
    [
        "PD-1 and PD-L1 on CD8 T cells, with IL-2, CTLA-4, BAP1, p16, T2N1 and Ki-67.",
        "CheckMate 743 and MARS 2 were randomised.",
        "Two layers meet at one fold, and three questions follow.",
        "No number at all.",
    ],
)
def test_names_and_small_counts_pass(text):
    assert found(text) == []


def test_a_name_passes_only_as_a_whole():
    assert found("CheckMate 7431") == ["7431"]


@given(st.integers(0, 10**9), st.sampled_from(["{} months", "in {}", "({}%)", "n = {}", "{}."]))
def test_any_bare_integer_is_found(number, pattern):
    assert found(pattern.format(number))


def test_the_gate_names_file_and_line(small_book):
    built = small_book.build(index="# Page\n\nFirst sentence.\nSecond says 18 months.\n")
    assert "index.md:4: ERROR: number without a source: '18'" in built.warnings


def test_numbers_in_headings_lists_tables_and_captions_are_found(small_book):
    text = "# Page 7\n\n- item 8\n\n| a | b |\n|---|---|\n| 9 | c |\n\n:::{note}\nInside 10\n:::\n"
    built = small_book.build(index=text)
    for number in ("7", "8", "9", "10"):
        assert f"number without a source: '{number}'" in built.warnings


@pytest.mark.parametrize(
    "text",
    [
        "Code `x = 18`, mathematics $x = 18$ and\n\n```python\nx = 18\n```\n\n$$y = 19$$",
        "{fact}`median` and {cite:p}`baas2021first`.",
        "{given}`90 minutes|length of a class`.",
        "A list:\n\n1. first\n2. second",
        "<https://example.org/2020/18>",
        "See {numref}`tab-z`.\n\n```{evidence} Table\n:name: tab-z\nmedian\n```",
    ],
)
def test_numbers_with_a_source_pass(small_book, text):
    assert small_book.build(index=f"# Page\n\n{text}\n").warnings == ""


def test_link_text_is_prose(small_book):
    assert "without a source: '18'" in small_book.build(index="# Page\n\n[18 months](https://example.org)\n").warnings


@pytest.mark.parametrize("role", ["fact-number", "fact-value", "fact-interval"])
def test_a_value_without_a_citation_near_it_is_refused(small_book, role):
    built = small_book.build(index=f"# Page\n\nIt was {{{role}}}`median`.\n\nElsewhere {{fact-source}}`median`.\n")
    assert "index.md:3: ERROR: value without its source" in built.warnings


@pytest.mark.parametrize("citation", ["{fact-source}`median`", "{cite:t}`baas2021first`", "{fact}`median`"])
def test_a_value_with_a_citation_in_its_paragraph_passes(small_book, citation):
    assert small_book.build(index=f"# Page\n\nIt was {{fact-number}}`median`, says {citation}.\n").warnings == ""


@pytest.mark.parametrize(
    ("names", "part"), [({"MARS 2": ""}, "reason"), ({"743": "x"}, "bare number"), ({"MARS": "x"}, "digit")]
)
def test_a_name_needs_letters_a_digit_and_a_reason(tmp_path, names, part):
    import yaml

    (tmp_path / "names.yaml").write_text(yaml.safe_dump(names))
    with pytest.raises(LedgerError, match=part):
        load_names(tmp_path)


@pytest.mark.parametrize(
    ("before", "printed", "after", "twice"),
    [
        ("In ", "68% of countries", " of high-income countries it was banned", "of countries"),
        ("and ", "6% of patients (95% CI 2 to 11; n = 120)", " of people", "of patients"),
        ("the hazard ratio was ", "hazard ratio 0.73", ".", "hazard ratio"),
        ("In ", "68% of countries", " it was banned, of those asked", ""),
        ("The hazard ratio fell in all groups that were looked at: ", "hazard ratio 0.73", "", ""),
        ("Of all, ", "6%", " of patients", ""),
    ],
)
def test_a_unit_that_the_sentence_repeats_is_found(before, printed, after, twice):
    assert said_twice(before, printed, after) == twice
