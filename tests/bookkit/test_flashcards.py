"""Flashcards: what stands on them, and that both outputs hold them all."""

from __future__ import annotations

import sqlite3
import zipfile

import pypdfium2
import pytest

from bookkit import flashcards
from bookkit.teach.glossary import Term

TERMS = (
    Term(term="pleura", definition="A lining; see {term}`lung`, and {term}`here <lung>`."),
    Term(term="a < b", definition="*Less*."),
)
PAGES = [{"docname": "book/01-x", "takeaways": [{"text": "Deaths follow by decades, not days.", "key": "decades"}]}]


@pytest.fixture
def deck():
    return flashcards.cards(TERMS, PAGES)


def test_a_term_asks_for_its_definition_and_a_takeaway_for_its_phrase(deck):
    assert [(card.front, card.back) for card in deck] == [
        ("pleura", "A lining; see lung, and here."),
        ("a < b", "Less."),
        ("Deaths follow by […], not days.", "Deaths follow by decades, not days."),
    ]


def test_the_package_holds_every_card_and_keeps_progress_when_a_side_is_reworded(deck, tmp_path):
    def notes(cards):
        flashcards.write_anki(cards, "Book", tmp_path / "x.apkg")
        with zipfile.ZipFile(tmp_path / "x.apkg") as package:
            package.extract("collection.anki2", tmp_path)
        with sqlite3.connect(tmp_path / "collection.anki2") as base:
            return dict(base.execute("select guid, flds from notes").fetchall())

    first = notes(deck)
    assert len(first) == len(deck)
    assert "a &lt; b\x1fLess." in first.values()
    reworded = [flashcards.Card(card.key, card.front, card.back + " Indeed.", card.tag) for card in deck]
    assert notes(reworded).keys() == first.keys()


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("us-letter", (612, 792))])
def test_sheets_put_each_back_behind_its_front(tmp_path, paper, size):
    deck = [flashcards.Card(str(i), f"front{i}", f"back{i}", "t") for i in range(9)]
    flashcards.write_sheets(deck, "Book", tmp_path / "x.pdf", paper)
    pdf = pypdfium2.PdfDocument(tmp_path / "x.pdf")
    assert len(pdf) == 4
    assert pdf[0].get_size() == pytest.approx(size, abs=1)
    text = [" ".join(sheet.get_textpage().get_text_range().split()) for sheet in pdf]
    assert text[0].split() == [f"front{i}" for i in range(8)]
    assert text[1].split() == [f"back{i}" for i in (1, 0, 3, 2, 5, 4, 7, 6)]
    assert list(tmp_path.iterdir()) == [tmp_path / "x.pdf"]
