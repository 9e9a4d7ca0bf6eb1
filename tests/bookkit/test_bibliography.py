"""references.bib is what the ledger gives: complete, escaped, honest."""

import pybtex.database
import pytest
from small_books import write_ledger

from bookkit.evidence import bibliography
from bookkit.evidence.citation_style import BookFormattingStyle
from bookkit.evidence.ledger import Ledger


@pytest.fixture(scope="module")
def real(root):
    return Ledger(root / "evidence")


@pytest.fixture(scope="module")
def parsed(root):
    return pybtex.database.parse_file(root / "references.bib")


def small(tmp_path):
    return pybtex.database.parse_string(bibliography.render(Ledger(write_ledger(tmp_path))), "bibtex").entries


def formatted(entry):
    return BookFormattingStyle().format_entry(entry.key, entry).text.render_as("text")


def test_the_committed_file_is_what_the_ledger_gives(root, real):
    assert (root / "references.bib").read_text(encoding="utf-8") == bibliography.render(real)


def test_each_printable_work_stands_in_it_once(real, parsed):
    assert set(parsed.entries) == {key for key, work in real.sources.items() if work.printable}
    text = bibliography.render(real)
    assert all(text.count(f"{{{key},\n") == 1 for key in parsed.entries)


def test_every_work_with_an_address_keeps_it(real, parsed):
    for key, entry in parsed.entries.items():
        work = real.sources[key]
        if work.address or work.read_at:
            assert {"doi", "url", "pubmed"} & set(entry.fields), key


def test_authors_survive_the_round_trip(real, parsed):
    for key, entry in parsed.entries.items():
        names = [str(person) for person in entry.persons.get("author", [])]
        assert bool(names) == bool(real.sources[key].author), key
    assert str(parsed.entries["aihw2020mesothelioma"].persons["author"][0]).strip("{}") == (
        "Australian Institute of Health and Welfare"
    )


def test_every_entry_can_be_formatted(parsed):
    for entry in parsed.entries.values():
        text = formatted(entry)
        assert text.endswith(".")
        assert "{" not in text
        assert "\\" not in text, text


def test_special_characters_are_escaped_and_come_back(tmp_path):
    entry = small(tmp_path)["baas2021first"]
    assert r"\&" in entry.fields["title"]
    assert "First-line nivolumab & ipilimumab" in formatted(entry)
    assert "https" not in formatted(entry)
    assert "10.1016/x_1" in formatted(entry)


def test_an_incomplete_work_says_what_was_not_seen(tmp_path):
    text = formatted(small(tmp_path)["anonndpage"])
    assert text == (
        "A page without an author. n.d. https://example.org/page. "
        "Not seen: author; year. Read as reproduced at the address given."
    )


def test_background_works_are_left_out(tmp_path):
    assert "hidden" not in small(tmp_path)


def test_a_missing_title_is_not_invented(real, parsed):
    untitled = [key for key in parsed.entries if not real.sources[key].title]
    assert untitled
    for key in untitled:
        assert "[title not seen]" in formatted(parsed.entries[key])
        assert "title" not in parsed.entries[key].fields


def test_works_that_would_be_cited_alike_get_letters(tmp_path):
    entries = small(tmp_path)
    assert entries["baas2021first"].fields["yearsuffix"] == "a"
    assert entries["baas2021other"].fields["yearsuffix"] == "b"


def test_writing_twice_changes_nothing(tmp_path):
    ledger = Ledger(write_ledger(tmp_path / "evidence"))
    assert bibliography.write(ledger, tmp_path / "references.bib")
    assert not bibliography.write(ledger, tmp_path / "references.bib")
