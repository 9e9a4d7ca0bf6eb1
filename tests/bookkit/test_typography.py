"""How numbers, units and intervals are set."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_books import write_ledger

from bookkit.evidence.ledger import Fact, Ledger, LedgerError
from bookkit.evidence.typography import format_number, join_words, load_units, print_fact


@pytest.fixture
def ledger(tmp_path):
    return Ledger(write_ledger(tmp_path))


@pytest.fixture
def units(tmp_path):
    return load_units(write_ledger(tmp_path))


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2040, "2,040"),
        (0.73, "0.73"),
        (-3.5, "\N{MINUS SIGN}3.5"),
        (500, "500"),
        (7.39e39, "7.39 × 10³⁹"),
        (1e10, "10¹⁰"),
        (0, "0"),
        (2e-5, "2 × 10⁻⁵"),
        (1000000, "1,000,000"),
    ],
)
def test_numbers_are_set_in_one_way(value, text):
    assert plain(format_number(value)) == text


def test_years_take_no_comma(units):
    fact = Fact(
        id="y",
        source="s",
        statement="s",
        value=1963,
        unit="calendar year of peak exposure",
        locator="x",
        seen_in="abstract",
    )
    assert print_fact(fact, (), units).number == "1963"


@given(st.integers(-(10**8), 10**8))
def test_a_set_integer_reads_back(value):
    assert int(format_number(value).replace(",", "").replace("\N{MINUS SIGN}", "-")) == value


def test_value_interval_and_number_studied(ledger, units):
    printed = print_fact(ledger.fact("median"), (), units)
    assert plain(printed.value) == "18.1 months"
    assert plain(printed.details) == "95% CI 16.8 to 21.0; n = 303"


def test_an_element_takes_its_own_unit(ledger, units):
    assert plain(print_fact(ledger.fact("deaths"), (0,), units).value) == "2,040 deaths"


def test_a_list_is_joined_as_words(ledger, units):
    assert print_fact(ledger.fact("ratio"), (), units).number == "500, 100 and 1"
    assert join_words(["a"]) == "a"


def test_a_date_is_written_out(ledger, units):
    assert plain(print_fact(ledger.fact("approval"), (), units).value) == "2 October 2020"


def test_an_element_that_does_not_exist_is_an_error(ledger, units):
    with pytest.raises(LedgerError, match=r"no element \[7\]"):
        print_fact(ledger.fact("ratio"), (7,), units)


def test_words_are_not_printed_as_a_value(ledger, units):
    with pytest.raises(LedgerError, match="fact-source"):
        print_fact(ledger.fact("words"), (), units)


def test_a_unit_pattern_needs_a_place_for_the_number(tmp_path):
    with pytest.raises(LedgerError, match=r"units\.yaml: 'mm'"):
        load_units(write_ledger(tmp_path, {"units.yaml": {"mm": "mm"}}))


def test_every_printed_unit_of_the_book_belongs_to_a_fact(root):
    """A pattern that no fact uses is a misspelling or left over."""
    ledger = Ledger(root / "evidence")
    text = "\n".join(str(f.unit) for f in ledger.facts.values())
    assert [unit for unit in load_units(root / "evidence") if unit not in text] == []
